/* Collecting a small market over HTTP: what is stored, and that it depends on nothing but the files. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { at, dispatch, folders, number, regions, rooftop, scada, scadaCsv, smallTree, trading } from './support/market.mjs';
import { collectOnce, filesOf, folderFor, ledgerOf, nemd, parquetOf, rowsOf, statusOf } from './support/nemd.mjs';
import { assertStore, datasets, expectedOf } from './support/rules.mjs';
import { Nemweb } from './support/server.mjs';
import { zipOf } from './support/zip.mjs';

const tree = smallTree();
const expected = expectedOf(tree.map((file) => file.bytes));

async function collected(t, files = tree) {
  const nemweb = await Nemweb.start(t, files);
  const data = folderFor(t);
  const end = await collectOnce(nemweb.url, data);
  assert.equal(end.status, 0, end.stderr);
  return { nemweb, data, end };
}

const one = async (data, sql) => (await rowsOf(data, sql))[0];

/* A seeded shuffle, the same in every run. */
function shuffled(list, seed) {
  const key = (i) => Number(number(`shuffle|${seed}|${i}`, 0, 1e6));
  return list.map((item, i) => [key(i), item]).sort(([a], [b]) => a - b).map(([, item]) => item);
}

describe('a small market', { concurrency: 2 }, () => {
  test('every dataset holds what the rules say, row for row and bit for bit', async (t) => {
    const { data, nemweb, end } = await collected(t);
    await assertStore(data, expected);
    assert.match(end.stdout, /dispatchis +\d+ files listed, \d+ stored, 0 failed/);
    const agents = new Set(nemweb.requests.map((r) => r.headers['user-agent']));
    assert.equal(agents.size, 1);
    assert.match([...agents][0], /^nemd\/\S+ \(.+\)$/, 'the User-Agent says who is asking');
  });

  test('what trips readers comes out as written by hand', async (t) => {
    const { data } = await collected(t);
    const price = async (time, region) => one(data,
      `SELECT rrp, source FROM prices5 WHERE settlementdate = '${time}' AND regionid = '${region}'`);

    /* bounds of the price, and what is next to nothing */
    assert.deepEqual(await rowsOf(data, "SELECT regionid, rrp FROM prices5 WHERE settlementdate = '2025-08-20 23:50' ORDER BY 1"),
      [['NSW1', -1000], ['QLD1', 17500], ['SA1', 0], ['TAS1', -0.00001], ['VIC1', 299.99999]].map(([regionid, rrp]) => ({ regionid, rrp })));

    /* the 00:00 interval is there, and lies in the file of the day that it ends */
    assert.equal((await price('2025-08-21 00:00', 'NSW1')).source, 'DISPATCH');
    const [{ first, last }] = await rowsOf(data,
      `SELECT min(settlementdate)::VARCHAR AS first, max(settlementdate)::VARCHAR AS last FROM '${data}/prices5/2025/2025-08-20.parquet'`);
    assert.deepEqual([first, last], ['2025-08-20 12:00:00', '2025-08-21 00:00:00']);
    assert.equal((await one(data, `SELECT min(settlementdate)::VARCHAR AS first FROM '${data}/prices5/2025/2025-08-21.parquet'`)).first,
      '2025-08-21 00:05:00');

    /* where there is no dispatch price, the trading price; half-hourly trading prices are none */
    assert.equal((await price('2025-08-20 12:10', 'NSW1')).source, 'TRADING');
    assert.equal((await price('2021-10-01 00:05', 'SA1')).source, 'TRADING');
    assert.equal(await price('2021-10-01 00:00', 'SA1'), undefined);
    assert.equal(await price('2019-07-04 11:30', 'NSW1'), undefined);
    assert.equal((await one(data, "SELECT count(*) AS n FROM transmission5 WHERE mwflow = 99999")).n, 0, 'flows are not those of TRADING');

    /* published twice: the newer wins, the older doesn't */
    assert.equal((await price('2025-08-20 12:00', 'NSW1')).rrp, 111.11);
    assert.notEqual((await one(data, "SELECT scadavalue AS v FROM scada5 WHERE duid = 'BW01' AND settlementdate = '2025-08-20 12:05'")).v, 1);
    assert.equal((await price('2025-08-20 12:15', 'NSW1')).source, 'DISPATCH', 'DUPLICATE/ is read');

    /* units: names, blanks, charging, pumps as they are */
    const unit = (duid, time) => one(data, `SELECT scadavalue AS v FROM scada5 WHERE duid = '${duid}' AND settlementdate = '${time}'`);
    assert.equal((await unit('W/HOE#2', '2025-08-21 00:05')).v > 0, true);
    assert.equal((await one(data, "SELECT count(*) AS n FROM scada5 WHERE duid = 'ARWF1' AND scadavalue IS NULL")).n > 0, true);
    assert.equal((await one(data, "SELECT count(*) AS n FROM scada5 WHERE duid = 'HPR1' AND scadavalue < 0")).n > 0, true);
    assert.equal((await one(data, "SELECT count(*) AS n FROM scada5 WHERE duid = 'PUMP1' AND scadavalue < 0")).n, 0);
    assert.equal((await one(data, "SELECT lastchanged::VARCHAR AS v FROM scada5 WHERE settlementdate = '2019-04-29 16:30' LIMIT 1")).v,
      '2019-04-29 16:25:15', 'a row without LASTCHANGED has its file\'s time of publication');
    assert.equal((await one(data, "SELECT count(DISTINCT settlementdate) AS n FROM scada5 WHERE settlementdate BETWEEN '2021-09-02' AND '2021-09-03'")).n, 3,
      'a zip of zips is read whole');

    /* rooftop: five regions, DAILY before MEASUREMENT before SATELLITE, whatever their time */
    const types = await rowsOf(data, 'SELECT DISTINCT settlementdate::VARCHAR AS t, type FROM rooftop30 ORDER BY 1');
    assert.deepEqual(types.map((row) => `${row.t.slice(5, 16)} ${row.type}`),
      ['08-20 12:00 MEASUREMENT', '08-20 23:30 SATELLITE', '08-21 00:00 DAILY', '08-21 00:30 MEASUREMENT']);
    assert.deepEqual((await rowsOf(data, 'SELECT DISTINCT regionid AS r FROM rooftop30 ORDER BY 1')).map((row) => row.r), regions);
  });

  test('an interval with intervention has the price of run 0 and the flows of run 1, in whatever order they come', async (t) => {
    for (const [price, other] of [[[1, 0], [0, 1]], [[0, 1], [1, 0]]]) {
      const time = at('2025-08-20 18:10');
      const { data } = await collected(t, [dispatch(time, { price, sum: other, flow: other, rrp: { NSW1: '42.5' } })]);
      const columns = (run) => number(`FLOW|V-SA|${time}|${run}||MWFLOW`, -400, 1500);
      assert.equal((await one(data, "SELECT rrp FROM prices5 WHERE regionid = 'NSW1'")).rrp, 42.5);
      assert.equal((await one(data, "SELECT mwflow FROM transmission5 WHERE interconnectorid = 'V-SA'")).mwflow, Number(columns(1)));
      assert.equal((await one(data, "SELECT totaldemand AS v FROM regions5 WHERE regionid = 'SA1'")).v,
        Number(number(`REGIONSUM|SA1|${time}|1||TOTALDEMAND`, -400, 1500)));
    }
  });

  test('a second run fetches no file again and changes no byte', async (t) => {
    const { data, nemweb } = await collected(t);
    const before = parquetOf(data);
    const fetched = nemweb.fetched.length;
    assert.equal(fetched, tree.length);
    const again = await collectOnce(nemweb.url, data);
    assert.equal(again.status, 0, again.stderr);
    assert.equal(nemweb.fetched.length, fetched);
    assert.deepEqual(parquetOf(data), before);
  });

  test('files that no feed wants are not asked for', async (t) => {
    const strangers = ['README.txt', 'PUBLIC_OTHER_202508201200_0000000477155219.zip', 'PUBLIC_DISPATCHIS_202508201200.zip.part']
      .map((name) => ({ folder: folders.dispatch, name, bytes: Buffer.from('no file of ours') }));
    const { nemweb } = await collected(t, [...tree, ...strangers]);
    assert.deepEqual(nemweb.fetched.filter((path) => strangers.some((file) => path.endsWith(file.name))), []);
  });

  test('a folder laid out like NEMWEB gives the same bytes as NEMWEB', async (t) => {
    const { data } = await collected(t);
    const root = folderFor(t);
    for (const file of tree) {
      mkdirSync(`${root}/Reports/CURRENT/${file.folder}`, { recursive: true });
      writeFileSync(`${root}/Reports/CURRENT/${file.folder}/${file.name}`, file.bytes);
    }
    const other = folderFor(t);
    const end = await collectOnce(root, other);
    assert.equal(end.status, 0, end.stderr);
    assert.deepEqual(parquetOf(other), parquetOf(data));
  });
});

