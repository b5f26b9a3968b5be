/* Taking over from the earlier system: a folder as it has, with every defect that it is known for, and
 * what of it is in the store afterwards. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { folderFor, nemd, parquetOf, program, rowsOf, sleep, start, startServer, until } from './support/nemd.mjs';

const seed = (name) => fileURLToPath(new URL(`../fuzz/seeds/pickle/${name}`, import.meta.url));

/* Writes the rows of [sql] as Parquet, by way of nemd's own DuckDB over a store without rows. */
function write(folder, path, sql) {
  const empty = join(folder, 'empty');
  mkdirSync(empty, { recursive: true });
  writeFileSync(join(empty, 'STORE'), 'format=1\nkind=real\n');
  const { status, stdout, stderr } = spawnSync(program, ['query', '--format', 'parquet', '--data', empty, sql],
    { maxBuffer: 1 << 28 });
  assert.equal(status, 0, String(stderr));
  writeFileSync(path, stdout);
}

const five = (from, to) => `range(timestamp '${from}', timestamp '${to}' + interval 5 minute, interval 5 minute)`;
const thirty = (from, to) => `range(timestamp '${from}', timestamp '${to}' + interval 30 minute, interval 30 minute)`;

/* The earlier system's folder below [folder]. Its five minutes begin at 07:10 on 18 July 2025. */
function earlier(folder) {
  const old = join(folder, 'old system');
  const data = join(old, 'data');
  mkdirSync(data, { recursive: true });
  const table = (name, sql) => write(folder, join(data, `${name}.parquet`), sql);
  table('scada5', `
    select t::timestamp_ns as settlementdate, duid, mw + minute(t) as scadavalue
      from ${five('2025-07-18 07:10', '2025-07-20 00:00')} r(t), (values ('BW01', 400.0), ('HPR1', -80.5)) u(duid, mw)
      where not (t = timestamp '2025-07-19 00:00' and duid = 'BW01')
    union all select timestamp '2025-07-18 07:10', 'BW01', 410.0
    union all select timestamp '2025-07-18 07:15', 'BW01', -3.0
    union all select timestamp '2025-07-18 08:00:30', 'BW01', 1.0
    union all select null, 'BW01', 1.0
    union all select timestamp '2025-07-18 08:00', null, 1.0
    union all select timestamp '2025-07-18 08:00', 'NULL1', null
    union all select timestamp '2025-07-18 08:00', 'HUGE1', 90000.0
    union all select timestamp '1970-01-01 00:00', 'BW01', 1.0
    union all select timestamp '2225-01-01 00:00', 'BW01', 1.0`);
  table('scada30', `
    select t as "SETTLEMENTDATE", duid as "DUID", mw + 0.25 as "SCADAVALUE", 'x' as note
      from ${thirty('2025-05-30 00:30', '2025-07-20 00:00')} r(t), (values ('BW01', 500.0), ('HPR1', -60.0)) u(duid, mw)
    union all select t, 'BW01', 7.0, 'y' from ${five('2025-06-02 00:05', '2025-06-02 00:25')} r(t)`);
  table('prices5', `
    select t as settlementdate, regionid, case when t = timestamp '2025-07-18 10:00' then 99999.0 else 80.0 end as rrp
      from ${five('2025-07-18 00:05', '2025-07-19 00:00')} r(t), (values ('NSW1'), ('SA1')) u(regionid)`);
  table('prices30', `
    select t as settlementdate, regionid, 55.5::float as rrp
      from ${thirty('2021-09-30 00:30', '2021-10-02 00:00')} r(t), (values ('NSW1'), ('SA1')) u(regionid)`);
  table('transmission5', `
    select t as settlementdate, 'V-SA' as interconnectorid, 100.0 as meteredmwflow, 101.0 as mwflow, 500.0 as exportlimit,
      -500.0 as importlimit, 3.0 as mwlosses from ${five('2025-07-18 00:05', '2025-07-19 00:00')} r(t)`);
  table('rooftop30', `
    select t as settlementdate, regionid, 12.5 as power, 1::bigint as quality_indicator, 'SATELLITE' as type, 'f.zip' as source_archive
      from ${thirty('2025-07-18 00:30', '2025-07-19 00:00')} r(t), (values ('NSW1'), ('QLD1'), ('QLDN'), ('TASS')) u(regionid)`);
  copyFileSync(seed('gen-own-5.pkl'), join(data, 'gen_info.pkl'));
  copyFileSync(seed('state-5.pkl'), join(data, 'price_alert_state.pkl'));
  writeFileSync(join(data, 'renewable_records.json'), JSON.stringify({
    all_time: { value: 78.7, timestamp: '2025-10-11T12:30:00' }, hourly: { 12: { value: 70.5, timestamp: null } } }));
  writeFileSync(join(old, '.env'), [`GEN_OUTPUT_FILE="${join(data, 'scada30.parquet')}"`, 'HIGH_PRICE_THRESHOLD=1000',
    'TWILIO_AUTH_TOKEN="it\'s \\"secret\\""', 'TWILIO_FROM_PHONE=+61400000000', 'DASHBOARD_PORT=5016',
    'UPDATE_INTERVAL_MINUTES=4.5', 'EMAIL_PASSWORD=', 'ODD=1'].join('\n'));
  return { old, data };
}

