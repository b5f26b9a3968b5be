/* A NEMWEB on the loopback: IIS folder pages over files in memory, with the faults that the real one
 * has. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { folders } from './market.mjs';
import { later, sleep } from './nemd.mjs';

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September',
  'October', 'November', 'December'];

/* "Tuesday, August 31, 2021 12:50 PM" or, newer, "5/14/2026  9:50 AM". */
function pageDate(style, i) {
  const date = new Date(Date.UTC(2025, 7, 20, 0, 5 * i));
  const [y, m, d, h] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), date.getUTCHours()];
  const time = `${h % 12 || 12}:${String(date.getUTCMinutes()).padStart(2, '0')} ${h < 12 ? 'AM' : 'PM'}`;
  return style === 'old' ? `${days[date.getUTCDay()]}, ${months[m]} ${d}, ${y} ${time}` : `${m + 1}/${d}/${y}  ${time}`;
}

const errorPage = '<!DOCTYPE html>\r\n<html><head><title>Error</title></head><body><h2>Request rejected</h2></body></html>';

export class Nemweb {
  files = new Map(); /* path below /Reports/CURRENT → {bytes, listed: size} */
  faults = new Map(); /* path → fault, see put */
  requests = []; /* {path, headers, status} */
  delay = 0; /* ms before each file */
  validators = false; /* folder pages have an ETag, and answer 304 */
  broken = null; /* the folder whose page is an error page with status 200 */
  style = { [folders.scada]: 'new', [folders.rooftop]: 'new' }; /* other folders: 'old' */
  #server = createServer((request, response) => {
    this.#answer(request, response).catch(() => response.destroy());
  });

  static async start(t, files = [], port = 0) {
    const nemweb = new Nemweb();
    for (const file of files) nemweb.put(file);
    await nemweb.listen(port);
    later(t, () => nemweb.close());
    return nemweb;
  }

  listen(port) {
    return new Promise((done, failed) => {
      this.#server.once('error', failed);
      this.#server.listen(port, '127.0.0.1', () => {
        this.port = this.#server.address().port;
        this.url = `http://127.0.0.1:${this.port}`;
        done();
      });
    });
  }

  close() {
    return new Promise((done) => {
      this.#server.close(done);
      this.#server.closeAllConnections();
    });
  }

  /* Offers a file {folder, name, bytes}, and lists it with [size]. [fault] is one of
   *   {statuses: [403, 429]}   these come first, then the file
   *   {status: 404}            always
   *   {html: true}             an HTML page with status 200
   *   {cut: n}                 n bytes of the body, then the connection ends
   *   {reset: true}            the connection is reset before any answer
   *   {drip: ms}               a byte now and then */
  put({ folder, name, bytes, size, fault }) {
    const path = `${folder}/${name}`;
    this.files.set(path, { bytes, listed: size ?? bytes.length });
    if (fault) this.faults.set(path, { ...fault });
    else this.faults.delete(path);
    return path;
  }

  count(path) {
    return this.requests.filter((r) => r.path === path).length;
  }

  /* Requests for files, not for folders. */
  get fetched() {
    return this.requests.filter((r) => !r.path.endsWith('/')).map((r) => r.path);
  }

  #page(folder) {
    const prefix = `/Reports/CURRENT/${folder ? `${folder}/` : ''}`;
    const style = this.style[folder] ?? 'old';
    const upper = style === 'old';
    const inner = new Map(); /* name → size, or null for a folder */
    for (const [path, { listed }] of this.files) {
      if (folder && !path.startsWith(`${folder}/`)) continue;
      const [name, ...more] = path.slice(folder ? folder.length + 1 : 0).split('/');
      inner.set(name, more.length ? null : listed);
    }
    const known = Object.values(folders).includes(folder) || folder === '';
    if (!inner.size && !known) return null;
    const lines = [...inner].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, size], i) => {
      const href = `${prefix}${name}${size === null ? '/' : ''}`;
      const word = size === null ? '&lt;dir&gt;' : String(size);
      const link = upper ? `<A HREF="${href}">${name}</A>` : `<a href="${href}">${name}</a>`;
      return `${pageDate(style, i).padStart(38)} ${word.padStart(12)} ${link}<br>`;
    });
    const title = `nemweb.com.au - ${prefix}`;
    return `<html><head><title>${title}</title></head><body><H1>${title}</H1><hr>\r\n\r\n` +
      `<pre><A HREF="/Reports/CURRENT/">[To Parent Directory]</A><br><br>${lines.join('')}</pre><hr></body></html>`;
  }

  async #answer(request, response) {
    const path = decodeURIComponent(request.url).replace(/^\/Reports\/CURRENT\//i, '');
    const entry = { path, headers: request.headers, status: 0, at: Date.now() };
    this.requests.push(entry);
    const send = (status, type, body, headers = {}) => {
      entry.status = status;
      response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), ...headers });
      response.end(status === 304 ? undefined : body);
    };
    if (path.endsWith('/')) {
      if (path.slice(0, -1) === this.broken) return send(200, 'text/html', errorPage);
      const page = this.#page(path.slice(0, -1));
      if (page === null) return send(404, 'text/html', errorPage);
      const etag = `"${createHash('sha256').update(page).digest('hex').slice(0, 16)}"`;
      if (this.validators && request.headers['if-none-match'] === etag) return send(304, 'text/html', '');
      return send(200, 'text/html', page, this.validators ? { ETag: etag } : {});
    }
    const file = this.files.get(path);
    const fault = this.faults.get(path) ?? {};
    if (this.delay) await sleep(this.delay);
    if (!file) return send(404, 'text/html', errorPage);
    if (fault.statuses?.length) return send(fault.statuses.shift(), 'text/html', errorPage);
    if (fault.status) return send(fault.status, 'text/html', errorPage);
    if (fault.html) return send(200, 'text/html', errorPage);
    const type = 'application/x-zip-compressed';
    if (fault.reset) return request.socket.resetAndDestroy?.() ?? request.socket.destroy();
    if (fault.cut !== undefined) {
      response.writeHead(200, { 'Content-Type': type, 'Content-Length': file.bytes.length });
      response.write(file.bytes.subarray(0, fault.cut));
      await sleep(20);
      return request.socket.destroy();
    }
    if (fault.drip) {
      response.writeHead(200, { 'Content-Type': type, 'Content-Length': file.bytes.length });
      for (const byte of file.bytes) {
        if (response.destroyed) return;
        response.write(Buffer.of(byte));
        await sleep(fault.drip);
      }
      return response.end();
    }
    return send(200, type, file.bytes);
  }
}
