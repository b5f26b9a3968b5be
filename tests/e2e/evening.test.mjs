/* The evening peak over two simulated evenings: every number is what plain SQL over the Parquet says. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { asking, links, signed, simulatedStore } from './support/routes.mjs';

/* What the tests share ends with their suite. */
const shared = { hooks: [], after(work) { this.hooks.push(work); } };
const feeds = ['DispatchIS_Reports', 'Dispatch_SCADA', 'TradingIS_Reports', 'ROOFTOP_PV/ACTUAL', 'Operational_Demand/ACTUAL_HH'];
let api;
before(async () => {
  /* files of half hours come half an hour later */
  api = asking(await simulatedStore(shared, [20, 19].map((day) => [`2025-08-${day}T16:30:00`, `2025-08-${day}T22:45:00`, feeds])));
});
after(async () => {
  for (const work of shared.hooks) await work();
});

/* The end of the half hour that holds t. */
const half = 'time_bucket(INTERVAL 30 minute, t - INTERVAL 1 second) + INTERVAL 30 minute';

/* evening(day, slot, t, region, measure, v): each half hour that ends 17:30 to 22:00, and the NEM beside its regions. */
const evening = `WITH ${links}, ${signed},
  market AS (SELECT settlementdate t, regionid region, rrp, greatest(0, totaldemand) AS weight FROM prices5 JOIN regions5 USING (settlementdate, regionid)),
  flows AS (SELECT settlementdate t, target region, meteredmwflow mw FROM transmission5 JOIN links ON id = interconnectorid
    UNION ALL SELECT settlementdate, source, -meteredmwflow FROM transmission5 JOIN links ON id = interconnectorid),
  fives AS (SELECT t, region, 'net_import' measure, sum(mw) v FROM flows GROUP BY ALL
    UNION ALL SELECT t, region, fuel, sum(up) FROM parts GROUP BY ALL
    UNION ALL SELECT t, region, 'charge', sum(down) FROM parts WHERE fuel = 'Battery' GROUP BY ALL
    UNION ALL SELECT t, region, 'load', sum(down) FROM parts WHERE fuel <> 'Battery' GROUP BY ALL),
  points AS (SELECT settlementdate t, regionid region, power, lag(power) OVER (PARTITION BY regionid ORDER BY settlementdate) AS prior FROM rooftop30),
  means AS (SELECT ${half} t, region, measure, avg(v) v FROM fives GROUP BY ALL
    UNION ALL SELECT settlementdate, regionid, 'demand', demand FROM demand30
    UNION ALL SELECT t, region, 'rooftop', (2.5 * prior + 3.5 * power) / 6 FROM points),
  every AS (FROM means
    UNION ALL SELECT t, 'NEM', measure, sum(v) FROM means WHERE measure <> 'net_import' GROUP BY ALL
    UNION ALL SELECT ${half}, region, 'price', avg(rrp) FROM market GROUP BY ALL
    UNION ALL SELECT ${half}, 'NEM', 'price', sum(rrp * weight) / sum(weight) FROM market GROUP BY ALL),
  evening AS (SELECT t::DATE AS "day", strftime(t, '%H:%M') slot, * FROM every WHERE strftime(t, '%H:%M') BETWEEN '17:30' AND '22:00')`;
const day = "\"day\" = DATE '2025-08-20'", dayBefore = "\"day\" = DATE '2025-08-19'";

describe('the evening peak', () => {
  test('is shown by half hour, beside the evening before', async () => {
    const wanted = await api.holdTable('/v1/evening?from=2025-08-20&to=2025-08-21', ['region', 'measure', 'time_of_day'], `${evening}
      SELECT region, measure, slot time_of_day, avg(v) FILTER (${day}) AS "value", avg(v) FILTER (${dayBefore}) AS "before",
        count(v) FILTER (${day}) evenings, count(v) FILTER (${dayBefore}) evenings_before FROM evening GROUP BY ALL`);
    assert.deepEqual([...new Set(wanted.map(({ evenings, evenings_before: earlier }) => `${evenings} ${earlier}`))], ['1 1']);
    assert.equal(new Set(wanted.map(({ time_of_day: slot }) => slot)).size, 10);
  });

  test('is a mean over evenings, by region', async () => {
    await api.holdTable('/v1/evening?from=2025-08-19&to=2025-08-21&region=SA1,TAS1', ['region', 'measure', 'time_of_day'], `${evening}
      SELECT region, measure, slot time_of_day, avg(v) AS "value", count(v) evenings, 0 evenings_before FROM evening
      WHERE region IN ('SA1', 'TAS1') GROUP BY ALL`);
  });

  test('is summed up: price, demand, and the share of renewables', async () => {
    const sum = (what, whose) => `${what} FILTER (${whose})`;
    const of = (measure, whose) => `measure = '${measure}' AND ${whose}`;
    const green = "measure IN ('Wind', 'Solar', 'Water', 'Biomass', 'rooftop')";
    const all = "measure NOT IN ('price', 'demand', 'net_import', 'charge', 'load', 'Battery')";
    await api.holdTable('/v1/evening/summary?from=2025-08-20&to=2025-08-21', ['region'], `${evening}
      SELECT region, 1 evenings, 1 evenings_before,
        ${['price', 'demand'].map((measure) => `${sum('avg(v)', of(measure, day))} "${measure}", ${sum('avg(v)', of(measure, dayBefore))} ${measure}_before,
          ${sum('max(v)', of(measure, day))} highest_${measure}, ${sum('max(v)', of(measure, dayBefore))} highest_${measure}_before,
          ${sum('arg_max(t, (v, -epoch(t)))', of(measure, day))}::VARCHAR highest_${measure}_at`).join()},
        ${sum('sum(v)', `${green} AND ${day}`)} / ${sum('sum(v)', `${all} AND ${day}`)} AS "share",
        ${sum('sum(v)', `${green} AND ${dayBefore}`)} / ${sum('sum(v)', `${all} AND ${dayBefore}`)} share_before
      FROM evening GROUP BY region`);
  });
});
