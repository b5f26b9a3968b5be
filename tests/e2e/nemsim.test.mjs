/* The simulated NEMWEB from outside: what it lists and serves, what goes wrong when it is asked to, and
 * that nemd reads it all. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { smallTree } from './support/market.mjs';
import { collectOnce, filesOf, folderFor, nemd, rowsOf } from './support/nemd.mjs';
import { nemsim, startSim } from './support/nemsim.mjs';
import { csvsIn } from './support/read.mjs';
import { assertStore, expectedOf } from './support/rules.mjs';
import { Nemweb } from './support/server.mjs';

const current = '/Reports/CURRENT/';
const scada = `${current}Dispatch_SCADA/`;
/* A stopped clock, and some hours of history: enough for everything but the archives. */
const evening = ['--now', '2025-08-20T18:07:00', '--speed', '0', '--history', '0.0003'];
const timeOf = (name) => name.match(/_(\d{12})/)[1];
const files = async (sim, path) => (await sim.list(path)).filter((entry) => entry.size !== undefined);

describe('the command line', { concurrency: 4 }, () => {
  test('help says what there is, and ends with 0', async () => {
    const { status, stdout } = await nemsim('--help');
    assert.equal(status, 0);
    for (const command of ['serve', 'write', 'truth']) {
      assert.match(stdout, new RegExp(`^ +${command} `, 'm'));
      const help = await nemsim(command, '--help');
      assert.equal(help.status, 0);
      assert.match(help.stdout, new RegExp(`^nemsim ${command} .*--seed`, 's'));
    }
  });

  const wrong = [
    [[], /nemsim COMMAND/],
    [['sing'], /no command sing/],
    [['serve', '--prot', '1'], /no option --prot/],
    [['serve', '--port'], /missing behind --port/],
    [['serve', '--port', '65536'], /'65536' is not a port/],
    [['serve', '--now', 'noon'], /'noon' is not a time/],
    [['serve', '--speed=-1'], /'-1' is not a speed/],
    [['serve', '--control=yes'], /no value goes with/],
    [['serve', '--faults', 'all=0.1,stal=1'], /'stal'; there are all, forbidden/],
    [['serve', '--host', 'here'], /'here'/],
    [['serve', 'what'], /what is 'what'/],
    [['write', '--from', '2025-08-20', '--to', '2025-08-21'], /missing: nemsim write DIR/],
    [['write', 'd', '--from', '2025-08-20'], /--from and --to/],
    [['truth', 'prices5', '--from', '2025-08-21', '--to', '2025-08-20'], /not before/],
    [['truth', 'prices6', '--from', '2025-08-20', '--to', '2025-08-21'], /prices6/],
  ];
  for (const [args, words] of wrong)
    test(`nemsim ${args.join(' ')}`.trim(), async () => {
      const { status, stdout, stderr } = await nemsim(...args);
      assert.equal(status, 2);
      assert.match(stderr, words);
      assert.equal(stdout, '');
    });

  test('a port that is taken is a failure', async (t) => {
    const sim = await startSim(t, ...evening);
    const { status, stderr } = await nemsim('serve', '--port', new URL(sim.url).port);
    assert.equal(status, 1);
    assert.match(stderr, /taken/);
  });
});

