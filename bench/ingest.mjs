/* From AEMO's zips to Parquet: `nemd backfill` beside unzip and DuckDB, on the same files in the same run.
 *
 *   node bench/ingest.mjs [BUILD]      (make bench-ingest)
 *
 * The files are a simulated month of UNIT_SCADA and simulated days of DISPATCHIS, made first and put in a folder that both read
 * from. nemd commits sorted, durable Parquet, half hours included; the other side unzips, reads with read_csv, sorts by
 * key and time, and copies to Parquet, without the half hours. Wall time and the peak of resident memory, medians of rounds in turn. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';

const build = process.argv[2] ?? 'build';
const rounds = 3;
const scratch = mkdtempSync(join(tmpdir(), 'nemd-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

/* Runs a command; its wall time in seconds and the most memory (MB) that it and its children had at once. */
async function measure(command, args, input) {
  const begun = performance.now();
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  let peak = 0, errors = '';
  child.stderr.on('data', (text) => { errors += text; });
  child.stdin.end(input ?? '');
  const look = setInterval(() => {
    try {
      peak = Math.max(peak, Number(readFileSync(`/proc/${child.pid}/status`, 'utf8').match(/VmHWM:\s+(\d+)/)[1]) / 1024);
    } catch { /* it has ended */ }
  }, 5);
  const [status] = await once(child, 'exit');
  clearInterval(look);
  if (status) throw new Error(`${command} ${args.join(' ')}: ${errors}`);
  return { seconds: (performance.now() - begun) / 1000, peak };
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const sizeOf = (folder) => readdirSync(folder, { recursive: true }).reduce((sum, name) => {
  const stat = statSync(join(folder, name));
  return sum + (stat.isFile() ? stat.size : 0);
}, 0);

async function serve() {
  const sim = spawn(join(build, 'nemsim'), ['serve', '--port', '0', '--now', '2025-08-20T18:07:00', '--speed', '0']);
  process.on('exit', () => sim.kill());
  const [line] = await once(sim.stdout, 'data');
  return String(line).match(/http\S+/)[0];
}

/* Puts the files of a listing whose names match into the same folder below [to]. */
async function mirror(url, path, pattern, to) {
  const folder = join(to, path);
  mkdirSync(folder, { recursive: true });
  const page = await (await fetch(`${url}/${path}/`)).text();
  for (const [, href] of page.matchAll(/HREF="([^"]+)"/g)) {
    const name = decodeURIComponent(decodeURIComponent(href.split('/').at(-1)));
    if (pattern.test(name)) writeFileSync(join(folder, name), Buffer.from(await (await fetch(url + href)).arrayBuffer()));
  }
  return folder;
}

const times = "timestampformat='%Y/%m/%d %H:%M:%S'";
const four = "'c':'VARCHAR','report':'VARCHAR','subtable':'VARCHAR','version':'VARCHAR'";

/* UNIT_SCADA: one table, so that DuckDB can be given its columns. The first line ends otherwise than the others do, which a strict
 * read_csv takes for a file without rows. */
const scadaSql = (csv, out) => `
  COPY (SELECT settlementdate, duid, scadavalue, lastchanged
        FROM read_csv('${csv}', header=false, skip=2, strict_mode=false, ignore_errors=true, auto_detect=false, delim=',', quote='"', ${times},
                      columns={${four},'settlementdate':'TIMESTAMP','duid':'VARCHAR','scadavalue':'DOUBLE','lastchanged':'TIMESTAMP'})
        ORDER BY duid, settlementdate)
  TO '${out}/scada5.parquet' (FORMAT parquet, COMPRESSION zstd)`;

/* DISPATCHIS: many tables in a file, so all fields are text first. Columns are those of the header, by name. */
function dispatchSql(csv, out, header) {
  const place = (table, column) => header[table].indexOf(column);
  const pad = (n) => `column${String(n).padStart(3, '0')}`;
  const tables = [
    ['PRICE', 'REGIONID', ['RRP', 'ROP', 'RAISE6SECRRP', 'RAISE60SECRRP', 'RAISE5MINRRP', 'RAISEREGRRP', 'LOWER6SECRRP', 'LOWER60SECRRP', 'LOWER5MINRRP', 'LOWERREGRRP']],
    ['REGIONSUM', 'REGIONID', ['TOTALDEMAND', 'AVAILABLEGENERATION', 'DISPATCHABLEGENERATION', 'DISPATCHABLELOAD', 'NETINTERCHANGE', 'INITIALSUPPLY', 'UIGF', 'SS_SOLAR_UIGF', 'SS_WIND_UIGF', 'SS_SOLAR_CLEAREDMW', 'SS_WIND_CLEAREDMW']],
    ['INTERCONNECTORRES', 'INTERCONNECTORID', ['METEREDMWFLOW', 'MWFLOW', 'MWLOSSES', 'EXPORTLIMIT', 'IMPORTLIMIT', 'MARGINALVALUE']],
    ['CONSTRAINT', 'CONSTRAINTID', ['RHS', 'LHS', 'MARGINALVALUE', 'VIOLATIONDEGREE']],
  ];
  const width = Math.max(...Object.values(header).map((columns) => columns.length));
  const names = Array.from({ length: width }, (_, i) => `'${pad(i)}':'VARCHAR'`).join(',');
  return [`CREATE TABLE lines AS SELECT * FROM read_csv('${csv}/*.CSV', header=false, null_padding=true, ignore_errors=true, auto_detect=false, delim=',', quote='"', columns={${names}})`,
    ...tables.map(([table, key, columns]) => `
  COPY (SELECT try_strptime(${pad(place(table, 'SETTLEMENTDATE'))}, '%Y/%m/%d %H:%M:%S') AS settlementdate, ${pad(place(table, key))} AS key,
          ${columns.map((c) => `TRY_CAST(${pad(place(table, c))} AS DOUBLE) AS ${c}`).join(', ')}, try_strptime(${pad(place(table, 'LASTCHANGED'))}, '%Y/%m/%d %H:%M:%S') AS lastchanged
        FROM lines WHERE column000 = 'D' AND column002 = '${table}' ${table === 'CONSTRAINT' ? `AND TRY_CAST(${pad(place(table, 'MARGINALVALUE'))} AS DOUBLE) != 0` : ''}
        ORDER BY key, settlementdate)
  TO '${out}/${table}.parquet' (FORMAT parquet, COMPRESSION zstd)`)].join(';\n');
}

