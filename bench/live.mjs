/* What a live cycle costs, and what waiting costs.
 *
 *   node bench/live.mjs [BUILD] [CYCLES] [MINUTES]      (make bench-live CYCLES=12 MINUTES=6)
 *
 * Cycles: a simulated day up to its last hour is collected from a folder; then the files of an interval at a time come into it, to
 * midnight. For each, the processor time that all of nemd's threads took, beyond what looking alone takes, and the time from the first
 * of its Parquet files to the last.
 *
 * Idle: over a simulated NEMWEB whose clock is the real one, behind a proxy that counts requests: nemd by its own timetable, its
 * processor time, how often it woke, and its requests, in pieces of 15 s. */
import { spawn, spawnSync } from 'node:child_process';
import http from 'node:http';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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

const renames = (store) => readdirSync(store, { recursive: true }).filter((name) => /\/\d{4}\/[\d-]+\.parquet$/.test(name))
  .map((name) => statSync(join(store, name)).ctimeMs);
const feeds = 'DispatchIS_Reports,Dispatch_SCADA,TradingIS_Reports,P5_Reports,ROOFTOP_PV/ACTUAL,Operational_Demand/ACTUAL_HH';

/* Waits until nemd does no more than look. */
async function calm(nemd) {
  for (let last = 0, tries = 0; tries < 200; tries++) {
    await sleep(3000);
    const now = spent(nemd).ms;
    if (tries > 3 && now - last < 10) return;
    last = now;
  }
}

/* Files of the day's last hour come into a folder that `nemd collect` looks into every five seconds, an interval at a time. */
async function measureCycles() {
  const [source, later, store] = ['source', 'later', 'store'].map((name) => join(scratch, name));
  const day = new Date(Date.now() + (10 + 48) * 3600000).toISOString().slice(0, 10); /* whose half hours are not past */
  const next = new Date(Date.parse(day) + 86400000).toISOString().slice(0, 10);
  const written = spawnSync(join(build, 'nemsim'), ['write', source, '--from', `${day}T00:00`, '--to', `${next}T00:01`, '--feeds', feeds]);
  if (written.status) throw new Error(String(written.stderr));
  const timeOf = (name) => name.match(/_(20\d{10})/)[1];
  const all = readdirSync(source, { recursive: true }).filter((name) => name.endsWith('.zip'));
  const times = [...new Set(all.map(timeOf))].sort().slice(-Number(cycles));
  const move = (names, from, to) => names.forEach((name) => {
    mkdirSync(dirname(join(to, name)), { recursive: true });
    renameSync(join(from, name), join(to, name));
  });
  move(all.filter((name) => times.includes(timeOf(name))), source, later);
  const nemd = startNemd(source, store, '--interval', '5');
  await calm(nemd);
  const begun = spent(nemd).ms;
  await sleep(30000);
  const look = (spent(nemd).ms - begun) / 6;
  console.log(`a look into ${feeds.split(',').length} folders of ${all.length} files, nothing new: ${look.toFixed(1)} ms of processor`);
  const costs = [], spans = [];
  for (const time of times) {
    const names = all.filter((name) => timeOf(name) === time), before = spent(nemd).ms, at = Date.now();
    move(names, later, source);
    await sleep(15000);
    const cost = spent(nemd).ms - before - 3 * look, stamps = renames(store).filter((stamp) => stamp > at);
    const span = Math.max(...stamps) - Math.min(...stamps);
    console.log(`${time} ${names.length} files ${cost.toFixed(1).padStart(7)} ms of processor, ${stamps.length} Parquet files within ${span.toFixed(0)} ms`);
    costs.push(cost);
    spans.push(span);
  }
  console.log(`median ${median(costs).toFixed(1)} ms of processor, Parquet files within ${median(spans).toFixed(0)} ms`);
  nemd.kill();
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

if (Number(cycles)) await measureCycles();
if (Number(minutes)) await measureIdle();
process.exit(0);