describe('merging', { concurrency: 2 }, () => {
  test('does not depend on the order or the number of readings: the Parquet is the same, byte for byte', async (t) => {
    const { data } = await collected(t);
    const whole = parquetOf(data);
    const halves = (list, parts) => Array.from({ length: parts }, (_, i) => list.filter((_, k) => k % parts === i));
    const duplicates = tree.filter((file) => file.folder.endsWith('/DUPLICATE'));
    const others = tree.filter((file) => !file.folder.endsWith('/DUPLICATE'));
    const archives = Object.values(folders).map((folder) => {
      const own = shuffled(tree.filter((file) => file.folder.startsWith(folder) && file.name.endsWith('.zip')), 9);
      const prefix = own[0].name.match(/^[A-Z_]+_/)[0];
      return { folder, name: `${prefix}20250821.zip`, bytes: zipOf(own.filter((f) => !/_\d{8}\.zip$/.test(f.name)).map((f) => ({ name: f.name, data: f.bytes }))) };
    });
    const ways = {
      'oldest first, one by one in time': [...tree].sort((a, b) => (a.name.match(/\d{8,}/)[0] < b.name.match(/\d{8,}/)[0] ? -1 : 1)).map((file) => [file]),
      'in three lots': halves(shuffled(tree, 1), 3),
      'in seven other lots': halves(shuffled(tree, 2), 7),
      'trading before dispatch': ['TradingIS', 'ROOFTOP', 'Dispatch_SCADA', 'DispatchIS'].map((f) => tree.filter((file) => file.folder.startsWith(f))),
      'DUPLICATE before the rest': [duplicates, others],
      'the rest before DUPLICATE': [others, duplicates],
      'archives first, then all': [archives, tree],
    };
    for (const [way, lots] of Object.entries(ways)) {
      const nemweb = await Nemweb.start(t);
      const store = folderFor(t);
      for (const lot of lots) {
        for (const file of lot) nemweb.put(file);
        const end = await collectOnce(nemweb.url, store);
        assert.equal(end.status, 0, `${way}: ${end.stderr}`);
      }
      assert.deepEqual(parquetOf(store), whole, way);
    }
  });

  test('a file whose size changed is fetched again; the newer LASTCHANGED wins and an older one does not', async (t) => {
    const time = at('2025-08-20 18:10');
    const first = dispatch(time, { rrp: { NSW1: '100' } });
    const { data, nemweb } = await collected(t, [first]);
    const path = `${first.folder}/${first.name}`;
    const price = async () => (await one(data, "SELECT rrp FROM prices5 WHERE regionid = 'NSW1'")).rrp;
    assert.equal(await price(), 100);
    for (const [rrp, change, result] of [['200.25', 60, 200.25], ['300.375', 30, 200.25], ['400', 61, 400]]) {
      nemweb.put({ ...dispatch(time, { rrp: { NSW1: rrp }, change, salt: rrp }), name: first.name });
      const end = await collectOnce(nemweb.url, data);
      assert.equal(end.status, 0, end.stderr);
      assert.equal(await price(), result);
    }
    assert.equal(nemweb.count(path), 4);
  });

  test('a revision in a file of its own counts like one in the same file', async (t) => {
    const time = at('2025-08-20 18:10');
    const nemweb = await Nemweb.start(t, [dispatch(time, { rrp: { VIC1: '10' } })]);
    const data = folderFor(t);
    await collectOnce(nemweb.url, data);
    nemweb.put(dispatch(time, { rrp: { VIC1: '-3.5' }, change: 600, serial: 7 }));
    await collectOnce(nemweb.url, data);
    nemweb.put(dispatch(time, { rrp: { VIC1: '99' }, change: 300, serial: 8 }));
    await collectOnce(nemweb.url, data);
    assert.equal((await one(data, "SELECT rrp FROM prices5 WHERE regionid = 'VIC1'")).rrp, -3.5);
  });

  test('TRADING never beats DISPATCH, whichever came first and whichever is newer', async (t) => {
    const time = at('2025-08-20 18:10');
    for (const change of [-3600, 3600])
      for (const tradingFirst of [true, false]) {
        const files = [trading(time, { rrp: { NSW1: '55' }, change }), dispatch(time, { rrp: { NSW1: '54.9912' } })];
        const nemweb = await Nemweb.start(t);
        const data = folderFor(t);
        for (const file of tradingFirst ? files : files.reverse()) {
          nemweb.put(file);
          assert.equal((await collectOnce(nemweb.url, data)).status, 0);
        }
        assert.deepEqual(await one(data, "SELECT rrp, source FROM prices5 WHERE regionid = 'NSW1'"), { rrp: 54.9912, source: 'DISPATCH' });
      }
  });

  test('DAILY beats MEASUREMENT beats SATELLITE, whichever is newer', async (t) => {
    const time = at('2025-08-20 12:00');
    const nemweb = await Nemweb.start(t);
    const data = folderFor(t);
    for (const [type, change, kept] of [['MEASUREMENT', 0, 'MEASUREMENT'], ['SATELLITE', 900, 'MEASUREMENT'], ['DAILY', -900, 'DAILY']]) {
      nemweb.put(rooftop(time, { type, change }));
      assert.equal((await collectOnce(nemweb.url, data)).status, 0);
      assert.deepEqual((await rowsOf(data, 'SELECT DISTINCT type FROM rooftop30')), [{ type: kept }]);
    }
  });

  const tie = async (t, files) => {
    const nemweb = await Nemweb.start(t, files);
    const data = folderFor(t);
    const end = await collectOnce(nemweb.url, data);
    assert.equal(end.status, 0, end.stderr);
    const findings = ledgerOf(data, 'SELECT kind, subject FROM findings');
    if (findings === null) t.diagnostic('no sqlite3 here: findings are not checked');
    return { data, findings };
  };
  const time = at('2025-08-20 18:10');

  test('rows of one version that disagree between files leave the larger value bits and a finding', async (t) => {
    const { data, findings } = await tie(t, [scada(time, { values: { BW01: '5' } }), scada(time, { values: { BW01: '-5' }, serial: 1 })]);
    assert.equal((await one(data, "SELECT scadavalue AS v FROM scada5 WHERE duid = 'BW01'")).v, -5, 'the sign is the highest bit');
    if (findings) assert.deepEqual(findings, [['tie', 'scada5 2025/08/20 18:10:00 BW01']]);
  });

  test('rows of one version that disagree between a file and the store leave a finding', async (t) => {
    const nemweb = await Nemweb.start(t, [scada(time, { values: { BW01: '5' } })]);
    const data = folderFor(t);
    await collectOnce(nemweb.url, data);
    nemweb.put(scada(time, { values: { BW01: '7' }, serial: 1 }));
    await collectOnce(nemweb.url, data);
    assert.equal((await one(data, "SELECT scadavalue AS v FROM scada5 WHERE duid = 'BW01'")).v, 7);
    const findings = ledgerOf(data, 'SELECT kind, subject FROM findings');
    if (findings) assert.deepEqual(findings, [['tie', 'scada5 2025/08/20 18:10:00 BW01']]);
  });

  test('rows of one version that disagree within one file leave a finding', async (t) => {
    const { data, findings } = await tie(t, [scada(time, { units: ['BW01', 'HPR1', 'BW01'] })]);
    assert.equal((await one(data, 'SELECT count(*) AS n FROM scada5')).n, 2);
    if (findings) assert.deepEqual(findings, [], 'the same row twice is no tie');
    const csv = scadaCsv(time, { units: ['BW01', 'BW01'], values: { BW01: '6' } });
    const twice = Buffer.from(csv.toString().replace(',BW01,6,', ',BW01,8,'));
    const other = await tie(t, [{ folder: folders.scada, name: scada(time).name, bytes: zipOf([{ name: 'X.CSV', data: twice }]) }]);
    assert.equal((await one(other.data, "SELECT scadavalue AS v FROM scada5 WHERE duid = 'BW01'")).v, 8);
    if (other.findings) assert.deepEqual(other.findings, [['tie', 'scada5 2025/08/20 18:10:00 BW01']]);
  });
});

