/* make bench-migrate: 38 million half-hourly readings (392 units, five and a half years, up to now) from one
 * Parquet file into a store, read back and compared; then again, when all is there; then the file is followed,
 * as beside an earlier system that runs: what one comparison of its last days costs. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const nemd = resolve(process.argv[2] ?? 'build', 'nemd');
const folder = mkdtempSync(join(tmpdir(), 'nemd-bench-'));
const [empty, source, store, feeds] = ['empty', 'earlier', 'store', 'feeds'].map((name) => join(folder, name));
const file = join(source, 'scada30.parquet');
const halfHour = 1800000;
const last = Math.floor((Date.now() + 36000000) / halfHour) * halfHour; // AEST as if it were UTC
const at = (time) => `timestamp '${new Date(time).toISOString().slice(0, 19).replace('T', ' ')}'`;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

function write(path, sql) {
  execFileSync(nemd, ['query', '--data', empty, '--format', 'parquet', sql], { stdio: ['ignore', openSync(path, 'w'), 'inherit'] });
}

/* Of the process: processor seconds, its peak of memory in MB, and bytes that it has read. */
function usage(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const value = (name, key) => Number(readFileSync(`/proc/${pid}/${name}`, 'utf8').match(new RegExp(`^${key}:\\s+(\\d+)`, 'm'))[1]);
  return { seconds: (Number(fields[11]) + Number(fields[12])) / 100, peak: value('status', 'VmHWM') / 1024, read: value('io', 'rchar') };
}

async function follow() {
  mkdirSync(join(feeds, 'Reports/CURRENT'), { recursive: true });
  const recent = join(folder, 'scada5.parquet'); // nemd's own half hours are the means of these
  write(recent, `select (settlementdate - interval 5 minute * i)::timestamp as settlementdate, duid, scadavalue, settlementdate::timestamp as lastchanged
    from '${file}', range(6) t(i) where settlementdate > ${at(last - 8 * 86400000)}`);
  execFileSync(nemd, ['import', recent, '--data', store], { stdio: 'ignore' });
  const run = spawn(nemd, ['collect', '--source', feeds, '--data', store, '--follow', source, '--interval', '1'], { stdio: 'ignore' });
  try {
    const compared = () => JSON.parse(spawnSync(nemd, ['status', '--json', '--data', store], { encoding: 'utf8', maxBuffer: 1 << 26 }).stdout).follow;
    const note = join(store, 'notes/follow');
    const changed = (before) => statSync(note, { throwIfNoEntry: false })?.mtimeMs !== before;
    for (const pass of ['followed', 'again, after a change']) {
      const stamp = statSync(note, { throwIfNoEntry: false })?.mtimeMs;
      const before = usage(run.pid);
      if (stamp) utimesSync(file, new Date(), new Date());
      while (!changed(stamp)) await sleep(50);
      const after = usage(run.pid);
      const table = compared().tables.find((t) => t.name === 'scada30');
      console.log(`${pass}: ${table.rows} rows compared, ${table.different + table.missing} not the same, ${(after.seconds - before.seconds).toFixed(2)} s of the processor, ` +
        `${((after.read - before.read) / 1e6).toFixed(0)} of ${(statSync(file).size / 1e6).toFixed(0)} MB read, peak ${after.peak.toFixed(0)} MB`);
    }
  } finally {
    run.kill();
  }
}

try {
  for (const path of [empty, source]) mkdirSync(path);
  writeFileSync(join(empty, 'STORE'), 'format=1\nkind=real\n');
  console.log('writing scada30.parquet…');
  write(file, `
    select (${at(last - 96999 * halfHour)} + interval 30 minute * t.i)::timestamp_ns as settlementdate,
      'DUID' || lpad(u.i::varchar, 4, '0') as duid,
      round(greatest(0, 300 * sin(t.i / 48.0 * 6.28 + u.i) + 40 * random()), 5) as scadavalue
    from range(97000) t(i), range(392) u(i)`);
  console.log(`${(statSync(file).size / 1e6).toFixed(0)} MB`);
  for (const pass of ['first', 'again']) {
    const begun = performance.now();
    const { stdout, stderr, status } = spawnSync('/usr/bin/time', ['-v', nemd, 'migrate', '--from', source, '--to',
      store, '--settings-to', join(folder, 'settings'), '--json'], { encoding: 'utf8', maxBuffer: 1 << 26 });
    const seconds = (performance.now() - begun) / 1000;
    if (status !== 3) throw new Error(stderr); // six of the seven tables aren't there
    const table = JSON.parse(stdout).tables.find((t) => t.dataset === 'scada30');
    const megabytes = Number(stderr.match(/Maximum resident set size \(kbytes\): (\d+)/)[1]) / 1024;
    console.log(`${pass}: ${(table.taken / 1e6).toFixed(1)} million rows, ${(table.new / 1e6).toFixed(1)} new, in ` +
      `${seconds.toFixed(1)} s, ${(table.taken / seconds / 1e6).toFixed(2)} million rows/s, peak ${megabytes.toFixed(0)} MB`);
  }
  await follow();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
