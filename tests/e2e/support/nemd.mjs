/* Runs nemd and looks at what it leaves behind. */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const program = process.env.NEMD ?? fileURLToPath(new URL('../../../build/nemd', import.meta.url));

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/* Calls [probe] until it gives something, or fails. */
export async function until(what, probe, ms = 60000) {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(20)) {
    const found = await probe();
    if (found) return found;
  }
  throw new Error(`waited ${ms} ms in vain for ${what}`);
}

/* Work for when [t] has ended, the last first: a process is killed before its folder is removed. */
const stacks = new WeakMap();
export function later(t, work) {
  if (!stacks.has(t)) {
    const stack = [];
    stacks.set(t, stack);
    t.after(async () => {
      while (stack.length) await stack.pop()();
    });
  }
  stacks.get(t).push(work);
}

/* A folder of its own for a test, removed behind it. */
export function folderFor(t) {
  const folder = mkdtempSync(join(tmpdir(), 'nemd-e2e-'));
  later(t, () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/* Nothing of the caller's environment reaches nemd: no settings, no proxy, no home. */
const environment = (extra) => ({ PATH: process.env.PATH, HOME: '/nonexistent', NO_PROXY: '*', ...extra });

/* Starts nemd, or another [command]. The result has what it printed so far, [ended] as a promise of
 * {status, signal, stdout, stderr, ms}, and stop(signal), which resolves alike. Killed when [t] ends,
 * or after a minute and a half, or [ms]. */
export function start(t, args, { env, command = program, ms = 90000 } = {}) {
  const begun = Date.now();
  const child = spawn(command, args, { env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  const run = { child, stdout: '', stderr: '', running: true };
  child.stdout.setEncoding('utf8').on('data', (text) => (run.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (run.stderr += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), ms);
  run.ended = new Promise((done, failed) => {
    child.on('error', failed);
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      run.running = false;
      done({ status, signal, stdout: run.stdout, stderr: run.stderr, ms: Date.now() - begun });
    });
  });
  run.stop = (signal = 'SIGTERM') => {
    const asked = Date.now();
    child.kill(signal);
    return run.ended.then((end) => ({ ...end, ms: Date.now() - asked }));
  };
  run.saw = (pattern, ms) => until(`${pattern} in\n${run.stdout}${run.stderr}`,
    () => (run.stdout + run.stderr).match(pattern), ms);
  if (t)
    later(t, async () => {
      if (run.running) await run.stop('SIGKILL');
    });
  return run;
}

export const nemd = (...args) => start(null, args).ended;

export const collectOnce = (source, data, ...more) =>
  nemd('collect', '--once', '--source', source, '--data', data, ...more);

/* The rows of a question, as objects. */
export async function rowsOf(data, sql) {
  const { status, stdout, stderr } = await nemd('--data', data, 'query', '--format', 'json', sql);
  if (status !== 0) throw new Error(`query: ${status} ${stderr}`);
  return JSON.parse(stdout);
}

export async function statusOf(data) {
  const { stdout, stderr, status } = await nemd('status', '--json', '--data', data);
  if (status !== 0 && status !== 3) throw new Error(`status: ${status} ${stderr}`);
  return JSON.parse(stdout);
}

function* filesBelow(folder) {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

export const filesOf = (data) => [...filesBelow(data)].map((path) => relative(data, path));

/* {"prices5/2025/2025-08-20.parquet": sha256, …} */
export function parquetOf(data) {
  const digest = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');
  return Object.fromEntries([...filesBelow(data)].filter((path) => path.endsWith('.parquet'))
    .map((path) => [relative(data, path), digest(path)]));
}

/* The lines of a log as objects: time=… level=… msg="…" file=… */
export function logLines(text) {
  return text.split('\n').filter((line) => line.startsWith('time=')).map((line) => {
    const fields = {};
    for (const [, key, quoted, plain] of line.matchAll(/(\w+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))/g))
      fields[key] = quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1');
    return fields;
  });
}

/* What the ledger says to [sql], as arrays of text, or null where there is no sqlite3 to ask. */
export function ledgerOf(data, sql, file = 'state.db') {
  try {
    const out = execFileSync('sqlite3', ['-cmd', '.timeout 5000', '-separator', '\t', join(data, file), sql],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return out.split('\n').filter(Boolean).map((line) => line.split('\t'));
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

/* Starts `serve` or `run` on a port of its own; the result's get(path) answers {status, headers,
 * body, json, ms}. */
export async function startServer(t, args, options) {
  const run = start(t, [...args, '--port', '0'], options);
  const [, port] = await run.saw(/Dashboard: http:\/\/127\.0\.0\.1:(\d+)/);
  run.port = Number(port);
  run.get = (path, { method = 'GET', headers = {}, body } = {}) => new Promise((done, failed) => {
    const begun = performance.now();
    const request = httpRequest({ host: '127.0.0.1', port: run.port, path, method, headers, agent: false }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', failed);
      response.on('end', () => {
        const body = Buffer.concat(chunks);
        const isJson = body.length && /json/.test(response.headers['content-type'] ?? '') &&
          !response.headers['content-encoding'];
        done({ status: response.statusCode, headers: response.headers, body,
          json: isJson ? JSON.parse(body) : undefined, ms: performance.now() - begun });
      });
    });
    request.on('error', failed);
    request.end(body);
  });
  /* [body] is text, or what becomes JSON. */
  run.post = (path, body, headers = {}) => run.get(path, { method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) });
  return run;
}