describe('serving', { concurrency: 2 }, () => {
  test('every folder leads to the next, and every file has the size that its folder says', async (t) => {
    const sim = await startSim(t, ...evening);
    assert.ok((await sim.list('/Reports/')).some((entry) => /^current$/i.test(entry.name)));
    const folders = await sim.list(current);
    for (const name of ['DispatchIS_Reports', 'Dispatch_SCADA', 'TradingIS_Reports', 'ROOFTOP_PV'])
      assert.ok(folders.some((entry) => entry.name === name && entry.size === undefined), name);
    for (const folder of folders) {
      for (const { name, href, size } of (await files(sim, folder.href)).slice(-2)) {
        const { status, headers, body } = await sim.get(href);
        assert.equal(status, 200, href);
        assert.equal(body.length, size, name);
        assert.equal(headers['content-type'], name.endsWith('.zip') ? 'application/x-zip-compressed' : headers['content-type']);
        assert.ok(Date.parse(headers['last-modified']) <= Date.parse('2025-08-20T18:07:00+10:00'), name);
        if (!name.endsWith('.zip')) continue;
        for (const csv of csvsIn(body)) {
          const lines = csv.trimEnd().split(/\r?\n/);
          assert.match(lines[0], /^C,/);
          assert.equal(lines.at(-1), `C,"END OF REPORT",${lines.length}`, name);
        }
      }
    }
  });

  test('the newest file is that of the interval that has begun, and paths count in either case', async (t) => {
    const sim = await startSim(t, ...evening);
    const newest = (await files(sim, scada)).at(-1);
    assert.equal(timeOf(newest.name), '202508201810');
    const [csv] = csvsIn((await sim.get(newest.href)).body);
    assert.match(csv, /^D,DISPATCH,UNIT_SCADA,1,"2025\/08\/20 18:10:00",/m);
    const other = await sim.get(newest.href.toLowerCase());
    assert.equal(other.status, 200);
    assert.equal(other.body.length, newest.size);
    const head = await sim.get(newest.href, { method: 'HEAD' });
    assert.equal(Number(head.headers['content-length']), newest.size);
    assert.equal(head.body.length, 0);
    const moved = await sim.get(scada.slice(0, -1));
    assert.deepEqual([moved.status, moved.headers.location], [301, scada]);
    assert.equal((await sim.get(`${scada}nothing.zip`)).status, 404);
    assert.equal((await sim.get(`${current}Nothing/`)).status, 404);
    assert.equal((await sim.get('/clock')).status, 404, 'only with --control');
  });

  test('names of the monthly archive hold a literal %23, which a URL must escape again since May 2026', async (t) => {
    const sim = await startSim(t, '--now', '2026-06-20', '--speed', '0');
    const month = '/Data_Archive/Wholesale_Electricity/MMSDM/2026/MMSDM_2026_04/MMSDM_Historical_Data_SQLLoader/DATA/';
    const { href, name } = (await files(sim, month)).find((entry) => entry.name.includes('STATIONOWNER'));
    assert.match(name, /^PUBLIC_ARCHIVE%23STATIONOWNER%23FILE01%23202604010000\.zip$/i);
    const { status, body } = await sim.get(href);
    assert.equal(status, 200);
    assert.match(csvsIn(body)[0], /^I,\S*,STATIONOWNER,/m);
    assert.equal((await sim.get(href.replaceAll('%2523', '%23'))).status, 400);
  });

  test('a seed is a market: the same bytes in every run, others for another', async (t) => {
    const [a, b, c] = await Promise.all([['1'], ['1'], ['2']].map(([seed]) => startSim(t, ...evening, '--seed', seed)));
    const newest = async (sim) => (await sim.get((await files(sim, scada)).at(-1).href)).body;
    const [first, second, third] = await Promise.all([a, b, c].map(newest));
    assert.deepEqual(first, second);
    assert.notDeepEqual(first, third);
  });

  test('the clock can be set over midnight, and runs as fast as it is told', async (t) => {
    const sim = await startSim(t, ...evening, '--control');
    await sim.setClock('2025-08-20T23:59:00');
    assert.equal(timeOf((await files(sim, scada)).at(-1).name), '202508210000');
    await sim.setClock('2025-08-21T00:07:00');
    assert.equal(timeOf((await files(sim, scada)).at(-1).name), '202508210010');
    await sim.setClock('2025-08-21T00:07:00', 1000);
    await new Promise((done) => setTimeout(done, 500));
    const { body } = await sim.get('/clock');
    const [, now] = body.toString().match(/^now=(\S+)&speed=1000\n$/);
    assert.ok(now >= '2025-08-21T00:15:00' && now < '2025-08-21T02:00:00', now);
    assert.ok(timeOf((await files(sim, scada)).at(-1).name) >= '202508210015');
  });

  test('it ends at once with status 0, also amid a request', async (t) => {
    for (const signal of ['SIGTERM', 'SIGINT']) {
      const sim = await startSim(t, ...evening, '--faults', 'stall=1');
      const cut = sim.get(scada).then(() => null, (error) => error);
      await new Promise((done) => setTimeout(done, 100));
      const end = await sim.stop(signal);
      assert.equal(end.status, 0);
      assert.ok(end.ms < 15000, `${end.ms} ms`);
      assert.ok(await cut);
    }
  });
});

