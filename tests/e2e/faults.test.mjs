/* Bad files among good ones, and a server in trouble: what is good is stored, what is bad is said. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { at, dispatch, dispatchCsv, dispatchName, folders, intervals, mms, rooftop, scada, scadaCsv, scadaName, trading } from './support/market.mjs';
import { collectOnce, filesOf, folderFor, ledgerOf, logLines, nemd, parquetOf, rowsOf, start, startServer, statusOf, until } from './support/nemd.mjs';
import { assertStore, expectedOf } from './support/rules.mjs';
import { Nemweb } from './support/server.mjs';
import { flipped, zipOf } from './support/zip.mjs';

const good = [...intervals('2025-08-20 18:05', '2025-08-20 18:20')].flatMap((time) => [dispatch(time), scada(time), trading(time)]);
good.push(rooftop(at('2025-08-20 18:00')));

/* -- bad files: each has a time of its own, and rows that would be fine but for one thing -------- */

const bad = [];
const nextTime = () => at('2025-08-20 06:00') + bad.length * 300000;

/* A SCADA file whose CSV [spoil] has spoiled, in a good zip. */
function spoiltScada(what, reason, spoil, options = {}) {
  const time = nextTime();
  const name = scadaName(time);
  const csv = Buffer.from(spoil(scadaCsv(time, options).toString(), time));
  bad.push({ what, reason, folder: folders.scada, name: `${name}.zip`, bytes: zipOf([{ name: `${name}.CSV`, data: csv }]), repaired: scada(time) });
}

/* A file that is bad as a whole: [make] gives its bytes, or {bytes, fault}. */
function spoiltFile(what, reason, make) {
  const time = nextTime();
  const repaired = scada(time);
  const made = make(repaired.bytes, time);
  bad.push({ what, reason, folder: folders.scada, name: repaired.name, repaired, ...(Buffer.isBuffer(made) ? { bytes: made } : made) });
}

const nested = (bytes, depth, name) => {
  for (let i = 0; i < depth; i++) bytes = zipOf([{ name: i ? `${name}${i}.zip` : `${name}.CSV`, data: bytes }]);
  return bytes;
};

spoiltFile('a zip cut short', /cut short|end record/, (bytes) => bytes.subarray(0, bytes.length * 0.6));
spoiltFile('a zip with a flipped byte', /CRC|deflate|inflate|corrupt|invalid|ends after|goes on/i, (bytes) => flipped(bytes, Math.floor(bytes.length / 2)));
spoiltFile('a zip whose only fault is a digit that is another', /CRC/, (_, time) => {
  const whole = zipOf([{ name: 'X.CSV', data: scadaCsv(time, { values: { SNOWYP: '123.25' } }) }], { stored: true });
  return flipped(whole, whole.indexOf('123.25') + 1, 0x01);
});
spoiltFile('an HTML page with status 200', /HTML/, (bytes) => ({ bytes, fault: { html: true } }));
spoiltFile('a file that is gone though listed', /404/, (bytes) => ({ bytes, fault: { status: 404 } }));
spoiltFile('an empty file', /empty/, () => Buffer.alloc(0));
spoiltFile('an empty zip', /holds no file/, () => zipOf([]));
spoiltFile('a zip that declares 5 GB', /5000000000/, (_, time) => zipOf([{ name: 'X.CSV', data: scadaCsv(time) }], { declaredSize: 5e9 }));
spoiltFile('a zip in a zip in a zip in a zip', /zips in zips/, (_, time) => nested(scadaCsv(time), 4, 'X'));
spoiltFile('text that is no MMS file', /not an MMS file/, () => Buffer.from('SETTLEMENTDATE,DUID\r\n2025,X\r\n'));
spoiltScada('a footer that counts wrong', /footer says 99/, (csv) => csv.replace(/"END OF REPORT",\d+/, '"END OF REPORT",99'));
spoiltScada('a missing footer', /END OF REPORT/, (csv) => csv.replace(/C,"END OF REPORT",\d+\r\n/, ''));
spoiltScada('a file cut at a line', /END OF REPORT/, (csv) => csv.split('\r\n').slice(0, 6).join('\r\n') + '\r\n');
spoiltScada('a missing column', /UNIT_SCADA.*has no column scadavalue/i, (csv) => csv.replace(',SCADAVALUE', ',SOMETHING'));
spoiltScada('a row with a field too few', /line 5.*fields/, (csv) => {
  const lines = csv.split('\r\n');
  lines[4] = lines[4].replace(/,[^,]*$/, '');
  return lines.join('\r\n');
});
for (const number of ['12.5MW', 'NaN', '0x10', '1e999', '1,5'.replace(',', ';')])
  spoiltScada(`the number ${number}`, new RegExp(`SCADAVALUE is '${number.replace('.', '\\.')}'`), (csv) => csv, { values: { SNOWYP: number } });
