/* Who receives alerts: certificates, an HTTPS server that behaves as Twilio documents it, an SMTP server. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { folderFor, later, start } from './nemd.mjs';

const python = '/usr/bin/python3';
export const hasSmtp = existsSync(python) && (() => {
  try {
    execFileSync(python, ['-c', 'import aiosmtpd'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/* An authority and a certificate of it for localhost, made by openssl: {ca, cert, key, other}; other is
 * the certificate of another authority. */
export function certificates(t) {
  const folder = folderFor(t);
  const path = (name) => join(folder, name);
  const openssl = (...args) => execFileSync('openssl', args, { stdio: 'ignore', cwd: folder });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  for (const name of ['ca', 'other'])
    openssl('req', '-x509', ...key, '-keyout', path(`${name}.key`), '-out', path(`${name}.pem`), '-subj', `/CN=test ${name}`);
  writeFileSync(path('san'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  openssl('req', ...key, '-keyout', path('key.pem'), '-out', path('request.pem'), '-subj', '/CN=localhost');
  openssl('x509', '-req', '-in', path('request.pem'), '-CA', path('ca.pem'), '-CAkey', path('ca.key'),
    '-CAcreateserial', '-days', '2', '-extfile', path('san'), '-out', path('cert.pem'));
  return { ca: path('ca.pem'), cert: path('cert.pem'), key: path('key.pem'), other: path('other.pem') };
}

/* A webhook: the messages that it took, and the status that it answers with. */
export async function receiver(t) {
  const got = [];
  let answer = () => 200;
  const server = createPlainServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk)).on('end', () => {
      const status = answer();
      if (status === 200) got.push({ key: request.headers['idempotency-key'], at: Date.now(), ...JSON.parse(body) });
      response.writeHead(status).end();
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  later(t, () => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  return { got, url: `http://127.0.0.1:${server.address().port}/`, answer: (how) => (answer = how) };
}

/* An HTTPS server. [answer](request, body) gives {status, body, headers}, or null to drop the connection, or
 * nothing to never answer. What came is in [got]. */
export async function httpsServer(t, files, answer) {
  const got = [];
  const server = createServer({ cert: readFileSync(files.cert), key: readFileSync(files.key) }, (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text) => (body += text)).on('end', () => {
      const { method, url, headers } = request;
      got.push({ method, url, headers, body });
      const how = answer(got.at(-1), got.length);
      if (how === null) return request.socket.destroy();
      if (!how) return undefined;
      response.writeHead(how.status, { 'Content-Type': 'application/json', ...how.headers });
      return response.end(JSON.stringify(how.body ?? {}));
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  later(t, () => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  return { url: `https://localhost:${server.address().port}`, got };
}

/* Twilio's API as documented: basic authentication, a form, 201 or an error with a code. */
export const twilio = (request) => {
  const form = new URLSearchParams(request.body);
  const error = (status, code, message) => ({
    status, body: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status } });
  const basic = `Basic ${Buffer.from('ACtest0:hunter2').toString('base64')}`;
  if (request.headers.authorization !== basic) return error(401, 20003, 'Authenticate');
  if (request.method !== 'POST' || request.url !== '/2010-04-01/Accounts/ACtest0/Messages.json')
    return error(404, 20404, 'The requested resource was not found');
  if (request.headers['content-type'] !== 'application/x-www-form-urlencoded') return error(415, 20415, 'no form');
  if (!/^\+\d{8,15}$/.test(form.get('To')) || form.get('To') === '+61491570110')
    return error(400, 21211, `The 'To' number ${form.get('To')} is not a valid phone number.`);
  if (!form.get('Body')) return error(400, 21602, 'Message body is required');
  return { status: 201, body: { sid: 'SM0', status: 'queued', to: form.get('To'), error_code: null } };
};

export async function smtpServer(t, mode, files, ...refuse) {
  const script = fileURLToPath(new URL('smtpd.py', import.meta.url));
  const run = start(t, [script, mode, files.cert, files.key, ...refuse], { command: python });
  const port = Number((await run.saw(/^(\d+)\n/))[1]);
  return { port, mails: () => run.stdout.split('\n').slice(1).filter(Boolean).map((line) => JSON.parse(line)) };
}
