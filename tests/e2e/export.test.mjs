/* Datasets out as files and in again, and the way back to the earlier system. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { folderFor, nemd, parquetOf, program, rowsOf } from './support/nemd.mjs';

const times = (minutes, from, to) =>
  `range(timestamp '${from}', timestamp '${to}' + interval ${minutes} minute, interval ${minutes} minute)`;

/* One by one: under the sanitizers each takes its time. */
async function importAll(store, paths) {
  for (const path of paths) {
    const { status, stdout, stderr } = await nemd('import', '--data', store, path);
    assert.equal(status, 0, stdout + stderr);
  }
}

/* A store of a few days of all seven tables, made by `import`. */
async function makeStore(t) {
  const folder = folderFor(t);
  const store = join(folder, 'store');
  const files = join(folder, 'in');
  mkdirSync(store);
  mkdirSync(files);
  writeFileSync(join(store, 'STORE'), 'format=1\nkind=real\n');
  const days = ['2025-07-18 00:05', '2025-07-20 00:00'];
  const halves = ['2025-07-18 00:30', '2025-07-20 00:00'];
  const tables = {
    scada5: `select t as settlementdate, duid, mw + minute(t) / 7 as scadavalue from ${times(5, ...days)} r(t),
      (values ('BW01', 400.0), ('HPR1', -80.5)) u(duid, mw)`,
    prices5: `select t as settlementdate, regionid, -12.345 as rrp from ${times(5, ...days)} r(t), (values ('NSW1'), ('SA1')) u(regionid)`,
    transmission5: `select t as settlementdate, 'V-SA' as interconnectorid, 100.5 as meteredmwflow, 101.0 as mwflow, 3.25 as mwlosses,
      500.0 as exportlimit, -500.0 as importlimit from ${times(5, ...days)} r(t)`,
    rooftop30: `select t as settlementdate, regionid, 12.5 as power, 1 as quality_indicator, 'DAILY' as type
      from ${times(30, ...halves)} r(t), (values ('NSW1'), ('QLD1')) u(regionid)`,
    scada30: `select t as settlementdate, 'OLD1' as duid, 5.5 as scadavalue from ${times(30, ...halves)} r(t)`,
  };
  for (const [name, sql] of Object.entries(tables)) {
    const format = name === 'scada30' ? 'csv' : 'parquet';
    const { stdout, stderr, status } = spawnSync(program, ['query', '--data', store, '--format', format, sql], { maxBuffer: 1 << 28 });
    assert.equal(status, 0, String(stderr));
    writeFileSync(join(files, `${name}.${format}`), stdout);
  }
  await importAll(store, readdirSync(files).map((f) => join(files, f)));
  const units = join(folder, 'units.csv');
  writeFileSync(units, 'duid,region,station,owner,capacity_mw,storage_mwh,fuel\nBW01,NSW1,Bayswater,AGL,660,,Black coal\nHPR1,SA1,Hornsdale,"Neoen, SA",150.5,193.5,Battery\n');
  assert.equal((await nemd('units', 'import', units, '--data', store)).status, 0);
  return { folder, store, files };
}

test('what is exported is imported again into the same store', async (t) => {
  const { folder, store } = await makeStore(t);
  const names = ['scada5', 'scada30', 'prices5', 'transmission5', 'rooftop30'];
  for (const format of ['parquet', 'csv']) {
    const out = join(folder, `out ${format}`);
    const { status, stdout, stderr } = await nemd('export', ...names, '--into', out, '--format', format, '--data', store);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /scada5 +1152 rows/);
    const copy = join(folder, `copy ${format}`);
    await importAll(copy, names.map((name) => join(out, `${name}.${format}`)));
    const pick = (files) => Object.fromEntries(Object.entries(files).filter(([path]) => names.includes(path.split('/')[0])));
    assert.deepEqual(pick(parquetOf(copy)), pick(parquetOf(store)), format);
    const again = await nemd('export', 'prices5', '--into', out, '--format', format, '--data', store);
    assert.equal(again.status, 2);
    assert.match(again.stderr, /is there already/);
  }
  const day = await nemd('export', 'prices5', 'units', '--into', join(folder, 'day'), '--from', '2025-07-19', '--to', '2025-07-19', '--data', store);
  assert.match(day.stdout, /prices5 +576 rows[^]*units +2 rows/);
  assert.equal((await nemd('export', 'prices', '--into', join(folder, 'x'), '--data', store)).status, 2);
});