describe('status', () => {
  test('tells rows, bounds and files, and ends 3 when data is stale', async (t) => {
    const { data } = await collected(t);
    const end = await nemd('status', '--json', '--data', data);
    assert.equal(end.status, 3);
    const status = JSON.parse(end.stdout);
    const aest = (text) => (Date.parse(`${text.replace(' ', 'T')}Z`) - 10 * 3600000) / 1000;
    for (const name of Object.keys(datasets)) {
      const found = status.datasets.find((d) => d.name === name);
      const rows = expected[name];
      const bounds = rows.length ? [aest(rows[0].settlementdate), aest(rows.at(-1).settlementdate)] : [null, null];
      assert.deepEqual([found.rows, found.first, found.latest, found.stale], [rows.length, ...bounds, true], name);
    }
    assert.equal(status.feeds.reduce((sum, feed) => sum + feed.done, 0), tree.length);
    assert.deepEqual(status.failures, []);
    assert.match(status.feeds.find((feed) => feed.name === 'p5min').error, /^not offered: /);
    assert.equal((await nemd('status', '--data', data)).status, 3);
  });

  test('ends 0 when every dataset is fresh', async (t) => {
    const now = Math.floor((Date.now() + 10 * 3600000) / 300000) * 300000;
    const half = Math.floor(now / 1800000) * 1800000;
    const { data } = await collected(t, [dispatch(now), scada(now), trading(now), rooftop(half - 1800000)]);
    const end = await nemd('status', '--data', data);
    assert.equal(end.status, 0, end.stdout);
    const empty = folderFor(t);
    assert.equal((await nemd('status', '--data', empty)).status, 2, 'a folder without a store is a wrong usage');
    assert.deepEqual(filesOf(empty), []);
    assert.equal((await statusOf(data)).datasets.every((d) => !d.stale || !d.rows), true);
  });
});
