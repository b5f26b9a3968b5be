/* Five hours around a midnight in which everything goes wrong: the store then holds what the market did. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soak } from './support/soak.mjs';

/* Trouble on the way costs pauses, and there is no time for many. */
const faults = 'all=0.03,stall=0,forbidden=0.008,throttled=0.008,broken=0.008,reset=0.008';

test('after all faults, and collectors killed on the way, every row is the market\'s own', { skip: !process.env.NEMSIM }, async (t) => {
  const { wrong, figures } = await soak(t, { from: '2025-08-20T23:30:00', hours: 5, step: [50, 60], killed: 0.4, faults });
  t.diagnostic(JSON.stringify(figures));
  assert.equal(wrong.join('\n'), '');
});
