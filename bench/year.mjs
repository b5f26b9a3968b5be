/* A year of every dataset from the simulated NEMWEB's archive, month by month: what it takes and how the store grows.
 *
 *   node bench/year.mjs [BUILD] [YEAR] [MONTHS]      (make bench-year YEAR=2024 MONTHS=12)
 *
 * For each month in turn, into one store: `nemd backfill` of all datasets. Of nemd: rows, processor time, the peak of resident memory;
 * and the bytes that each dataset grew by, and the grid. Wall time says little, since it is the simulated NEMWEB that is waited for.
 * Growth is linear when the last months take what the first ones took. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';

const [build = 'build', year = '2024', months = '12'] = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'nemd-year-'));
const store = join(scratch, 'store');
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

/* Runs nemd; the seconds that it computed and waited, the most memory (MB) it had, its last line. */
async function run(args) {
  const begun = performance.now();
  const child = spawn('sh', ['-c', '"$@" & echo $! >&3; wait $!; status=$?; times >&3; exit $status', 'sh', join(build, 'nemd'), ...args],
    { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  let facts = '', said = '', errors = '', peak = 0;
  child.stdio[3].on('data', (text) => { facts += text; });
  child.stdout.on('data', (text) => { said += text; });
  child.stderr.on('data', (text) => { errors = String(text); });
  const look = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${parseInt(facts)}/status`, 'utf8');
      peak = Math.max(peak, Number(status.match(/VmHWM:\s+(\d+)/)[1]) / 1024);
    } catch { /* not begun, or ended */ }
  }, 10);
  const [status] = await once(child, 'close');
  clearInterval(look);
  const [, minutes, seconds, more, rest] = facts.trim().split('\n').at(-1).match(/(\d+)m([\d.]+)s (\d+)m([\d.]+)s/);
  const rows = Number(said.match(/([\d]+) rows/)?.[1] ?? errors.match(/([\d]+) rows/)?.[1] ?? 0);
  return { status, errors, cpu: minutes * 60 + Number(seconds) + more * 60 + Number(rest), wall: (performance.now() - begun) / 1000, peak, rows };
}

/* Until all is there: the simulator may take longer for a large table than nemd waits. */
async function runToTheEnd(args) {
  const sum = { cpu: 0, wall: 0, peak: 0, rows: 0 };
  for (let tries = 1; ; tries++) {
    const r = await run(args);
    for (const what of ['cpu', 'wall', 'rows']) sum[what] += r[what];
    sum.peak = Math.max(sum.peak, r.peak);
    if (r.status === 0) return sum;
    if (tries === 20) throw new Error(`nemd ${args.join(' ')}: ${r.errors}`);
  }
}

const bytesOf = (folder) => {
  try {
    return readdirSync(folder, { recursive: true }).reduce((sum, name) => {
      const stat = statSync(join(folder, name));
      return sum + (stat.isFile() ? stat.blocks * 512 : 0);
    }, 0);
  } catch { return 0; }
};
const folders = () => readdirSync(store, { withFileTypes: true }).filter((f) => f.isDirectory()).map((f) => f.name);

const sim = spawn(join(build, 'nemsim'), ['serve', '--port', '0', '--now', `${Number(year) + 1}-04-20T12:07:00`, '--speed', '0']);
process.on('exit', () => sim.kill());
const [line] = await once(sim.stdout, 'data');
const url = String(line).match(/http\S+/)[0];

const results = [], sizes = {};
console.log('month     million rows   processor s   MB at its peak   MB of Parquet   MB of grid   bytes a row   wall s');
for (let m = 1; m <= Number(months); m++) {
  const last = new Date(Date.UTC(year, m, 0)).getUTCDate(), name = `${year}-${String(m).padStart(2, '0')}`;
  const r = await runToTheEnd(['backfill', '--from', `${name}-01`, '--to', `${name}-${last}`, '--source', url, '--data', store]);
  r.parquet = 0;
  for (const folder of folders()) {
    const now = bytesOf(join(store, folder)), before = sizes[folder]?.at(-1) ?? 0;
    (sizes[folder] ??= []).push(now);
    if (folder === 'grid') r.grid = now - before; else r.parquet += now - before;
  }
  results.push({ ...r, days: last });
  const mb = (bytes, digits = 1) => ((bytes ?? 0) / 1e6).toFixed(digits);
  console.log(`${name} ${mb(r.rows, 2).padStart(12)} ${r.cpu.toFixed(1).padStart(13)} ${r.peak.toFixed(0).padStart(16)} ${mb(r.parquet).padStart(15)} ${mb(r.grid).padStart(12)} ${(r.parquet / r.rows).toFixed(2).padStart(13)} ${r.wall.toFixed(0).padStart(8)}`);
}

console.log('\ndataset, MB after each month');
for (const [folder, after] of Object.entries(sizes)) console.log(`${folder.padEnd(18)} ${after.map((b) => (b / 1e6).toFixed(1)).join(' ')}`);
const half = results.length >> 1;
const rate = (part, what) => part.reduce((sum, r) => sum + r[what], 0) / part.reduce((sum, r) => sum + r.rows, 0);
for (const what of ['cpu', 'parquet'])
  console.log(`${what} a row, second half against the first: ${(rate(results.slice(half), what) / rate(results.slice(0, half), what)).toFixed(3)}`);
process.exit(0);
