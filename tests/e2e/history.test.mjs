/* History in the forms in which it was published over the years, out of nemsim's monthly archive. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { collectOnce, folderFor, nemd, parquetOf, rowsOf } from './support/nemd.mjs';
import { startSim } from './support/nemsim.mjs';
import { compareWithTruth } from './support/truth.mjs';
import { zipOf } from './support/zip.mjs';

const archive = 'Data_Archive/Wholesale_Electricity/MMSDM';
const below = 'MMSDM_Historical_Data_SQLLoader/DATA';
const backfill = (data, source, month, ...more) => nemd('backfill', '--from', `${month}-01`, '--to', `${month}-27`, '--source', source,
  '--data', data, ...more);
const linesOf = (text) => text.trimEnd().split('\n');

async function assertTrue(t, data, dataset, span) {
  const { rows, wrong, list } = await compareWithTruth(t, data, dataset, span);
  assert.ok(rows > 100, `${rows} rows of ${dataset}`);
  assert.deepEqual([dataset, wrong, ...list], [dataset, 0]);
}

/* As the years to 2014 are offered now: [tables] of a month in one zip, in a folder like NEMWEB. */
async function wholeMonth(t, year, month, tables) {
  const sim = await startSim(t, '--now', `${year}-${month}-28`, '--speed', '0');
  const earlier = `${year}_${String(month - 1).padStart(2, '0')}`;
  const members = [];
  for (const table of tables) {
    const name = `PUBLIC_DVD_${table}_${earlier.replace('_', '')}010000.zip`;
    const { status, body } = await sim.get(`/${archive}/${year}/MMSDM_${earlier}/${below}/${name}`);
    assert.equal(status, 200, name);
    members.push({ name: `MMSDM_${earlier}/${below}/${name}`, data: body });
  }
  const root = folderFor(t), folder = join(root, archive, year);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `MMSDM_${earlier}.zip`), zipOf(members, { stored: true }));
  return root;
}

describe('months', () => {
  test('a single look at a source of today closes those that are over, one at a source of the past does not', async (t) => {
    const data = folderFor(t);
    const past = new Date(Date.now() - 45 * 86400000 + 10 * 3600000).toISOString().slice(0, 19);
    const then = await startSim(t, '--now', past, '--speed', '0', '--history', '0.0002');
    for (let looks = 0; looks < 2; looks++) assert.equal((await collectOnce(then.url, data)).status, 0);
    const files = () => Object.keys(parquetOf(data)).filter((path) => path.startsWith('scada5/'));
    const days = files();
    assert.ok(days.length > 0 && days.every((path) => /\d{4}-\d\d-\d\d\.parquet$/.test(path)), days.join());
    const readings = () => rowsOf(data, `SELECT * FROM scada5 WHERE settlementdate <= TIMESTAMP '${past}' + INTERVAL 1 DAY ORDER BY ALL`);
    const before = await readings();
    const today = await startSim(t, '--speed', '0', '--history', '0.0002');
    assert.equal((await collectOnce(today.url, data)).status, 0);
    const months = new Set(days.map((path) => path.slice(0, -'-dd.parquet'.length)));
    const now = files();
    for (const month of months) assert.ok(now.includes(`${month}.parquet`), now.join());
    assert.ok(!now.some((path) => days.includes(path)), now.join());
    assert.deepEqual(await readings(), before);
  });
});

describe('history', () => {
  test('a month in one zip gives each dataset when it is asked for, and what is in is not read again', async (t) => {
    const span = { from: '2012-01-01T00:00:00', to: '2012-02-01T00:00:00' };
    const source = await wholeMonth(t, '2012', '02', ['TRADINGPRICE', 'DISPATCHPRICE', 'DISPATCHINTERCONNECTORRES', 'MARKETNOTICEDATA']);
    const data = folderFor(t);
    const prices = await backfill(data, source, '2012-01', '--dataset', 'prices30');
    assert.deepEqual([prices.status, linesOf(prices.stdout).pop().replace(/,.*/, '')], [0, '1 of 1 files stored'], prices.stderr);
    await assertTrue(t, data, 'prices30', span);
    await assertTrue(t, data, 'prices5', span);
    assert.equal((await rowsOf(data, 'SELECT 1 FROM transmission5 LIMIT 1')).length, 0);

    const all = await backfill(data, source, '2012-01');
    assert.equal(all.status, 0, all.stderr);
    await assertTrue(t, data, 'transmission5', span);
    const [notices] = await rowsOf(data, `SELECT count(*)::INT AS count, min(created)::VARCHAR AS first, max(created)::VARCHAR AS last,
      count(*) FILTER (type IS NULL OR reason IS NULL)::INT AS bare FROM notices`);
    assert.ok(notices.count > 20 && notices.bare === 0, JSON.stringify(notices));
    assert.match(notices.first, /^2012-01-/);

    const again = await backfill(data, source, '2012-01');
    assert.match(again.stdout, /^0 of 0 files stored/m);
  });

  test('notices come from the tables of a month as well', async (t) => {
    const sim = await startSim(t, '--now', '2024-08-20', '--speed', '0');
    const data = folderFor(t);
    const brought = await backfill(data, sim.url, '2024-07', '--dataset', 'notices');
    assert.equal(brought.status, 0, brought.stderr);
    const [{ count }] = await rowsOf(data, `SELECT count(*)::INT AS count FROM notices WHERE created >= '2024-07-01' AND created < '2024-08-01'`);
    assert.ok(count > 20, `${count} notices`);
    const none = await backfill(data, sim.url, '2024-07', '--dataset', 'notices');
    assert.match(none.stdout, /^0 of 0 files stored/m);
    assert.equal((await nemd('verify', '--data', data, '--dataset', 'notices')).status, 2);
  });
});
