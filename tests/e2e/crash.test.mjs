/* Months that close while others read, ledgers that are lost: no row is missed, none is there twice. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { at, dispatch, intervals, regions, scada } from './support/market.mjs';
import { collectOnce, folderFor, nemd, parquetOf, rowsOf, sleep, start, startServer, statusOf, until } from './support/nemd.mjs';
import { assertStore, expectedOf } from './support/rules.mjs';
import { Nemweb } from './support/server.mjs';

const months = ['2025-06', '2025-07', '2025-08'];
const times = months.flatMap((month) => [...intervals(`${month}-20 18:05`, `${month}-20 18:30`), at(`${month}-21 00:05`)]);
const tree = times.flatMap((time) => [dispatch(time), scada(time)]);
const expected = expectedOf(tree.map((file) => file.bytes));

/* Asks again and again until told to stop, half of the time; [check] fails on a wrong answer. */
async function reads(reading, ask, check) {
  let answers = 0;
  for (; !reading.over; answers++) {
    const begun = Date.now();
    check(await ask());
    await sleep(Date.now() - begun);
  }
  return answers;
}

describe('months that close', () => {
  test('while others query and ask the API: every answer has all rows, once', async (t) => {
    const nemweb = await Nemweb.start(t, tree);
    const data = folderFor(t);
    assert.equal((await collectOnce(nemweb.url, data)).status, 0);
    const server = await startServer(t, ['serve', '--data', data]);
    const hour = (month) => server.get(`/v1/prices?from=${month}-20T18:00&to=${month}-20T18:30&resolution=5m`);
    const answers = await Promise.all(months.map(hour));
    for (const answer of answers) {
      assert.equal(answer.status, 200);
      assert.equal(answer.json.data.time.length, 6);
      assert.equal(answer.json.data.series.length >= regions.length, true);
      assert.equal(answer.json.data.series.slice(0, 5).every(({ values }) => values.every((value) => value !== null)), true);
    }
    const reading = { over: false };
    const readers = Promise.all([
      reads(reading,
        () => rowsOf(data, `SELECT count(*) AS rows, count(DISTINCT (settlementdate, duid)) AS keys,
            (SELECT count(*) FROM prices5) AS prices, (SELECT count(DISTINCT settlementdate) FROM transmission5) AS flows FROM scada5`),
        ([row]) => assert.deepEqual(row, { rows: expected.scada5.length, keys: expected.scada5.length,
          prices: times.length * regions.length, flows: times.length })),
      reads(reading, () => Promise.all(months.map(hour)),
        (now) => now.forEach((answer, i) => {
          assert.equal(answer.status, 200);
          assert.deepEqual(answer.json.data, answers[i].json.data);
        })),
    ]);
    const closed = () => months.every((month) => ['scada5', 'scada30', 'prices5', 'fcas5', 'regions5', 'transmission5', 'transmission30']
      .every((name) => existsSync(join(data, name, '2025', `${month}.parquet`)) && !existsSync(join(data, name, '2025', `${month}-20.parquet`))));
    /* a reader who takes long has it leave a month for later: then another collector begins */
    for (let tries = 0; tries < 10 && !closed(); tries++) {
      const run = start(t, ['collect', '--source', nemweb.url, '--data', data]);
      await Promise.race([until('closed months', closed, 20000).catch(() => {}), readers]);
      await run.stop();
    }
    await sleep(200); /* some more answers from months alone */
    reading.over = true;
    const counts = await readers;
    t.diagnostic(`${counts[0]} queries and ${counts[1]} rounds of requests meanwhile`);
    assert.equal(closed(), true);
    assert.equal(counts.every((count) => count > 0), true);
    await assertStore(data, expected);

    /* late rows go into the months, and nothing is left beside them */
    const late = [scada(at('2025-06-20 18:35')), dispatch(at('2025-07-20 18:40'))];
    for (const file of late) nemweb.put(file);
    assert.equal((await collectOnce(nemweb.url, data)).status, 0);
    assert.equal(closed(), true);
    await assertStore(data, expectedOf([...tree, ...late].map((file) => file.bytes)));
  });
});

describe('a ledger', { concurrency: 2 }, () => {
  const remove = (data) => ['', '-wal', '-shm'].forEach((end) => rmSync(join(data, `state.db${end}`), { force: true }));
  const replace = (data, bytes) => {
    remove(data);
    writeFileSync(join(data, 'state.db'), bytes);
  };
  const damages = {
    'that is gone': remove,
    'that is empty': (data) => replace(data, ''),
    'cut short': (data) => {
      const path = join(data, 'state.db');
      const bytes = readFileSync(path);
      remove(data);
      writeFileSync(path, bytes);
      truncateSync(path, 5000);
    },
    'without its header': (data) => {
      const bytes = readFileSync(join(data, 'state.db'));
      replace(data, bytes.fill('x', 0, 100));
    },
    'of nothing but noise': (data) => replace(data, Buffer.alloc(40960, 'noise')),
  };
  for (const [what, spoil] of Object.entries(damages))
    test(`${what} costs one more reading of what is listed, and changes no row`, async (t) => {
      const nemweb = await Nemweb.start(t, tree);
      const data = folderFor(t);
      assert.equal((await collectOnce(nemweb.url, data)).status, 0);
      const before = parquetOf(data);
      spoil(data);
      assert.deepEqual((await nemd('query', 'SELECT count(*) FROM scada5', '--data', data)).status, 0, 'readers need none');
      const again = await collectOnce(nemweb.url, data);
      assert.equal(again.status, 0, again.stderr);
      for (const file of tree) assert.equal(nemweb.count(`${file.folder}/${file.name}`), 2, file.name);
      assert.deepEqual(parquetOf(data), before);
      const status = await statusOf(data);
      assert.equal(status.feeds.reduce((sum, feed) => sum + feed.done, 0), tree.length);
      assert.deepEqual(status.failures, []);
      const third = await collectOnce(nemweb.url, data);
      assert.equal(third.status, 0, third.stderr);
      assert.equal(nemweb.fetched.length, 2 * tree.length, 'and then it is known again');
    });
});
