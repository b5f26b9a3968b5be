/* `make soak-history [MONTHS=2009-07,…] [DATASETS=prices5,…]`: months in each form in which history was
 * ever published, out of nemsim's monthly archive, and whether the store then holds what the market did.
 *
 *   2009-07, 2014-12   a month in one zip                     2021-10   settlement by five minutes
 *   2016-08, 2018-04   a file for each table, PUBLIC_DVD_…    2024-08   PUBLIC_ARCHIVE#…, in parts
 *   2021-09            the last half hours were traded        2026-09   names with %23 for the '#' */
import { compareWithTruth } from '../e2e/support/truth.mjs';
import { folderFor, start } from '../e2e/support/nemd.mjs';

const months = (process.env.MONTHS || '2009-07,2012-01,2014-12,2016-08,2018-04,2021-09,2021-10,2024-07,2024-08,2026-09').split(',');
const hour = 3600000;

/* The first month of each dataset in the monthly archive, as nemsim has it. Of pre-dispatch the months in
 * one zip have the last runs alone. Days of unit dispatch begin at 04:00. */
const first = {
  prices5: '2009-07', prices30: '2009-07', fcas5: '2009-07', transmission5: '2009-07', transmission30: '2009-07', regions5: '2009-07',
  constraints5: '2009-07', dispatch5: '2009-07', p5min: '2009-07', scada5: '2011-01', scada30: '2011-01', predispatch: '2015-01',
  rooftop30: '2016-08', rooftop_forecast: '2018-04', demand30: '2024-08',
};
/* Columns that the archive's table had later than the dispatch engine's own file. */
const lacking = (dataset, month) => (dataset === 'constraints5' && month < '2010-11' ? ['lhs'] : []);
const wanted = process.env.DATASETS ? process.env.DATASETS.split(',') : Object.keys(first);

function spanOf(month, dataset) {
  const from = new Date(`${month}-01T00:00:00Z`), to = new Date(from);
  to.setUTCMonth(to.getUTCMonth() + 1);
  if (dataset === 'dispatch5') from.setUTCHours(4);
  return { from: from.toISOString().slice(0, 19), to: to.toISOString().slice(0, 19) };
}

const cleanup = [];
const t = { after: (work) => cleanup.push(work) };
let wrongOnes = 0;
try {
  const sim = start(null, ['serve', '--port', '0', '--now', '2026-10-15', '--speed', '0'],
    { command: process.env.NEMSIM ?? new URL('../../build/nemsim', import.meta.url).pathname, ms: 24 * hour });
  cleanup.push(() => sim.stop('SIGKILL'));
  const [, url] = await sim.saw(/^listening on (\S+)\n/);
  for (const month of months) {
    const data = folderFor(t), begun = Date.now();
    const names = wanted.filter((name) => first[name] <= month);
    const { to } = spanOf(month);
    const last = new Date(Date.parse(`${to}Z`) - 86400000).toISOString().slice(0, 10);
    const brought = await start(null, ['backfill', '--from', `${month}-01`, '--to', last, '--dataset', names.join(), '--jobs', '1', '--source',
      url, '--data', data], { ms: hour }).ended;
    console.log(`${month}  ${brought.stdout.trimEnd().split('\n').pop()}`);
    if (brought.status !== 0) console.log(brought.stderr);
    wrongOnes += brought.status !== 0;
    for (const name of names) {
      const { rows, wrong, list } = await compareWithTruth(t, data, name,
        { ...spanOf(month, name), without: lacking(name, month) });
      console.log(`  ${name.padEnd(16)} ${String(rows).padStart(9)} rows, ${wrong} wrong`);
      for (const line of list) console.log(`    ${line}`);
      wrongOnes += wrong > 0 || rows === 0;
    }
    console.log(`  ${((Date.now() - begun) / 1000).toFixed(0)} s`);
  }
} finally {
  for (const work of cleanup) await work();
}
process.exitCode = wrongOnes ? 1 : 0;
