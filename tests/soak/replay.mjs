/* `make soak-replay [YEAR=2024]`: a simulated year of prices, and whether a replay of alerts over it tells
 * what SQL finds, none missing, none twice: undisturbed, and killed at random. */
import assert from 'node:assert/strict';
import { crossings, replayed, replayedUnderFire, told } from '../e2e/support/replay.mjs';
import { folderFor, nemd, rowsOf, start } from '../e2e/support/nemd.mjs';

const year = Number(process.env.YEAR || 2024);
const spans = [
  { high: 1000, extreme: 10000, normal: 300 }, // as they are set
  { high: 150, extreme: 280, normal: 90 },
  { high: 100, extreme: 100, normal: 99 },
].map((span) => ({ ...span, from: `${year}-01-01`, to: `${year + 1}-01-01` }));

const cleanup = [];
const t = { after: (work) => cleanup.push(work) };
try {
  const sim = start(null, ['serve', '--port', '0', '--now', `${year + 1}-02-12`, '--speed', '0'],
    { command: process.env.NEMSIM ?? new URL('../../build/nemsim', import.meta.url).pathname, ms: 24 * 3600000 });
  cleanup.push(() => sim.stop('SIGKILL'));
  const [, url] = await sim.saw(/^listening on (\S+)\n/);
  const data = folderFor(t);
  for (let month = 1; month <= 12; month++) {
    const name = `${year}-${String(month).padStart(2, '0')}`;
    const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
    const { status, stderr } = await nemd('backfill', '--source', url, '--data', data, '--from', `${name}-01`, '--to', `${name}-${last}`,
      '--dataset', 'prices5,pricestatus5');
    assert.ok(status === 0 || status === 3, stderr);
  }
  const [{ rows }] = await rowsOf(data, 'SELECT count(*)::INT AS "rows" FROM prices5');
  console.log(`${year}: ${rows} prices`);
  for (const span of spans) {
    const wanted = told(await rowsOf(data, crossings(span)));
    assert.ok(wanted.length > 0, 'a comparison with nothing');
    const begun = Date.now();
    assert.deepEqual(await replayed(t, data, span), wanted);
    const took = Date.now() - begun;
    /* killed some thirty times before it is through */
    assert.deepEqual(await replayedUnderFire(t, data, span, Math.max(1, took / 7500)), wanted);
    console.log(`from ${span.high}: ${wanted.length} decisions, as SQL has them; a replay takes ${took} ms`);
  }
} finally {
  for (const work of cleanup.reverse()) await work();
}