/* How many rows Parquet files hold. */
function rowsOf(pattern) {
  const sql = `SELECT count(*) FROM read_parquet('${pattern}')`;
  return Number(String(spawnSync(join(build, 'nemd'), ['query', '--data', join(scratch, 'store'), '--format', 'csv', sql]).stdout).trim().split('\n').at(-1));
}

async function compare(title, source, from, to, datasets, file, peer) {
  const ours = [], theirs = [];
  let bytes = 0, rows = 0;
  for (let round = 0; round < rounds; round++) {
    const data = join(scratch, 'store'), out = join(scratch, 'out');
    for (const folder of [data, out]) rmSync(folder, { recursive: true, force: true });
    mkdirSync(out);
    ours.push(await measure(join(build, 'nemd'), ['backfill', '--from', from, '--to', to, '--dataset', datasets, '--source', source, '--data', data]));
    bytes = sizeOf(join(data, datasets.split(',')[0]));
    theirs.push(await peer(out));
    rows = rowsOf(join(data, datasets.split(',')[0], '*/*.parquet'));
    if (!rows || rowsOf(join(out, file)) !== rows) throw new Error(`${title}: nemd has ${rows} rows, DuckDB another number`);
  }
  const [a, b] = [ours, theirs].map((runs) => ({ seconds: median(runs.map((r) => r.seconds)), peak: median(runs.map((r) => r.peak)) }));
  console.log(`${title}\n  nemd             ${a.seconds.toFixed(2)} s  ${a.peak.toFixed(0)} MB  ${rows} rows, ${(bytes / rows).toFixed(2)} bytes each`);
  console.log(`  unzip and DuckDB ${b.seconds.toFixed(2)} s  ${b.peak.toFixed(0)} MB`);
  console.log(`  nemd needs ${(a.seconds / b.seconds).toFixed(2)} of the time and ${(a.peak / b.peak).toFixed(2)} of the memory`);
}

/* Unzips with unzip, then runs SQL; memory is DuckDB's. */
async function unzipThenDuck(commands, sql) {
  const begun = performance.now();
  for (const command of commands) {
    const done = spawnSync('sh', ['-c', command]);
    if (done.status) throw new Error(String(done.stderr));
  }
  const unzipped = (performance.now() - begun) / 1000;
  const run = await measure(join(build, 'bench_duck'), [], sql());
  return { seconds: unzipped + run.seconds, peak: run.peak };
}

const url = await serve();
const source = join(scratch, 'source');
const month = 'Data_Archive/Wholesale_Electricity/MMSDM/2025/MMSDM_2025_06/MMSDM_Historical_Data_SQLLoader/DATA';
writeFileSync(join(mkdirSync(source, { recursive: true }) ?? source, 'SIMULATED'), '');
const scada = await mirror(url, month, /DISPATCH_UNIT_SCADA/, source);
const days = join(scratch, 'days');
const archive = await mirror(url, 'Reports/ARCHIVE/DispatchIS_Reports', /2025081[0-4]/, days);
writeFileSync(join(days, 'SIMULATED'), '');
await compare('a month of UNIT_SCADA', source, '2025-06-01', '2025-06-30', 'scada5', 'scada5.parquet',
  (out) => unzipThenDuck([`for f in "${scada}"/*.zip; do unzip -p "$f"; done > ${out}/scada.csv`], () => scadaSql(`${out}/scada.csv`, out)));
await compare('five days of DISPATCHIS, 288 zips in a zip each', days, '2025-08-10', '2025-08-14', 'prices5,regions5,transmission5,constraints5', 'PRICE.parquet',
  (out) => unzipThenDuck([`mkdir ${out}/zips && for f in "${archive}"/*.zip; do unzip -q -o "$f" -d ${out}/zips; done`,
    `mkdir ${out}/csv && find ${out}/zips -name '*.zip' -print0 | xargs -0 -n 1 unzip -q -o -d ${out}/csv`], () => {
    const first = readFileSync(join(out, 'csv', readdirSync(join(out, 'csv'))[0]), 'utf8');
    const header = Object.fromEntries(first.split('\r\n').filter((line) => line.startsWith('I,')).map((line) => [line.split(',')[2], line.split(',')]));
    return dispatchSql(join(out, 'csv'), out, header);
  }));
process.exit(0);
