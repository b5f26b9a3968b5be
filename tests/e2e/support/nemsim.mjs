/* Runs nemsim, and asks it as a client of NEMWEB would. */
import { request as httpRequest } from 'node:http';
import { fileURLToPath } from 'node:url';
import { start } from './nemd.mjs';

export const command = process.env.NEMSIM ?? fileURLToPath(new URL('../../../build/nemsim', import.meta.url));

export const nemsim = (...args) => start(null, args, { command }).ended;

/* One request on a connection of its own: {status, headers, body}. Fails like the connection does,
 * with what had come as the error's [partial]; [ms] is how long silence is borne. */
export const ask = (url, { method = 'GET', body, ms = 30000 } = {}) => new Promise((done, failed) => {
  const chunks = [];
  const fail = (error) => failed(Object.assign(error, { partial: Buffer.concat(chunks) }));
  const request = httpRequest(url, { method, agent: false, timeout: ms }, (response) => {
    response.on('data', (chunk) => chunks.push(chunk));
    response.on('error', fail);
    response.on('end', () => done({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }));
  });
  request.on('timeout', () => request.destroy(new Error('silence')));
  request.on('error', fail);
  request.end(body);
});

/* What a folder's page lists: {name, href, size}, without size for a folder. */
export function entriesOf(page) {
  const html = page.toString();
  return [...html.matchAll(/(&lt;dir&gt;|\d+) <a href="([^"]+)">([^<]+)<\/a>/gi)]
    .map(([, size, href, name]) => ({ name, href, ...(size.startsWith('&') ? {} : { size: Number(size) }) }));
}

/* Starts `nemsim serve`, which stays as long as its test. [url] is its root; get(path), list(path) and
 * setClock(now, speed) ask it. */
export async function startSim(t, ...args) {
  const run = start(t, ['serve', '--port', '0', ...args], { command, ms: 600000 });
  const [, url] = await run.saw(/^listening on (http:\/\/127\.0\.0\.1:\d+)\n/);
  run.url = url;
  run.get = (path, options) => ask(url + path, options);
  run.list = async (path) => {
    const { status, body } = await run.get(path);
    if (status !== 200) throw new Error(`${path}: ${status}`);
    return entriesOf(body);
  };
  run.setClock = async (now, speed = 0) => {
    const { status, body } = await run.get('/clock', { method: 'POST', body: `now=${now}&speed=${speed}` });
    if (status !== 200) throw new Error(body.toString());
  };
  return run;
}
