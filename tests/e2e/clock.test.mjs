/* A clock that is set, ahead and back, under a collector that runs. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { at, dispatch, intervals, scada } from './support/market.mjs';
import { collectOnce, folderFor, start, statusOf, until } from './support/nemd.mjs';
import { assertStore, expectedOf } from './support/rules.mjs';
import { Nemweb } from './support/server.mjs';

const shim = process.env.CLOCK_SHIFT;
const day = 86400;

test('days ahead and days back: every file is stored, and what failed meanwhile is tried again', { skip: !shim && 'no clock to set' }, async (t) => {
  const part = (hour) => [...intervals(`2025-08-20 ${hour}:05`, `2025-08-20 ${hour}:20`)].flatMap((time) => [dispatch(time), scada(time)]);
  const parts = ['12', '13', '14'].map(part);
  const path = ({ folder, name }) => `${folder}/${name}`;
  const nemweb = await Nemweb.start(t);
  const folder = folderFor(t);
  const data = join(folder, 'store');
  const clock = join(folder, 'clock');
  const set = (seconds) => writeFileSync(clock, `${seconds}`);
  set(0);
  const run = start(t, ['collect', '--interval', '1', '--source', nemweb.url, '--data', data],
    { env: { LD_PRELOAD: shim, CLOCK_SHIFT_FILE: clock } });
  const failing = { ...scada(at('2025-08-20 16:05')), fault: { status: 404 } };
  for (const [i, seconds] of [0, 3 * day, -5 * day].entries()) {
    set(seconds);
    for (const file of parts[i]) nemweb.put(file);
    if (i === 1) nemweb.put(failing); /* its next try is days ahead when the clock is set back */
    await until(`the files of part ${i}`, () => parts[i].every((file) => nemweb.count(path(file)) > 0));
    if (i === 1) await until('an entry of the refused file', async () => (await statusOf(data)).failures.length === 1);
    if (i === 1) nemweb.put({ ...failing, fault: undefined });
    if (i === 2) await until('another try', () => nemweb.count(path(failing)) > 1);
  }
  set(0);
  const end = await run.stop();
  assert.equal(end.status, 0, end.stderr);
  const last = await collectOnce(nemweb.url, data);
  assert.equal(last.status, 0, last.stderr);
  await assertStore(data, expectedOf([...parts.flat(), failing].map((file) => file.bytes)));
  assert.deepEqual((await statusOf(data)).failures, []);
  for (const file of parts.flat()) assert.equal(nemweb.count(path(file)), 1, file.name);
});
