/* The API's speed, and its proof: the questions of an analyst put to `nemd serve`, and to DuckDB over the same Parquet.
 *
 *   node bench/api.mjs [BUILD]      (make bench-api [STORE=DIR] [ROUNDS=15] [SQLROUNDS=3] [SECONDS=20] [THINKING=60] [IDLE=10000])
 *
 * Three years of the simulated market, the whole fleet of some 500 units at five minutes, come out of nemsim's archive into STORE,
 * which is kept for the next time. Then, in one run:
 *
 *   start      from exec to the first answer, the grid being current
 *   questions  each asked of ROUNDS other ranges, one connection: the server's own time before encoding and what of it the processor worked (its
 *              Server-Timing header), and the time until the last byte is here; beside it DuckDB's, all cores, files warm, the same range, and whether
 *              the answers are equal, number by number
 *   load       64 connections that never wait, then 1,000 that think for 10 to 20 s, then idle ones: bench_load.c
 *
 * A part whose number is 0 (ROUNDS, SECONDS, THINKING, IDLE) is left out.
 *
 * nemsim, the clients and DuckDB share the machine's cores with the server. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { questions } from './api_questions.mjs';

const build = process.argv[2] ?? 'build';
const setting = (name, otherwise) => Number(process.env[name] || otherwise);
const folder = process.env.STORE || '/tmp/nemd-bench-api', store = join(folder, 'store');
const rounds = setting('ROUNDS', 15), sqlRounds = setting('SQLROUNDS', 3);
const first = '2023-01-01', last = '2025-12-31', days = 1096;
const nemd = join(build, 'nemd');
process.setMaxListeners(0);
const scratch = mkdtempSync(join(tmpdir(), 'nemd-api-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const run = (command, args, more) => execFileSync(command, args, { stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 28, ...more }).toString();
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/* -- the store -- */

async function fill() {
  const datasets = 'prices5,scada5,transmission5,regions5,rooftop30,demand30';
  if (existsSync(join(folder, 'filled'))) return;
  mkdirSync(folder, { recursive: true });
  const sim = spawn(join(build, 'nemsim'), ['serve', '--port', '0', '--now', '2026-02-20T12:07:00', '--speed', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.on('exit', () => sim.kill());
  const [line] = await once(sim.stdout, 'data');
  const source = String(line).match(/http\S+/)[0];
  console.log(`filling ${store}, which takes some minutes`);
  for (let tries = 1; ; tries++) { /* the simulator may take longer for a file than nemd waits */
    try {
      run(nemd, ['backfill', '--from', first, '--to', last, '--dataset', datasets, '--source', source, '--data', store]);
      break;
    } catch (trouble) {
      if (tries === 8) throw trouble;
    }
  }
  run(nemd, ['units', 'refresh', '--source', source, '--data', store]);
  writeFileSync(join(folder, 'filled'), '');
  sim.kill();
}

/* -- the server -- */

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/* Milliseconds out of Server-Timing; NaN where it has none. */
const timeOf = ({ headers }, name) => Number(headers['server-timing']?.match(new RegExp(`${name};dur=([\\d.]+)`))?.[1] ?? NaN);

function ask(port, path, headers = {}) {
  return new Promise((done, failed) => {
    const begun = performance.now();
    const asked = request({ host: '127.0.0.1', port, path, agent, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const ms = performance.now() - begun, body = Buffer.concat(chunks);
        if (response.statusCode !== 200) failed(new Error(`${path}: ${response.statusCode} ${body.subarray(0, 300)}`));
        else done({ ms, body, server: timeOf(response, 'answer'), cpu: timeOf(response, 'cpu') });
      });
    });
    asked.on('error', failed);
    asked.end();
  });
}

async function serve() {
  const child = spawn(nemd, ['serve', '--port', '0', '--data', store], { stdio: ['ignore', 'pipe', 'pipe'] });
  process.on('exit', () => child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { said += text; });
  const begun = performance.now();
  while (!/Dashboard: \S+:(\d+)/.test(said)) {
    if (child.exitCode !== null || performance.now() - begun > 60000) throw new Error(`serve: ${said}`);
    await sleep(1);
  }
  return { child, port: Number(said.match(/Dashboard: \S+:(\d+)/)[1]) };
}