describe('faults of requests', { concurrency: 2 }, () => {
  /* The newest file, and its folder, as they are and as [faults] leave them. */
  async function both(t, faults) {
    const [good, bad] = await Promise.all([startSim(t, ...evening), startSim(t, ...evening, '--verbose', '--faults', faults)]);
    const { href } = (await files(good, scada)).at(-1);
    return { good, bad, href, bytes: (await good.get(href)).body };
  }

  for (const [fault, status] of [['forbidden', 403], ['throttled', 429], ['broken', 500]])
    test(`${fault} is ${status} with an HTML page`, async (t) => {
      const { bad, href } = await both(t, `${fault}=1`);
      for (const path of [href, scada]) {
        const answer = await bad.get(path);
        assert.equal(answer.status, status);
        assert.match(answer.headers['content-type'], /html/);
        assert.match(answer.body.toString(), /<h2>/);
        assert.equal(answer.headers['retry-after'], fault === 'throttled' ? '2' : undefined);
      }
      assert.match(bad.stderr, new RegExp(`msg=fault fault=${fault} path=${href} n=0`));
    });

  test('a reset comes midway', async (t) => {
    const { bad, href, bytes } = await both(t, 'reset=1');
    await assert.rejects(bad.get(href), (error) => error.code === 'ECONNRESET' && error.partial.length < bytes.length);
  });

  test('a stall is silence midway, and others are served meanwhile', async (t) => {
    const { bad, href } = await both(t, 'stall=0.5');
    const answers = await Promise.allSettled(Array.from({ length: 12 }, () => bad.get(href, { ms: 1500 })));
    const silent = answers.filter((a) => a.reason?.message === 'silence').length;
    assert.equal(answers.filter((a) => a.value?.status === 200).length, 12 - silent);
    assert.ok(silent > 1 && silent < 11, `${silent}`);
  });

  test('a zip ends early, or has a byte that is another', async (t) => {
    const short = await both(t, 'truncated=1');
    const cut = (await short.bad.get(short.href)).body;
    assert.ok(cut.length < short.bytes.length && short.bytes.subarray(0, cut.length).equals(cut));
    const other = await both(t, 'flipped=1');
    const flipped = (await other.bad.get(other.href)).body;
    assert.equal(flipped.length, other.bytes.length);
    assert.equal(flipped.filter((byte, i) => byte !== other.bytes[i]).length, 1);
  });

  test('a stale list lacks the newest file, and no other', async (t) => {
    const { good, bad } = await both(t, 'stale-list=1');
    assert.deepEqual(await bad.list(scada), (await good.list(scada)).slice(0, -1));
    assert.deepEqual(await bad.list(current), await good.list(current));
  });

  test('the next try may succeed, and which one does is the same in every run', async (t) => {
    const statuses = async () => {
      const { bad, href } = await both(t, 'forbidden=0.3,broken=0.3');
      const seen = [];
      for (let i = 0; i < 20; i++) seen.push((await bad.get(href)).status);
      return seen;
    };
    const [first, second] = [await statuses(), await statuses()];
    assert.deepEqual(first, second);
    for (const status of [200, 403, 500]) assert.ok(first.includes(status), `${status}`);
  });
});