const digests = (folder) => Object.fromEntries(readdirSync(folder).map((name) => [name,
  statSync(join(folder, name)).isFile() && createHash('sha256').update(readFileSync(join(folder, name))).digest('hex')]));

async function migrate(old, store, ...more) {
  const { status, stdout, stderr } = await nemd('migrate', '--from', old, '--to', store, '--json',
    '--settings-to', join(store, '../settings'), ...more);
  return { status, stderr, report: stdout ? JSON.parse(stdout) : null };
}

const tableOf = (report, name) => report.tables.find((table) => table.dataset === name);

/* What is planted, by table. */
const planted = {
  scada5: { 'no time': 1, 'no key': 1, time: 2, 'off grid': 1, 'no value': 1, repeated: 1, contradicts: 1, bounds: 1 },
  scada30: { '5-minute row': 5 },
  prices5: { bounds: 2 },
  prices30: {},
  transmission5: {},
  rooftop30: { 'sub-region': 96 },
};

test('a dry run finds every planted defect and writes nothing', async (t) => {
  const folder = folderFor(t);
  const { old } = earlier(folder);
  const before = digests(join(old, 'data'));
  const { status, report } = await migrate(old, join(folder, 'store'), '--dry-run');
  assert.equal(status, 3);
  for (const [name, findings] of Object.entries(planted))
    assert.deepEqual(tableOf(report, name).findings, findings, name);
  assert.equal(tableOf(report, 'scada5').midnights, 1);
  assert.equal(tableOf(report, 'transmission30').path, null);
  assert.equal(tableOf(report, 'rooftop30').new, 96);
  assert.equal(existsSync(join(folder, 'store')), false);
  assert.equal(existsSync(join(folder, 'settings')), false);
  assert.deepEqual(digests(join(old, 'data')), before);
});