spoiltScada('a date that is none', /SETTLEMENTDATE is '2025\/02\/30/, (csv) => csv.replace(/"2025\/08\/20 [^"]*",TUMUT3/, '"2025/02/30 18:05:00",TUMUT3'));
spoiltScada('a time off the grid', /SETTLEMENTDATE is .*five-minute/, (csv) => csv.replace(/(\d\d:\d\d):00",TUMUT3/, '$1:30",TUMUT3'));
spoiltScada('a time far in the future', /SETTLEMENTDATE is '2999/, (csv) => csv.replace(/"2025(\/\d\d\/\d\d \d\d:\d\d:\d\d",TUMUT3)/, '"2999$1'));
spoiltScada('a DUID of 200 characters', /DUID is 'XXXX.*identifier/, (csv) => csv.replace('TUMUT3', 'X'.repeat(200)));
spoiltScada('a row without a DUID', /DUID is ''/, (csv) => csv.replace('TUMUT3', ''));
{
  /* a second table that is bad refuses the first, which is good */
  const time = nextTime();
  const name = dispatchName(time);
  const csv = Buffer.from(dispatchCsv(time).toString().replace(/(I,DISPATCH,REGIONSUM,9,.*)TOTALDEMAND/, '$1TOTAL_DEMAND'));
  bad.push({ what: 'a table without one of its columns behind a good one', reason: /REGIONSUM.*has no column totaldemand/i, folder: folders.dispatch,
    name: `${name}.zip`, bytes: zipOf([{ name: `${name}.CSV`, data: csv }]), repaired: dispatch(time) });
}

const pathOf = (file) => `${file.folder}/${file.name}`;

describe('bad files', { concurrency: 4 }, () => {
  test('are refused whole, one line each, while all good ones are stored; and tried five times in all', async (t) => {
    const nemweb = await Nemweb.start(t, [...good, ...bad]);
    const data = folderFor(t);
    const first = await collectOnce(nemweb.url, data);
    assert.equal(first.status, 3, first.stderr);
    await assertStore(data, expectedOf(good.map((file) => file.bytes)));

    const lines = logLines(first.stderr);
    for (const file of bad) {
      const about = lines.filter((line) => line.file === file.name);
      assert.equal(about.length, 1, `${file.what}: one line, not ${about.length}`);
      assert.equal(about[0].level, 'warn', file.what);
      assert.match(about[0].error, file.reason, file.what);
      assert.doesNotMatch(about[0].error, /X{100}/, 'a message holds no more of the data than helps');
    }
    assert.equal(lines.filter((line) => line.msg === 'refused').length, bad.length);

    const status = await statusOf(data);
    assert.equal(status.feeds.reduce((sum, feed) => sum + feed.failed, 0), bad.length);
    assert.equal(status.feeds.reduce((sum, feed) => sum + feed.done, 0), good.length);
    for (const failure of status.failures) {
      const file = bad.find((f) => f.name === failure.file);
      assert.match(failure.reason, file.reason, file.what);
      assert.equal(failure.tries, 1, file.what);
    }
    t.diagnostic(`status lists ${status.failures.length} of ${bad.length} failures`);

    const before = parquetOf(data);
    for (let run = 2; run <= 7; run++) {
      const { status: ended, stderr } = await collectOnce(nemweb.url, data);
      assert.equal(ended, 3, stderr);
      for (const file of bad) assert.equal(nemweb.count(pathOf(file)), Math.min(run, 5), file.what);
    }
    for (const file of good) assert.equal(nemweb.count(pathOf(file)), 1, file.name);
    assert.deepEqual(parquetOf(data), before);

    /* repaired, under the same names: the other size says so */
    for (const file of bad) nemweb.put({ ...file, bytes: file.repaired.bytes, fault: undefined });
    const repaired = bad.filter((file) => file.bytes.length !== file.repaired.bytes.length);
    assert.equal(repaired.length > 15, true);
    const last = await collectOnce(nemweb.url, data);
    assert.equal(last.status, 3, 'those of the same size still stand as failed');
    await assertStore(data, expectedOf([...good, ...repaired.map((file) => file.repaired)].map((file) => file.bytes)));
    assert.equal((await statusOf(data)).failures.length, bad.length - repaired.length);
  });

  test('status lists every failure that it counts', async (t) => {
    const files = bad.filter((file) => file.folder === folders.scada);
    const nemweb = await Nemweb.start(t, files);
    const data = folderFor(t);
    await collectOnce(nemweb.url, data);
    const status = await statusOf(data);
    const counted = status.feeds.reduce((sum, feed) => sum + feed.failed, 0);
    assert.equal(counted, files.length);
    assert.equal(status.failures.length, counted);
  });

  test('a refused file is asked for again when its time has come, though its folder page is the same', async (t) => {
    const nemweb = await Nemweb.start(t, [...good, bad[0]]);
    const data = folderFor(t);
    const run = start(t, ['collect', '--interval', '1', '--source', nemweb.url, '--data', data]);
    const path = pathOf(bad[0]);
    await run.saw(/refused/);
    const asked = () => nemweb.requests.filter((r) => r.path === `${folders.scada}/`).length;
    await until('two more looks at the folder', () => asked() >= 3);
    assert.equal(nemweb.count(path), 1, 'not before its time');
    if (ledgerOf(data, "UPDATE files SET next_try = 0 WHERE status = 'failed'") === null) return t.skip('no sqlite3 here');
    await until('a second try', () => nemweb.count(path) === 2);
    const looks = asked();
    await until('three more looks at the folder', () => asked() >= looks + 3);
    assert.equal(nemweb.count(path), 2);
    /* a time that no pause can have set: the clock was ahead then, and has been set back */
    ledgerOf(data, "UPDATE files SET next_try = 4000000000 WHERE status = 'failed'");
    await until('a third try', () => nemweb.count(path) === 3);
  });
});

describe('a server in trouble', { concurrency: 8 }, () => {
  test('that says 403, 429 or 503 twice is asked again, and nothing is missing', async (t) => {
    const files = good.map((file, i) => (i < 3 ? { ...file, fault: { statuses: [[403, 403], [429, 429], [503, 503]][i] } } : file));
    const nemweb = await Nemweb.start(t, files);
    const data = folderFor(t);
    const end = await collectOnce(nemweb.url, data);
    assert.equal(end.status, 0, end.stderr);
    await assertStore(data, expectedOf(good.map((file) => file.bytes)));
    for (const [i, file] of files.entries()) assert.equal(nemweb.count(pathOf(file)), i < 3 ? 3 : 1);
  });

  for (const [what, fault] of [['resets the connection', { reset: true }], ['sends half of a file', { cut: 100 }], ['says 503 for good', { status: 503 }]])
    test(`that ${what} costs the one file, and no try of it`, async (t) => {
      const nemweb = await Nemweb.start(t, [...good.slice(1), { ...good[0], fault }]);
      const data = folderFor(t);
      const end = await collectOnce(nemweb.url, data);
      assert.equal(end.status, 3, end.stderr);
      await assertStore(data, expectedOf(good.slice(1).map((file) => file.bytes)));
      const asked = nemweb.count(pathOf(good[0])); /* libcurl adds one where a kept connection was reset */
      assert.equal(fault.reset ? asked >= 4 && asked <= 8 : asked === 4, true, `asked ${asked} times in one run`);
      const about = logLines(end.stderr).filter((line) => line.file === good[0].name);
      assert.equal(about.length, 1, end.stderr);
      const [failure] = (await statusOf(data)).failures;
      assert.equal(failure.file, good[0].name);
      assert.equal(failure.tries, 0, 'network trouble says nothing about the file');
      nemweb.put(good[0]);
      const again = await collectOnce(nemweb.url, data);
      assert.equal(again.status, 0, again.stderr);
      await assertStore(data, expectedOf(good.map((file) => file.bytes)));
      assert.deepEqual((await statusOf(data)).failures, []);
    });

  test('with one feed is left alone there, while other feeds go on, and nothing is lost', async (t) => {
    const many = [...intervals('2025-08-20 18:05', '2025-08-20 19:00')].map((time) => scada(time));
    const others = good.filter((file) => file.folder !== folders.scada);
    const nemweb = await Nemweb.start(t, [...others, ...many.map((file) => ({ ...file, fault: { reset: true } }))]);
    const data = folderFor(t);
    const end = await collectOnce(nemweb.url, data);
    assert.equal(end.status, 3, end.stderr);
    await assertStore(data, expectedOf(others.map((file) => file.bytes)));
    assert.equal(many.some((file) => nemweb.count(pathOf(file)) === 0), true, 'it is not asked for all twelve files four times');
    for (const file of many) nemweb.put(file);
    const again = await collectOnce(nemweb.url, data);
    assert.equal(again.status, 0, again.stderr);
    await assertStore(data, expectedOf([...others, ...many].map((file) => file.bytes)));
  });

  test('whose folder page is an error page with status 200 fails that feed alone', async (t) => {
    const nemweb = await Nemweb.start(t, good);
    const data = folderFor(t);
    nemweb.broken = folders.scada;
    const end = await collectOnce(nemweb.url, data);
    assert.equal(end.status, 3, end.stderr);
    const about = logLines(end.stderr).filter((line) => line.level === 'error');
    assert.equal(about.length, 1, end.stderr);
    assert.match(about[0].error, /dispatchscada.*not a folder page/);
    assert.match((await statusOf(data)).feeds.find((feed) => feed.name === 'dispatchscada').error, /not a folder page/);
    await assertStore(data, expectedOf(good.filter((file) => file.folder !== folders.scada).map((file) => file.bytes)));
  });

  test('that is not there at all makes the run fail with one clear line', async (t) => {
    const nemweb = await Nemweb.start(t);
    const data = folderFor(t);
    await nemweb.close();
    const end = await collectOnce(nemweb.url, data);
    t.diagnostic(`it took ${(end.ms / 1000).toFixed(1)} s; ${end.stderr.split('\n').length - 1} lines on stderr`);
    assert.equal(end.status, 1, end.stderr);
    const clear = end.stderr.split('\n').filter((line) => line && !/level=(debug|info)/.test(line));
    assert.equal(clear.length, 1, end.stderr);
    assert.match(clear[0], new RegExp(`can't be reached.*127\\.0\\.0\\.1:${nemweb.port}`));
    assert.deepEqual(filesOf(data).filter((path) => path.endsWith('.parquet')), []);
  });
});

describe('a damaged Parquet file', () => {
  const damage = async (t) => {
    const nemweb = await Nemweb.start(t, good);
    const data = folderFor(t);
    assert.equal((await collectOnce(nemweb.url, data)).status, 0);
    const path = join(data, 'scada5/2025/2025-08-20.parquet');
    const bytes = readFileSync(path).subarray(0, 200);
    writeFileSync(path, bytes);
    return { nemweb, data, path, bytes };
  };

  test('is named by the collector, which goes on with other datasets, and writes nothing over it', async (t) => {
    const { nemweb, data, path, bytes } = await damage(t);
    nemweb.put(scada(at('2025-08-20 18:25')));
    nemweb.put(trading(at('2025-08-20 18:25')));
    const end = await collectOnce(nemweb.url, data);
    assert.equal(end.status, 3, end.stderr);
    const about = logLines(end.stderr).filter((line) => /warn|error/.test(line.level));
    assert.equal(about.length, 1, end.stderr);
    assert.match(about[0].error, /scada5\/2025\/2025-08-20\.parquet/);
    assert.deepEqual(readFileSync(path), bytes);
    /* when it is out of the way, what could not be committed is: it was not taken for done */
    rmSync(path);
    assert.equal((await collectOnce(nemweb.url, data)).status, 0);
    assert.equal((await rowsOf(data, 'SELECT count(DISTINCT settlementdate) AS n FROM scada5'))[0].n, 1);
    assert.equal((await rowsOf(data, 'SELECT count(*) AS n FROM prices5'))[0].n, 25);
  });

  test('costs readers of other datasets nothing', async (t) => {
    const { data } = await damage(t);
    const serve = await startServer(t, ['serve', '--data', data]);
    assert.equal((await serve.get('/v1/prices')).status, 200);
    const answer = await serve.get('/v1/generation');
    assert.deepEqual([answer.status, answer.json?.error.code], [500, 'internal']);
    assert.equal((await rowsOf(data, 'SELECT count(*) AS n FROM prices5'))[0].n, 20);
  });

  test('is told by query and status in one line that names it', async (t) => {
    const { data } = await damage(t);
    for (const args of [['query', 'SELECT * FROM scada5'], ['status']]) {
      const end = await nemd(...args, '--data', data);
      assert.equal(end.status, 1, args[0]);
      assert.match(end.stderr, /^nemd .*scada5\/2025\/2025-08-20\.parquet.*\n$/, args[0]);
    }
  });
});

test('the earliest time in a refused file leaves no trace in the store', async (t) => {
  const time = at('2025-08-20 18:05');
  const csv = scadaCsv(time).toString().replace(mms(time), '1997/01/01 00:05:00');
  const nemweb = await Nemweb.start(t, [{ folder: folders.scada, name: `${scadaName(time)}.CSV`, bytes: Buffer.from(csv) }]);
  const data = folderFor(t);
  const end = await collectOnce(nemweb.url, data);
  assert.equal(end.status, 3, end.stderr);
  assert.deepEqual(await rowsOf(data, 'SELECT * FROM scada5'), []);
  assert.deepEqual(filesOf(data).filter((path) => path.startsWith('scada5')), []);
});