test('import says what it leaves out, and of which dataset', async (t) => {
  const folder = folderFor(t);
  const csv = join(folder, 'prices.csv');
  writeFileSync(csv, 'SETTLEMENTDATE,REGIONID,RRP,x\n2025-07-18 00:05:00,NSW1,1.5,1\n2025-07-18 00:06:00,NSW1,2,1\n2025-07-18 00:10:00,,2,1\n');
  assert.match((await nemd('import', csv, '--data', join(folder, 's'))).stderr, /--dataset/);
  const dry = await nemd('import', csv, '--dataset', 'prices5', '--data', join(folder, 's'), '--dry-run');
  assert.equal(dry.status, 2, 'there is no store to compare with');
  const { status, stdout } = await nemd('import', csv, '--dataset', 'prices5', '--data', join(folder, 's'));
  assert.equal(status, 3);
  assert.match(stdout, /columns left: x/);
  assert.match(stdout, /off grid +1 rows, as 2025\/07\/18 00:06 NSW1 2/);
  assert.match(stdout, /no key +1 rows/);
  assert.match(stdout, /1 rows taken: 1 new/);
  assert.equal((await nemd('import', csv, '--dataset', 'p5min', '--data', join(folder, 's'))).status, 2);
});

test('rollback writes the seven files as the earlier system had them, and migrate takes them back', async (t) => {
  const { folder, store } = await makeStore(t);
  const out = join(folder, 'back');
  const before = parquetOf(store);
  const { status, stdout, stderr } = await nemd('rollback', '--to', out, '--data', store);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /To go back/);
  assert.deepEqual(readdirSync(out).sort(), ['gen_info.csv', 'gen_info.parquet', 'prices30.parquet', 'prices5.parquet', 'rooftop30.parquet',
    'scada30.parquet', 'scada5.parquet', 'transmission30.parquet', 'transmission5.parquet']);
  const columns = async (name) => (await rowsOf(store, `describe from '${join(out, name)}.parquet'`)).map((c) => `${c.column_name} ${c.column_type}`);
  assert.deepEqual(await columns('scada30'), ['settlementdate TIMESTAMP_NS', 'duid VARCHAR', 'scadavalue DOUBLE']);
  assert.deepEqual(await columns('prices5'), ['settlementdate TIMESTAMP_NS', 'regionid VARCHAR', 'rrp DOUBLE']);
  assert.deepEqual(await columns('transmission30'), ['settlementdate TIMESTAMP_NS', 'interconnectorid VARCHAR', 'meteredmwflow DOUBLE',
    'mwflow DOUBLE', 'exportlimit DOUBLE', 'importlimit DOUBLE', 'mwlosses DOUBLE']);
  for (const [name, key, value] of [['scada5', 'duid', 'scadavalue'], ['scada30', 'duid', 'scadavalue'], ['prices30', 'regionid', 'rrp'],
    ['transmission5', 'interconnectorid', 'mwlosses'], ['rooftop30', 'regionid', 'power']]) {
    const rows = (from) => `select settlementdate::timestamp, ${key}, ${value} from ${from}`;
    const file = `'${join(out, name)}.parquet'`;
    assert.deepEqual(await rowsOf(store, `from ((${rows(file)}) except all (${rows(name)})) union all from ((${rows(name)}) except all (${rows(file)}))`), [], name);
    const sorted = await rowsOf(store, `select count(*)::int as n from (select settlementdate < lag(settlementdate) over () as back from ${file}) where back`);
    assert.equal(sorted[0].n, 0);
  }
  assert.deepEqual(readFileSync(join(out, 'gen_info.csv'), 'utf8').split('\n')[0], 'Region,Site Name,Owner,DUID,Capacity(MW),Storage(MWh),Fuel');
  assert.deepEqual((await rowsOf(store, `select "DUID", "Owner", "Fuel" from '${join(out, 'gen_info.parquet')}'`)).at(-1),
    { DUID: 'HPR1', Owner: 'Neoen, SA', Fuel: 'Battery Storage' });
  assert.deepEqual(parquetOf(store), before);
  assert.equal((await nemd('rollback', '--to', out, '--data', store)).status, 2);
  const inside = await nemd('rollback', '--to', store, '--data', store);
  assert.deepEqual([inside.status, /is a store: name an empty or new folder/.test(inside.stderr)], [2, true], inside.stderr);
  /* and round again: all values, in a new store */
  const again = join(folder, 'again');
  assert.equal((await nemd('migrate', '--from', out, '--to', again, '--settings-to', join(folder, 'settings'))).status, 0);
  for (const [name, key, value] of [['scada5', 'duid', 'scadavalue'], ['scada30', 'duid', 'scadavalue'], ['prices30', 'regionid', 'rrp']]) {
    const rows = (s) => rowsOf(s, `select epoch(settlementdate)::bigint as t, ${key}, ${value} from ${name} order by all`);
    assert.deepEqual(await rows(again), await rows(store), name);
  }
  assert.equal(existsSync(join(out, '.scada5.parquet.tmp')), false);
});
