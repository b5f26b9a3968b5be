/* Real AEMO files, where there are any: what nemd stores is what an independent reading of them says. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { csvsIn } from './support/read.mjs';
import { collectOnce, filesOf, folderFor, parquetOf } from './support/nemd.mjs';
import { assertRows, datasets, expectedOf, storedRows } from './support/rules.mjs';

const shared = join(process.env.NEMD_SHARED ?? '/nonexistent', 'data');
const nemweb = join(shared, 'nemweb');
const skip = existsSync(join(nemweb, 'Reports/CURRENT')) ? false : `no real data in ${nemweb}`;

/* Folders of feeds, the prefix of their files, and which real files can stand there: those of archives and
 * months too, since it's the table that counts. */
const feeds = [
  ['DispatchIS_Reports', 'PUBLIC_DISPATCHIS_', /PUBLIC_DISPATCHIS_/],
  ['Dispatch_SCADA', 'PUBLIC_DISPATCHSCADA_', /DISPATCHSCADA_/],
  ['TradingIS_Reports', 'PUBLIC_TRADINGIS_', /TRADINGIS_/],
  ['ROOFTOP_PV/ACTUAL', 'PUBLIC_ROOFTOP_PV_ACTUAL_', /ROOFTOP_PV_ACTUAL_/],
  ['ROOFTOP_PV/FORECAST', 'PUBLIC_ROOFTOP_PV_FORECAST_', /ROOFTOP_PV_FORECAST_/],
  ['Operational_Demand/ACTUAL_DAILY', 'PUBLIC_ACTUAL_OPERATIONAL_DEMAND_DAILY_', /ACTUAL_OPERATIONAL_DEMAND_DAILY_/],
  ['P5_Reports', 'PUBLIC_P5MIN_', /P5MIN_20/],
  ['PredispatchIS_Reports', 'PUBLIC_PREDISPATCHIS_', /PREDISPATCHIS_/],
  ['Public_Prices', 'PUBLIC_PRICES_', /DISPATCH_\d+_\d+_LEGACY/],
];
/* Months and dailies of which somebody kept real rows of a few units, with the whole file's footer. */
const excerpts = [
  ['DispatchIS_Reports', 'PUBLIC_DISPATCHIS_', /DISPATCH(PRICE|REGIONSUM|INTERCONNECTORRES|CONSTRAINT)/],
  ['Dispatch_SCADA', 'PUBLIC_DISPATCHSCADA_', /DISPATCH_UNIT_SCADA/],
  ['TradingIS_Reports', 'PUBLIC_TRADINGIS_', /TRADINGPRICE/],
  ['ROOFTOP_PV/ACTUAL', 'PUBLIC_ROOFTOP_PV_ACTUAL_', /ROOFTOP_PV_ACTUAL/],
  ['Next_Day_Dispatch', 'PUBLIC_NEXT_DAY_DISPATCH_', /DISPATCHLOAD|NEXT_DAY_DISPATCH_/],
];

/* An archive of a day is larger than any file of CURRENT. */
const unpacked = (bytes) => (bytes.length > 1 << 22 ? csvsIn(bytes).map((csv) => Buffer.from(csv, 'latin1')) : [bytes]);
const mended = (bytes) => csvsIn(bytes).map((csv) => {
  const lines = csv.trimEnd().split(/\r?\n/);
  return Buffer.from([...lines.slice(0, -1), `C,"END OF REPORT",${lines.length}`, ''].join('\r\n'), 'latin1');
});

/* Puts the files below [from] that one of [places] wants into [root], in its folder and with its prefix; as
 * bytes. */
function place(root, from, places, filesIn) {
  const put = [];
  for (const path of filesOf(from))
    for (const [folder, prefix, wanted] of places) {
      if (!wanted.test(basename(path)) || !/\.(zip|csv)$/i.test(path)) continue;
      const bytes = readFileSync(join(from, path));
      for (const each of filesIn(bytes)) {
        const kind = each.readUInt16LE(0) === 0x4b50 ? 'zip' : 'csv';
        mkdirSync(join(root, 'Reports/CURRENT', folder), { recursive: true });
        writeFileSync(join(root, 'Reports/CURRENT', folder, `${prefix}${put.length}_${basename(path).replace(/\W/g, '_')}.${kind}`), each);
        put.push(each);
      }
    }
  return put;
}

async function assertAll(t, data, files, filled) {
  const expected = expectedOf(files);
  let count = 0;
  for (const name of Object.keys(datasets)) {
    const rows = await storedRows(data, name);
    assert.equal(rows.length > 0, filled.includes(name), name);
    assertRows(rows, expected[name], name);
    count += rows.length;
  }
  t.diagnostic(`${files.length} files, ${count} rows, ${Object.keys(parquetOf(data)).length} Parquet files`);
}

test('real files are stored as an independent reading of them says, and again without changing a byte', { skip }, async (t) => {
  const [root, data] = [folderFor(t), folderFor(t)];
  const files = place(root, nemweb, feeds, unpacked);
  assert.ok(files.length > 680, `${files.length}`);
  const end = await collectOnce(root, data);
  assert.equal(end.status, 0, end.stderr);
  await assertAll(t, data, files, Object.keys(datasets).filter((name) => !['dispatch5', 'demand5'].includes(name)));
  const before = parquetOf(data);
  const again = await collectOnce(root, data);
  assert.equal(again.status, 0, again.stderr);
  assert.deepEqual(parquetOf(data), before);

  /* the same files, read a second time into a store that has forgotten which it read */
  for (const name of ['state.db', 'state.db-wal', 'state.db-shm']) rmSync(join(data, name), { force: true });
  const afresh = await collectOnce(root, data);
  assert.equal(afresh.status, 0, afresh.stderr);
  assert.deepEqual(parquetOf(data), before);
});

test('excerpts of real months and dailies are stored as their rows say', { skip }, async (t) => {
  const [root, data] = [folderFor(t), folderFor(t)];
  const files = place(root, join(shared, 'other/mmsdm-filtered-nemosis'), excerpts, mended);
  assert.ok(files.length > 20, `${files.length}`);
  const end = await collectOnce(root, data);
  assert.equal(end.status, 0, end.stderr);
  await assertAll(t, data, files, ['prices5', 'prices30', 'pricestatus5', 'fcas5', 'scada5', 'scada30', 'dispatch5',
    'transmission5', 'transmission30', 'regions5', 'rooftop30']);
});