describe('nemd', () => {
  const feeds = ['DispatchIS_Reports', 'Dispatch_SCADA', 'TradingIS_Reports', 'ROOFTOP_PV/ACTUAL', 'Operational_Demand/ACTUAL_HH',
    'P5_Reports', 'PredispatchIS_Reports', 'ROOFTOP_PV/FORECAST', 'DISPATCHIS_PRICE_REVISIONS', 'Public_Prices',
    'Next_Day_Dispatch'];
  const truths = ['prices5', 'fcas5', 'scada5', 'transmission5', 'regions5', 'rooftop30'];
  const served = async (sim) => {
    const all = [];
    for (const feed of feeds)
      for (const { href } of await files(sim, `${current}${feed}/`)) all.push((await sim.get(href)).body);
    return all;
  };

  test('stores what the files say, over HTTP', async (t) => {
    const sim = await startSim(t, ...evening);
    const data = folderFor(t);
    const end = await collectOnce(sim.url, data);
    assert.equal(end.status, 0, end.stderr);
    await assertStore(data, expectedOf(await served(sim)));
  });

  /* Every dataset agrees with the market itself, value for value, between [from] and [to]. */
  async function assertTruth(data, from, to) {
    const plain = (value) => (value === null || value === '' ? null : Number.isNaN(Number(value)) ? String(value) : Number(value));
    const keyOf = (row) => `${row[0]} ${row[1]}`;
    const sorted = (list) => list.map((row) => row.map(plain)).sort((x, y) => (keyOf(x) < keyOf(y) ? -1 : 1));
    for (const dataset of truths) {
      const { status, stdout, stderr } = await nemsim('truth', dataset, '--from', from, '--to', to);
      assert.equal(status, 0, stderr);
      const [columns, ...expected] = stdout.trimEnd().split('\n').map((line) => line.split(','));
      const rows = await rowsOf(data, `SELECT ${columns.join()} FROM ${dataset}
        WHERE settlementdate > '${from}' AND settlementdate <= '${to}'`);
      assert.ok(expected.length >= 10, dataset);
      assert.deepEqual(sorted(rows.map((row) => columns.map((column) => row[column]))), sorted(expected), dataset);
    }
  }

  test('holds what the market did', async (t) => {
    const sim = await startSim(t, ...evening);
    const data = folderFor(t);
    await collectOnce(sim.url, data);
    await assertTruth(data, '2025-08-20T16:00:00', '2025-08-20T17:30:00');
  });

  test('holds it too where files were wrong at first, late, empty, doubled or of another form', async (t) => {
    const kinds = ['footer', 'late', 'twice', 'revised', 'empty', 'new-column', 'version'];
    const sim = await startSim(t, ...evening, '--faults', kinds.map((kind) => `${kind}=0.1`).join());
    const data = folderFor(t);
    await collectOnce(sim.url, data);
    await assertTruth(data, '2025-08-20T15:30:00', '2025-08-20T16:30:00');
  });

  test('stores the same from a folder that nemsim wrote', async (t) => {
    const sim = await startSim(t, ...evening);
    const [folder, data] = [folderFor(t), folderFor(t)];
    const from = new Date(Date.parse('2025-08-20T18:07:00Z') - 0.0003 * 365.25 * 86400000).toISOString().slice(0, 19);
    const wrote = await nemsim('write', folder, '--from', from, '--to', '2025-08-20T18:07:00', '--feeds', feeds.join(','), '--verbose');
    assert.equal(wrote.status, 0, wrote.stderr);
    assert.ok(filesOf(folder).length > 50);
    const files = filesOf(folder).filter((path) => path !== 'SIMULATED');
    assert.equal(files.length, filesOf(folder).length - 1, 'a mark that says what the folder is');
    assert.equal(wrote.stdout.trimEnd().split('\n').length, files.length);
    for (const path of files.slice(-3))
      assert.deepEqual(readFileSync(join(folder, path)), (await sim.get(`/${path}`)).body, path);
    const end = await collectOnce(folder, data);
    assert.equal(end.status, 0, end.stderr);
    await assertStore(data, expectedOf(await served(sim)));
  });

  test('stores every dataset of a morning with the reports of the day before and a price that was revised', async (t) => {
    const [folder, data] = [folderFor(t), folderFor(t)];
    const wrote = await nemsim('write', folder, '--from', '2025-09-03T03:00:00', '--to', '2025-09-03T07:45:00', '--feeds', feeds.join());
    assert.equal(wrote.status, 0, wrote.stderr);
    const end = await collectOnce(folder, data);
    assert.equal(end.status, 0, end.stderr);
    const expected = expectedOf(filesOf(folder).filter((path) => path.endsWith('.zip')).map((path) => readFileSync(join(folder, path))));
    assert.deepEqual(Object.keys(expected).filter((name) => !expected[name].length), ['demand5'], 'which is in no report');
    const revised = expected.pricestatus5.filter((row) => row.lastchanged > '2025-09-03 07:31');
    assert.ok(revised.some((row) => row.settlementdate < '2025-09-03 07:00'), 'a revision');
    await assertStore(data, expected);
  });

  test('marks its rows as simulated, and lets no store mix them with real ones', async (t) => {
    const sim = await startSim(t, ...evening);
    const [data, mixed] = [folderFor(t), folderFor(t)];
    assert.equal((await collectOnce(sim.url, data)).status, 0);
    assert.match((await nemd('status', '--data', data)).stdout, /SIMULATED/);
    assert.equal(JSON.parse((await nemd('status', '--json', '--data', data)).stdout).simulated, true);
    const { url: real } = await Nemweb.start(t, smallTree());
    assert.equal((await collectOnce(real, mixed)).status, 0);
    const before = readFileSync(join(mixed, 'STORE'), 'utf8');
    const refused = await collectOnce(sim.url, mixed);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /holds real data, and the source is simulated/);
    assert.equal(readFileSync(join(mixed, 'STORE'), 'utf8'), before);
    assert.match((await collectOnce(real, data)).stderr, /holds simulated data, and the source is real/);
  });

  test('gets through faults of requests', async (t) => {
    const sim = await startSim(t, ...evening, '--faults', 'forbidden=0.02,broken=0.05,reset=0.05,truncated=0.03,flipped=0.03');
    const good = await startSim(t, ...evening);
    const data = folderFor(t);
    let end;
    for (let run = 0; run < 6 && end?.status !== 0; run++) end = await collectOnce(sim.url, data);
    await assertStore(data, expectedOf(await served(good)));
  });
});
