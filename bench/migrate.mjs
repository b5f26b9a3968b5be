/* make bench-migrate: 38 million half-hourly readings (392 units, five and a half years) from one
 * Parquet file into a store, read back and compared; then again, when all is there. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const nemd = resolve(process.argv[2] ?? 'build', 'nemd');
const folder = mkdtempSync(join(tmpdir(), 'nemd-bench-'));
try {
  const empty = join(folder, 'empty');
  const source = join(folder, 'earlier');
  mkdirSync(empty);
  mkdirSync(source);
  writeFileSync(join(empty, 'STORE'), 'format=1\nkind=real\n');
  console.log('writing scada30.parquet…');
  execFileSync(nemd, ['query', '--data', empty, '--format', 'parquet', `
    select (timestamp '2020-01-01 00:30:00' + interval 30 minute * t.i)::timestamp_ns as settlementdate,
      'DUID' || lpad(u.i::varchar, 4, '0') as duid,
      round(greatest(0, 300 * sin(t.i / 48.0 * 6.28 + u.i) + 40 * random()), 5) as scadavalue
    from range(97000) t(i), range(392) u(i)`],
  { stdio: ['ignore', openSync(join(source, 'scada30.parquet'), 'w'), 'inherit'] });
  console.log(`${(statSync(join(source, 'scada30.parquet')).size / 1e6).toFixed(0)} MB`);
  for (const pass of ['first', 'again']) {
    const begun = performance.now();
    const { stdout, stderr, status } = spawnSync('/usr/bin/time', ['-v', nemd, 'migrate', '--from', source, '--to',
      join(folder, 'store'), '--settings-to', join(folder, 'settings'), '--json'], { encoding: 'utf8', maxBuffer: 1 << 26 });
    const seconds = (performance.now() - begun) / 1000;
    if (status !== 3) throw new Error(stderr); // six of the seven tables aren't there
    const table = JSON.parse(stdout).tables.find((t) => t.dataset === 'scada30');
    const megabytes = Number(stderr.match(/Maximum resident set size \(kbytes\): (\d+)/)[1]) / 1024;
    console.log(`${pass}: ${(table.taken / 1e6).toFixed(1)} million rows, ${(table.new / 1e6).toFixed(1)} new, in ` +
      `${seconds.toFixed(1)} s, ${(table.taken / seconds / 1e6).toFixed(2)} million rows/s, peak ${megabytes.toFixed(0)} MB`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
