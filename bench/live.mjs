/* What a live cycle costs: `nemd collect` over a simulated NEMWEB, with a proxy between them that counts requests and sees when files
 * were listed.
 *
 *   node bench/live.mjs [BUILD] [CYCLES] [MINUTES]      (make bench-live CYCLES=12 MINUTES=6)
 *
 * Cycles: the simulated clock stands at 22:55 and, once all that is listed is stored, goes on by five minutes at a time to midnight and
 * beyond. For each step, the processor time that all of nemd's threads took, polling included; and from the answer that first listed
 * an interval's files to the last of its rows being visible, which is when the last file was renamed into place.
 *
 * Idle: with both clocks the real one, a process that goes by its own timetable; its processor time, how often it woke, and its
 * requests, by the minute of the interval. */
import { spawn } from 'node:child_process';
import http from 'node:http';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const [build = 'build', cycles = '12', minutes = '6'] = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'nemd-live-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

async function startSim(...options) {
  const child = spawn(join(build, 'nemsim'), ['serve', '--port', '0', '--control', ...options]);
  process.on('exit', () => child.kill());
  const [line] = await once(child.stdout, 'data');
  return { child, url: String(line).match(/http\S+/)[0] };
}

/* Passes requests on, and notes each: its path, and when its answer was complete. */
async function startProxy(target) {
  const seen = [];
  const agent = new http.Agent({ keepAlive: true });
  const server = http.createServer((request, response) => {
    const entry = { path: request.url, at: Date.now(), file: /\.zip$/i.test(request.url) };
    seen.push(entry);
    const onward = http.request(target + request.url, { headers: request.headers, method: request.method, agent }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
      answer.on('end', () => { entry.done = Date.now(); entry.status = answer.statusCode; });
    });
    onward.on('error', () => response.destroy());
    onward.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.on('exit', () => server.close());
  return { seen, url: `http://127.0.0.1:${server.address().port}` };
}

function startNemd(url, store, ...options) {
  const child = spawn(join(build, 'nemd'), ['collect', '--source', url, '--data', store, ...options], { stdio: 'ignore' });
  process.on('exit', () => child.kill('SIGKILL'));
  return child;
}

/* Milliseconds of the processor that all threads took, and how often they gave it up. */
function spent(child) {
  let ms = 0, waits = 0;
  for (const thread of readdirSync(`/proc/${child.pid}/task`)) {
    try {
      ms += Number(readFileSync(`/proc/${child.pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
      waits += Number(readFileSync(`/proc/${child.pid}/task/${thread}/status`, 'utf8').match(/voluntary_ctxt_switches:\s+(\d+)/)[1]);
    } catch { /* it has just ended */ }
  }
  return { ms, waits };
}

/* Waits until no file was asked for during [quiet] ms; at most two hours. */
async function settle(seen, quiet) {
  for (let i = 0; i < 72000; i++) {
    const last = seen.findLast((s) => s.file);
    if (seen.length && (!last || Date.now() - (last.done ?? Date.now()) > quiet) && Date.now() - seen[0].at > quiet) return;
    await sleep(100);
  }
}

const lastRename = (store) => readdirSync(store, { recursive: true }).filter((name) => /[^/]\/\d{4}\/[\d-]+\.parquet$/.test(name))
  .reduce((latest, name) => Math.max(latest, statSync(join(store, name)).ctimeMs), 0);

/* Feeds that have a file for each interval. */
const everyInterval = ['DispatchIS', 'Dispatch_SCADA', 'TradingIS', 'P5_Reports'];

async function measureCycles() {
  const day = new Date(Date.now() + (10 + 48) * 3600000).toISOString().slice(0, 10); /* half hours are not past yet */
  let now = Date.parse(`${day}T22:55:50Z`);
  const sim = await startSim('--now', new Date(now).toISOString().slice(0, 19), '--speed', '0');
  const proxy = await startProxy(sim.url);
  const store = join(scratch, 'cycles');
  const nemd = startNemd(proxy.url, store, '--interval', '5');
  await settle(proxy.seen, 20000);
  console.log(`${proxy.seen.filter((s) => s.file).length} files to begin with, ${spent(nemd).ms.toFixed(0)} ms`);
  const costs = [], times = [];
  for (let i = 0; i < Number(cycles); i++) {
    now += 300000;
    const from = proxy.seen.length, before = spent(nemd).ms;
    await fetch(`${sim.url}/clock`, { method: 'POST', body: `now=${new Date(now).toISOString().slice(0, 19)}` });
    const asked = () => proxy.seen.slice(from).filter((s) => s.file && s.done);
    for (let tries = 0; tries < 600 && !everyInterval.every((feed) => asked().some((s) => s.path.includes(feed))); tries++) await sleep(200);
    await settle(proxy.seen, 6000);
    const seen = proxy.seen.slice(from), files = seen.filter((s) => s.file);
    const listed = Math.min(...files.map((f) => seen.findLast((s) => !s.file && s.done <= f.at)?.done ?? Infinity));
    const cost = spent(nemd).ms - before, took = lastRename(store) - listed;
    console.log(`${new Date(now).toISOString().slice(11, 16)} ${String(files.length).padStart(3)} files ${String(seen.length - files.length).padStart(3)} listings ${cost.toFixed(1).padStart(7)} ms of processor ${took.toFixed(0).padStart(6)} ms from listed to the last rename`);
    costs.push(cost);
    times.push(took);
  }
  console.log(`median ${median(costs).toFixed(1)} ms of processor, ${median(times).toFixed(0)} ms from listed to stored`);
  nemd.kill();
  sim.child.kill();
}

async function measureIdle() {
  const sim = await startSim();
  const proxy = await startProxy(sim.url);
  const nemd = startNemd(proxy.url, join(scratch, 'idle'));
  await settle(proxy.seen, 15000);
  const marks = [];
  for (let i = 0; i <= Number(minutes) * 4; i++) {
    marks.push({ at: Date.now(), requests: proxy.seen.length, ...spent(nemd) });
    if (i < Number(minutes) * 4) await sleep(15000);
  }
  console.log('\nseconds of the interval   requests   ms of processor   waits, in 15 s each');
  for (let i = 1; i < marks.length; i++) {
    const [a, b] = [marks[i - 1], marks[i]];
    console.log(`${(Math.floor(a.at / 1000) % 300).toString().padStart(3)} to ${(Math.floor(b.at / 1000) % 300).toString().padStart(3)} ${String(b.requests - a.requests).padStart(22)} ${(b.ms - a.ms).toFixed(1).padStart(17)} ${String(b.waits - a.waits).padStart(7)}`);
  }
  nemd.kill();
  sim.child.kill();
}

await measureCycles();
await measureIdle();
process.exit(0);
