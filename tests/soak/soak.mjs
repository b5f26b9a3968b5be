/* `make soak [DAYS=7] [SEED=1] [RATE=0.02]`: days of a market in which everything goes wrong, and whether
 * the store then holds what the market did. */
import { soak } from '../e2e/support/soak.mjs';

const setting = (name, usual) => Number(process.env[name] || usual);
const rate = setting('RATE', 0.02);
const faults = `all=${rate},stall=${rate / 40}`; /* each stall is a minute of waiting */
const cleanup = [];
const t = { after: (work) => cleanup.push(work) };
try {
  const { wrong, figures } = await soak(t, { from: '2025-08-20T21:30:00', hours: 24 * setting('DAYS', 7), step: [20, 60],
    seed: setting('SEED', 1), faults, killed: 0.25, say: (line) => console.log(line) });
  console.log(JSON.stringify(figures, null, 2));
  console.log(wrong.length ? wrong.join('\n') : 'every row is right');
  process.exitCode = wrong.length ? 1 : 0;
} finally {
  for (const work of cleanup) await work();
}