const stop = async ({ child }) => { child.kill(); await once(child, 'exit'); };

/* MB of anonymous memory, where the system tells. */
function anonymous({ child }) {
  try {
    return Number(readFileSync(`/proc/${child.pid}/status`, 'utf8').match(/RssAnon:\s+(\d+)/)[1]) / 1024;
  } catch {
    return NaN;
  }
}

async function measureStart() {
  const took = [];
  for (let i = 0; i < 7; i++) {
    const begun = performance.now(), server = await serve();
    await ask(server.port, '/v1/gauges/today');
    took.push(performance.now() - begun);
    await stop(server);
  }
  console.log(`\nstart to the first answer: ${median(took).toFixed(0)} ms (median of ${took.length}; ${Math.min(...took).toFixed(0)} to ${Math.max(...took).toFixed(0)})`);
}

/* A server whose grid is as the units and the files say. */
async function serveWhole() {
  const server = await serve();
  for (let i = 0; ; i++) {
    if (JSON.parse((await ask(server.port, '/v1/meta')).body).meta.complete) return server;
    if (i === 600) throw new Error('the grid was not whole within ten minutes');
    await sleep(1000);
  }
}

/* -- questions -- */

function csvOf(text) {
  const [head, ...lines] = text.trimEnd().split('\n').map((line) => line.match(/("([^"]|"")*"|[^,]*)(,|$)/g).map((cell) => cell.replace(/,$/, '').replace(/^"|"$/g, '')));
  return lines.map((line) => Object.fromEntries(head.map((name, i) => [name, line[i]])));
}

/* Both are maps from a name to a number; NaN and null are what isn't there, and 0 may be left out. Ours have five decimals, and sums of a
 * hundred thousand numbers depend on their order in the twelfth digit or so. */
function differences(ours, theirs) {
  let compared = 0;
  const wrong = [];
  for (const name of new Set([...ours.keys(), ...theirs.keys()])) {
    const a = ours.get(name) ?? NaN, b = theirs.get(name) ?? NaN;
    if (Number.isNaN(a) && Number.isNaN(b)) continue;
    compared++;
    if (Number.isNaN(b) ? Math.abs(a) > 0 : !(Math.abs((a || 0) - b) <= 5.1e-6 + 1e-10 * Math.abs(b))) wrong.push(`${name}: ${a} and ${b}`);
  }
  return { compared, wrong };
}

async function measure(server, list) {
  const sqls = [];
  for (const q of list) {
    const times = [], server_ms = [], cpu = [], packed = [];
    let answer, asked;
    for (let i = 0; i < rounds; i++) {
      asked = q.draw();
      answer = await ask(server.port, asked.path);
      times.push(answer.ms), server_ms.push(answer.server), cpu.push(answer.cpu);
      packed.push((await ask(server.port, q.draw().path, { 'Accept-Encoding': 'gzip' })).ms);
    }
    q.result = { client: median(times), server: median(server_ms), cpu: median(cpu), packed: median(packed), bytes: answer.body.length };
    q.ours = asked.numbers(JSON.parse(answer.body));
    q.asked = asked;
    q.file = join(scratch, `${q.name}.sql`);
    writeFileSync(q.file, asked.sql);
    sqls.push(q.file);
  }
  const said = run(join(build, 'bench_sql'), [store, String(sqlRounds), ...sqls]);
  let failed = false;
  console.log('\nmedians, ms                       server  its processor   to the last byte    gzipped     KB    DuckDB    × server   × last byte   equal');
  for (const q of list) {
    const duck = Number(said.match(new RegExp(`/${q.name}\\.sql ([\\d.]+)`))[1]);
    const { compared, wrong } = differences(q.ours, q.asked.theirs(csvOf(readFileSync(`${q.file}.csv`, 'utf8'))));
    failed ||= wrong.length > 0 || compared === 0;
    const r = q.result, cell = (value, digits, width) => value.toFixed(digits).padStart(width);
    console.log(`${q.title.padEnd(32)} ${cell(r.server, 2, 7)} ${cell(r.cpu, 2, 14)} ${cell(r.client, 2, 18)} ${cell(r.packed, 2, 10)} ${cell(r.bytes / 1e3, 0, 6)} ${cell(duck, 0, 9)} ${cell(duck / r.server, 0, 11)} ${cell(duck / r.client, 0, 13)}   ${wrong.length ? `NO: ${wrong.length} of ${compared}, ${wrong[0]}` : `${compared} numbers`}`);
  }
  return !failed;
}

/* -- load -- */

async function load(server, names, connections, seconds, ...more) {
  const child = spawn(join(build, 'bench_load'), [server.port, names, first, days, connections, seconds, ...more].map(String), { stdio: ['ignore', 'inherit', 'inherit'] });
  const [status] = await once(child, 'exit');
  console.log(`anonymous memory of serve: ${anonymous(server).toFixed(0)} MB`);
  return status === 0;
}

async function idle(server, count) {
  const before = anonymous(server);
  const child = spawn(join(build, 'bench_load'), [server.port, 'idle', count].map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const stand = Number(String(line).match(/\d+/)[0]);
  await sleep(500); /* those that were accepted last get to their loop */
  const times = [];
  for (let i = 0; i < 50; i++) times.push((await ask(server.port, '/v1/gauges/today')).ms);
  const open = Number(String((await ask(server.port, '/metrics')).body).match(/^nemd_http_connections (\d+)/m)?.[1]);
  console.log(`\n${stand} idle connections (the server counts ${open}): ${(anonymous(server) - before).toFixed(1)} MB more, ${((anonymous(server) - before) * 1024 / stand).toFixed(1)} KB each; /v1/gauges/today meanwhile ${median(times).toFixed(2)} ms`);
  child.stdin.end();
  await once(child, 'exit');
  return stand === count;
}

await fill();
await stop(await serveWhole());
await measureStart();
const server = await serveWhole();
const stations = JSON.parse(run(nemd, ['query', '--data', store, '--format', 'json',
  "SELECT station, list(DISTINCT duid) AS duids FROM units WHERE coalesce(valid_to, DATE '2999-01-01') > DATE '2025-12-31' AND duid IN (SELECT duid FROM scada5 WHERE settlementdate = TIMESTAMP '2025-06-01 12:00:00') GROUP BY ALL ORDER BY ALL"]));
const names = join(scratch, 'stations');
writeFileSync(names, stations.map((s) => encodeURIComponent(s.station)).join('\n'));
const seconds = setting('SECONDS', 20), thinking = setting('THINKING', 60), idlers = setting('IDLE', 10000);
const results = [];
console.log(`anonymous memory of serve at first: ${anonymous(server).toFixed(0)} MB`);
if (rounds) {
  results.push(await measure(server, questions({ first, days, stations: stations.map((s) => s.station) })));
  console.log(`anonymous memory of serve: ${anonymous(server).toFixed(0)} MB`);
}
if (seconds) {
  console.log('\n64 connections that never wait, distinct requests');
  results.push(await load(server, names, 64, seconds));
  console.log('\nthe same, gzipped');
  results.push(await load(server, names, 64, seconds, 'gzip'));
}
if (thinking) {
  console.log('\n1,000 analysts who think for 10 to 20 s, gzipped');
  results.push(await load(server, names, 1000, thinking, 10, 'gzip'));
}
await stop(server);
if (idlers) { /* on a server that has had no load, whose memory would hide theirs */
  const fresh = await serveWhole();
  for (let i = 0; i < 20; i++) await ask(fresh.port, '/v1/gauges/today');
  results.push(await idle(fresh, idlers));
  await stop(fresh);
}
process.exit(results.every(Boolean) ? 0 : 1);