test('every good row is in the store, once; a second run changes nothing', async (t) => {
  const folder = folderFor(t);
  const { old, data } = earlier(folder);
  const store = join(folder, 'store');
  const before = digests(data);
  const { status, report, stderr } = await migrate(old, store);
  assert.equal(status, 3, stderr);
  assert.deepEqual(digests(data), before);
  for (const table of report.tables) {
    assert.equal(table.missing + table.different, 0, table.dataset);
    assert.equal(table.checksum_source, table.checksum_store);
  }
  assert.equal(report.records_kept, 2);
  /* plain SQL over both, row by row */
  const missing = async (name, key, value, where) => (await rowsOf(store, `
    from (select settlementdate, ${key}, ${value} from '${join(data, name)}.parquet' where ${where}
      except select settlementdate, ${key}, ${value} from ${name})`)).length;
  const good = `settlementdate between timestamp '2000-01-01' and timestamp '2030-01-01' and second(settlementdate) = 0`;
  assert.equal(await missing('scada5', 'duid', 'scadavalue',
    `${good} and duid is not null and scadavalue is not null and not (duid = 'BW01' and settlementdate = '2025-07-18 07:15')`), 0);
  assert.equal(await missing('prices5', 'regionid', 'rrp', good), 0);
  assert.equal(await missing('prices30', 'regionid', 'rrp', good), 0);
  assert.equal(await missing('transmission5', 'interconnectorid', 'mwlosses', good), 0);
  assert.equal(await missing('rooftop30', 'regionid', 'power', `${good} and regionid in ('NSW1', 'QLD1')`), 0);
  /* half hours: as they were before 07:30 on the 18th, whose six aren't all there; then the mean of six */
  const halves = await rowsOf(store, `select duid, scadavalue, settlementdate <= timestamp '2025-07-18 07:30' as before,
    count(*)::int as n from scada30 group by all order by duid, before, scadavalue`);
  const days = 49; // from 30 May to 17 July
  assert.deepEqual(halves.filter((row) => row.before), [
    { duid: 'BW01', scadavalue: 500.25, before: true, n: days * 48 + 15 },
    { duid: 'HPR1', scadavalue: -59.75, before: true, n: days * 48 + 15 }]);
  const late = await rowsOf(store, `select count(*)::int as n from scada30 s join (select duid, avg(scadavalue) as mean,
      time_bucket(interval 30 minute, settlementdate - interval 5 minute) + interval 30 minute as settlementdate
      from scada5 group by all having count(*) = 6) using (duid, settlementdate) where scadavalue = mean`);
  assert.equal(late[0].n, 2 * 81 - 1); // from 08:00 on, and without the midnight that lacks one
  const midnight = await rowsOf(store, "select scadavalue from scada30 where duid = 'BW01' and settlementdate = '2025-07-19'");
  assert.deepEqual(midnight, [{ scadavalue: 500.25 }]);
  /* units and settings */
  const units = await rowsOf(store, "select fuel, storage_mwh from units where duid = 'HPR1'");
  assert.deepEqual(units, [{ fuel: 'Battery', storage_mwh: 193.5 }]);
  assert.equal(report.alerts.filter((alert) => alert.high).length, 2);
  const taken = Object.fromEntries(report.settings.map((s) => [s.key, s.taken_as]));
  assert.deepEqual(taken, { GEN_OUTPUT_FILE: null, HIGH_PRICE_THRESHOLD: 'HIGH_PRICE_THRESHOLD',
    TWILIO_AUTH_TOKEN: 'TWILIO_AUTH_TOKEN', TWILIO_FROM_PHONE: 'TWILIO_PHONE_NUMBER', DASHBOARD_PORT: 'DASHBOARD_PORT',
    UPDATE_INTERVAL_MINUTES: null, EMAIL_PASSWORD: null, ODD: null });
  assert.equal(statSync(report.secrets).mode & 0o777, 0o600);
  assert.match(readFileSync(report.secrets, 'utf8'), /^TWILIO_AUTH_TOKEN="it's \\"secret\\""\n$/);
  assert.doesNotMatch(readFileSync(report.config, 'utf8'), /secret\\"/);
  assert.equal((await nemd('status', '--data', store, '--config', report.config)).status, 3); // stale, but read
  /* the store is whole */
  const verify = JSON.parse((await nemd('verify', '--json', '--data', store)).stdout);
  for (const kind of ['damaged', 'schema', 'span', 'grid', 'duplicate', 'order', 'derived', 'hidden'])
    assert.equal(verify.counts[kind], 0, kind);
  /* again */
  const files = parquetOf(store);
  const again = await migrate(old, store);
  assert.equal(again.status, 3);
  for (const table of again.report.tables) assert.equal(table.new, 0, table.dataset);
  assert.deepEqual(parquetOf(store), files);
});

test('a price that is over the threshold stays so, and what is long past does not', async (t) => {
  const folder = folderFor(t);
  const { old, data } = earlier(folder);
  const store = join(folder, 'store');
  const made = spawnSync('/usr/bin/python3', ['-c', `
import datetime, pickle, sys
now = datetime.datetime.utcnow() + datetime.timedelta(hours=10)
state = lambda high, ago: {'high_alert': high, 'high_time': now - datetime.timedelta(hours=ago), 'last_price': 1500.5}
pickle.dump({'NSW1': state(True, 2), 'QLD1': state(False, 2), 'SA1': state(True, 24 * 30), 'MOON1': state(True, 1)}, open(sys.argv[1], 'wb'))`,
  join(data, 'price_alert_state.pkl')]);
  if (made.error) return t.skip('there is no python3 to write it with');
  assert.equal((await migrate(old, store, '--dry-run')).report.alerts_armed, 0);
  assert.equal((await migrate(old, store)).report.alerts_armed, 1);
  assert.equal((await migrate(old, store)).report.alerts_armed, 0, 'once');
  const { stdout } = await nemd('alerts', 'list', '--json', '--data', store);
  const rule = JSON.stringify(JSON.parse(stdout));
  assert.match(rule, /NSW1/);
  assert.doesNotMatch(rule, /"(SA1|MOON1|QLD1)"/);
});

test('settings that were put beside are found from anywhere', async (t) => {
  const folder = folderFor(t);
  const { old } = earlier(folder);
  const { status, stderr } = await start(t, ['-c', 'cd "$1" && exec "$2" migrate --from "$3" --to store --settings-to "my settings"', 'sh', folder, program, old],
    { command: 'sh' }).ended;
  assert.equal(status, 3, stderr);
  const settings = join(folder, 'my settings');
  assert.match(readFileSync(join(settings, 'nemd.env'), 'utf8'), new RegExp(`^NEMD_SECRETS="${realpathSync(settings)}/nemd.secrets"$`, 'm'));
  assert.equal((await nemd('status', '--data', join(folder, 'store'), '--config', join(settings, 'nemd.env'))).status, 3);
});

test('records stand, as those of the earlier system', async (t) => {
  const folder = folderFor(t);
  const { old } = earlier(folder);
  for (let run = 0; run < 2; run++) assert.equal((await migrate(old, join(folder, 'store'))).report.records_kept, 2);
  const serve = await startServer(t, ['serve', '--data', join(folder, 'store')]);
  const rows = async () => (await serve.get('/v1/renewables/records?hours=each&limit=10000')).json.data.rows;
  await until('prices to be counted', async () => (await rows()).some((row) => row[1] === 'price'));
  const at = Date.parse('2025-10-11T12:30:00+10:00') / 1000;
  assert.deepEqual((await rows()).filter((row) => row[0] === 'NEM' && row[1] === 'renewable_share'), [
    ['NEM', 'renewable_share', 'max', 12, 0.705, null, 'earlier'], ['NEM', 'renewable_share', 'max', null, 0.787, at, 'earlier']]);
  /* one that was wrong would stand for good */
  const store = ['--to', join(folder, 'store')];
  const forget = (...more) => nemd('migrate', '--forget-records', ...more);
  for (const more of [['--from', old], ['--dry-run'], ['--env', join(folder, '.env')]]) assert.equal((await forget(...more, ...store)).status, 2, more[0]);
  assert.equal((await forget('--to', join(folder, 'none'))).status, 2);
  assert.equal((await rows()).filter((row) => row[6] === 'earlier').length, 2);
  const { status, stdout } = await forget(...store);
  assert.deepEqual([status, stdout], [0, '2 records of the earlier system forgotten; the store\'s own stay\n']);
  assert.equal((await rows()).some((row) => row[6] === 'earlier'), false);
  assert.ok((await rows()).some((row) => row[1] === 'price'));
  assert.deepEqual(JSON.parse((await forget(...store, '--json')).stdout), { forgotten: 0 });
  assert.equal((await migrate(old, join(folder, 'store'))).report.records_kept, 2, 'and taken again where that is wanted');
});

test('of prices whose demand is in no table, energy and revenue by band are not known', async (t) => {
  const folder = folderFor(t);
  const store = join(folder, 'store');
  assert.equal((await migrate(earlier(folder).old, store)).status, 3);
  const serve = await startServer(t, ['serve', '--data', store]);
  const { columns, rows } = (await serve.get('/v1/prices/bands?from=2025-07-18&to=2025-07-19&region=SA1')).json.data;
  const column = (name) => rows.map((row) => row[columns.findIndex((each) => each.name === name)]);
  assert.deepEqual(column('intervals'), [0, 0, 287, 0, 0, 0, 1]);
  for (const name of ['energy', 'revenue', 'revenue_share']) assert.deepEqual(column(name), Array(7).fill(null), name);
});

test('killed at any moment, it goes on to the same store', async (t) => {
  const folder = folderFor(t);
  const { old } = earlier(folder);
  await migrate(old, join(folder, 'whole'));
  const store = join(folder, 'store');
  for (const ms of [20, 60, 120, 200, 300]) {
    const run = start(t, ['migrate', '--from', old, '--to', store, '--settings-to', join(folder, 's')]);
    await sleep(ms);
    await run.stop('SIGKILL');
  }
  const { report } = await migrate(old, store);
  assert.equal(report.failed, false);
  assert.deepEqual(parquetOf(store), parquetOf(join(folder, 'whole')));
});

test('times with a zone are taken when it is known what they mean', async (t) => {
  const folder = folderFor(t);
  const old = join(folder, 'old');
  mkdirSync(old);
  write(folder, join(old, 'prices5.parquet'), `select (t at time zone 'UTC') as settlementdate, 'NSW1' as regionid, 1.5 as rrp
    from ${five('2025-07-18 00:05', '2025-07-18 01:00')} r(t)`);
  const unsure = await migrate(old, join(folder, 'a'), '--dry-run');
  assert.equal(unsure.status, 1);
  assert.match(tableOf(unsure.report, 'prices5').refused, /--zone aest/);
  for (const [zone, first] of [['aest', '2025-07-18 00:05:00'], ['utc', '2025-07-18 10:05:00']]) {
    assert.equal((await migrate(old, join(folder, zone), '--zone', zone)).status, 3);
    assert.deepEqual(await rowsOf(join(folder, zone), 'select min(settlementdate)::varchar as first from prices5'), [{ first }]);
  }
});

test('what is hostile, damaged or absent is named', async (t) => {
  const folder = folderFor(t);
  const { old, data } = earlier(folder);
  const store = join(folder, 'store');
  copyFileSync(seed('call-system.pkl'), join(data, 'gen_info.pkl'));
  writeFileSync(join(data, 'prices5.parquet'), readFileSync(join(data, 'prices5.parquet')).subarray(0, 500));
  const { status, report } = await migrate(old, store);
  assert.equal(status, 1);
  assert.match(report.units.refused, /gen_info\.pkl: byte \d+: it asks for os\.system/);
  assert.match(tableOf(report, 'prices5').refused, /prices5\.parquet/);
  assert.equal(tableOf(report, 'scada5').missing, 0);
  assert.equal((await nemd('migrate', '--from', join(folder, 'none'), '--to', store)).status, 2);
  assert.equal((await nemd('migrate', '--to', store)).status, 2);
  assert.match((await nemd('migrate', '--from', store, '--to', join(folder, 'b'))).stderr, /none of the seven tables/);
});
