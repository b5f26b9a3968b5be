/* The API's routes over a simulated market: every number is what plain SQL over the Parquet says. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { asking, signed, simulatedStore } from './support/routes.mjs';

/* What the tests share ends with their suite. */
const shared = { hooks: [], after(work) { this.hooks.push(work); } };
let api;
before(async () => {
  api = asking(await simulatedStore(shared));
});
after(async () => {
  for (const work of shared.hooks) await work();
});

const range = 'from=2025-08-20T23:10&to=2025-08-21T11:35';
const within = "t > '2025-08-20 23:10' AND t <= '2025-08-21 11:35'";
const inRange = within.replaceAll('t ', 'settlementdate ');
/* The end of the hour that holds t. */
const hour = "strftime(time_bucket(INTERVAL 1 hour, t - INTERVAL 1 second) + INTERVAL 1 hour, '%Y-%m-%d %H:%M:%S')";
const five = "strftime(t, '%Y-%m-%d %H:%M:%S')";

describe('prices', () => {
  const spot = `SELECT settlementdate t, regionid, rrp FROM prices5 WHERE ${inRange}`;

  test('are the store\'s, and means over longer steps', async () => {
    await api.holdSeries(`/v1/prices?${range}`, `SELECT ${five} t, regionid id, NULL measure, rrp v FROM (${spot})`);
    await api.holdSeries(`/v1/prices?${range}&resolution=1h`,
      `SELECT ${hour} t, regionid id, NULL measure, avg(rrp) v FROM (${spot}) GROUP BY ALL`);
    await api.holdSeries(`/v1/prices?${range}&resolution=1d&region=SA1,TAS1`,
      `SELECT CASE WHEN t <= '2025-08-21' THEN '2025-08-21 00:00:00' ELSE '2025-08-22 00:00:00' END t, regionid id, NULL measure, avg(rrp) v
       FROM (${spot}) WHERE regionid IN ('SA1', 'TAS1') GROUP BY ALL`);
    await api.holdSeries(`/v1/prices?${range}&resolution=1d&day=trading&region=SA1`,
      `SELECT CASE WHEN t <= '2025-08-21 04:00' THEN '2025-08-21 04:00:00' ELSE '2025-08-22 04:00:00' END t, regionid id, NULL measure, avg(rrp) v
       FROM (${spot}) WHERE regionid = 'SA1' GROUP BY ALL`);
  });

  test('one of the NEM is weighted by demand, and the mean of the five is called unweighted', async () => {
    await api.holdSeries(`/v1/prices?${range}&resolution=1h&region=SA1&nem=weighted,unweighted`, `
      WITH p AS (SELECT t, regionid, rrp, greatest(0, totaldemand) w FROM (${spot}) JOIN
        (SELECT settlementdate t, regionid, totaldemand FROM regions5) USING (t, regionid))
      SELECT ${hour} t, 'NEM' id, 'weighted' measure, sum(rrp * w) / sum(w) v FROM p GROUP BY ALL UNION ALL
      SELECT ${hour} t, 'NEM', 'unweighted', avg(rrp) FROM p GROUP BY ALL UNION ALL
      SELECT ${hour} t, 'SA1', NULL, avg(rrp) FROM p WHERE regionid = 'SA1' GROUP BY ALL`);
  });

  test('have statistics', async () => {
    await api.holdTable(`/v1/prices/stats?${range}`, ['region'], `
      SELECT regionid region, count(*) intervals, avg(rrp) mean, stddev_samp(rrp) sd, median(rrp) median, min(rrp) min, max(rrp) max,
        quantile_cont(rrp, 0.05) p05, quantile_cont(rrp, 0.1) p10, quantile_cont(rrp, 0.25) p25, quantile_cont(rrp, 0.75) p75,
        quantile_cont(rrp, 0.9) p90, quantile_cont(rrp, 0.95) p95, quantile_cont(rrp, 0.99) p99,
        sum(rrp * greatest(0, totaldemand)) / sum(greatest(0, totaldemand)) weighted,
        arg_max(settlementdate, (rrp, -epoch(settlementdate)))::VARCHAR max_at, arg_min(settlementdate, (rrp, epoch(settlementdate)))::VARCHAR min_at
      FROM prices5 JOIN regions5 USING (settlementdate, regionid) WHERE ${inRange} GROUP BY regionid`);
  });

  test('fall into bands without a hole', async () => {
    await api.holdTable(`/v1/prices/bands?${range}`, ['region', 'band'], `
      WITH bands(band, low, high) AS (VALUES ('below 0', -1e9, 0), ('0 to 50', 0, 50), ('50 to 100', 50, 100), ('100 to 300', 100, 300),
          ('300 to 1,000', 300, 1000), ('1,000 to 10,000', 1000, 10000), ('from 10,000', 10000, 1e9)),
        p AS (SELECT regionid, rrp, greatest(0, totaldemand) / 12 mwh FROM prices5 JOIN regions5 USING (settlementdate, regionid) WHERE ${inRange}),
        every AS (SELECT * FROM (SELECT regionid, count(*) whole FROM p GROUP BY regionid), bands)
      SELECT e.regionid region, e.band, count(rrp) intervals, count(rrp) / any_value(whole) time_share,
        coalesce(sum(mwh), 0) energy, coalesce(sum(mwh * rrp), 0) revenue
      FROM every e LEFT JOIN p ON p.regionid = e.regionid AND rrp >= low AND rrp < high GROUP BY e.regionid, e.band`);
  });

  test('have events above a threshold', async () => {
    const price = 90;
    await api.holdTable(`/v1/prices/events?${range}&threshold=${price}`, ['region', 'start'], `
      WITH high AS (SELECT t, regionid, rrp, t - INTERVAL 5 minute * row_number() OVER (PARTITION BY regionid ORDER BY t) island
        FROM (${spot}) WHERE rrp >= ${price})
      SELECT regionid region, (min(t) - INTERVAL 5 minute)::VARCHAR AS "start", max(t)::VARCHAR AS "end", 5 * count(*) AS "minutes", max(rrp) peak, avg(rrp) mean,
        max(t) = '2025-08-21 11:35' AS "open"
      FROM high GROUP BY regionid, island`);
  });

  test('have a time of day', async () => {
    await api.holdTable('/v1/prices/time-of-day?from=2025-08-20T22:00&to=2025-08-21T22:30', ['region', 'time_of_day'], `
      WITH days AS (SELECT strftime(settlementdate, '%H:%M') time_of_day, regionid region, avg(rrp) mean, count(*) AS days FROM prices5 GROUP BY ALL),
        slots AS (SELECT strftime(unnest(range(TIMESTAMP '2025-01-01', TIMESTAMP '2025-01-02', INTERVAL 5 minute)), '%H:%M') time_of_day)
      SELECT region, time_of_day, mean, coalesce(days, 0) AS days
      FROM (SELECT * FROM slots, (SELECT DISTINCT regionid region FROM prices5)) LEFT JOIN days USING (region, time_of_day)`);
  });

  test('of a fuel are weighted by its energy', async () => {
    await api.holdTable(`/v1/prices/by-fuel?${range}`, ['region', 'fuel'], `
      WITH ${signed} SELECT region, fuel, sum(generation) energy, sum(generation * rrp) revenue,
        CASE WHEN sum(generation) > 0 THEN sum(generation * rrp) / sum(generation) END vwap
      FROM energy WHERE ${within} GROUP BY ALL`);
  });
});

describe('generation', () => {
  const byFuel = (time, and = '') => `WITH ${signed},
    sums AS (SELECT t, fuel, sum(up) up, sum(down) down FROM parts WHERE ${within} ${and} GROUP BY ALL),
    means AS (SELECT ${time} t, fuel id, avg(up) up, avg(down) down FROM sums GROUP BY ALL)
    SELECT t, id, 'generation' measure, up v FROM means UNION ALL
    SELECT t, id, 'load', down FROM means WHERE id IN (SELECT fuel FROM sums GROUP BY fuel HAVING max(down) > 0)`;

  test('by fuel is signed unit by unit before any sum or mean', async () => {
    const mix = async (path) => (await api.series(path)).filter(({ id }) => id !== 'Rooftop');
    await api.hold(await mix(`/v1/generation?by=fuel&${range}`), ['t', 'id', 'measure'], byFuel(five));
    await api.hold(await mix(`/v1/generation?by=fuel&${range}&resolution=1h`), ['t', 'id', 'measure'], byFuel(hour));
    const rows = await api.hold(await mix(`/v1/generation?by=fuel&${range}&resolution=1h&region=VIC1,SA1`), ['t', 'id', 'measure'],
      byFuel(hour, "AND region IN ('VIC1', 'SA1')"));
    assert.ok(rows.some(({ id, measure, v }) => id === 'Battery' && measure === 'load' && v > 0));
  });

  test('has rooftop in it: a line between half hours, and an estimate behind the last one', async () => {
    const answer = await api.ask('/v1/generation?by=fuel&region=QLD1&from=2025-08-21T09:00&to=2025-08-21T12:30');
    assert.equal(answer.meta.provisional, true);
    const { values } = answer.data.series.find(({ id }) => id === 'Rooftop');
    const actual = new Map((await api.rows("SELECT settlementdate::VARCHAR t, power FROM rooftop30 WHERE regionid = 'QLD1'")).map(({ t, power }) => [t, power]));
    const at = (time) => values[answer.data.time.findIndex((seconds) => api.aest(seconds) === `2025-08-21 ${time}:00`)];
    assert.ok(Math.abs(at('10:00') - actual.get('2025-08-21 10:00:00')) < 1e-5);
    const third = actual.get('2025-08-21 10:00:00') * 2 / 3 + actual.get('2025-08-21 10:30:00') / 3;
    assert.ok(Math.abs(at('10:10') - third) < 1e-5);
    assert.equal(actual.has('2025-08-21 12:00:00'), false);
    assert.ok(at('12:30') > 0);
    assert.equal((await api.ask('/v1/generation?by=fuel&from=2025-08-21T09:00&to=2025-08-21T10:00')).meta.provisional, false);
  });

  test('by region and in total', async () => {
    const sums = (id, group) => `WITH ${signed}, sums AS (SELECT t, ${id} id, sum(up) up, sum(down) down FROM parts WHERE ${within} GROUP BY ALL)`;
    await api.holdSeries(`/v1/generation?by=region&${range}`, `${sums('region')}
      SELECT ${five} t, id, 'generation' measure, up v FROM sums UNION ALL SELECT ${five}, id, 'load', down FROM sums`);
    await api.holdSeries(`/v1/generation?${range}`, `${sums("'all'")}
      SELECT ${five} t, 'generation' id, NULL measure, up v FROM sums UNION ALL SELECT ${five}, 'load', NULL, down FROM sums`);
  });

  test('by station parts what comes and what goes', async () => {
    await api.holdSeries(`/v1/generation?by=station&station=Bayswater&resolution=1h&${range}`, `WITH ${signed},
      sums AS (SELECT t, station, sum(up) up FROM parts WHERE ${within} AND station = 'Bayswater' GROUP BY ALL)
      SELECT ${hour} t, station id, 'generation' measure, avg(up) v FROM sums GROUP BY ALL`);
    await api.holdSeries(`/v1/generation?by=unit&duid=BW01,HPR1&${range}`,
      `WITH ${signed} SELECT ${five} t, duid id, NULL measure, mw v FROM signed WHERE duid IN ('BW01', 'HPR1') AND ${within}`);
    await api.refused(`/v1/generation?by=fuel&duid=BW01&${range}`, 'by');
  });

  test('by time of day', async () => {
    await api.holdTable('/v1/generation/time-of-day?region=TAS1&from=2025-08-21T04:00&to=2025-08-21T12:00', ['fuel', 'time_of_day'], `WITH ${signed},
      sums AS (SELECT t, fuel, sum(up) up, sum(down) down FROM parts WHERE region = 'TAS1' AND t > '2025-08-21 04:00' AND t <= '2025-08-21 12:00' GROUP BY ALL),
      halves AS (SELECT strftime(time_bucket(INTERVAL 30 minute, t - INTERVAL 1 second) + INTERVAL 30 minute, '%H:%M') time_of_day, fuel,
        avg(up) generation, avg(down) AS load FROM sums GROUP BY ALL),
      slots AS (SELECT strftime(unnest(range(TIMESTAMP '2025-01-01', TIMESTAMP '2025-01-02', INTERVAL 30 minute)), '%H:%M') time_of_day)
      SELECT fuel, time_of_day, generation, load, (generation IS NOT NULL)::INT AS days
      FROM (SELECT * FROM slots, (SELECT DISTINCT fuel FROM sums)) LEFT JOIN halves USING (fuel, time_of_day)`);
  });

  test('is compared with the time before, energy and revenue', async () => {
    await api.holdTable('/v1/generation/comparison?region=NSW1&from=2025-08-21T05:00&to=2025-08-21T11:00', ['fuel'], `WITH ${signed},
      a AS (SELECT fuel, sum(generation) e, sum(generation * rrp) r FROM energy WHERE region = 'NSW1' AND t > '2025-08-21 05:00' AND t <= '2025-08-21 11:00' GROUP BY ALL),
      b AS (SELECT fuel, sum(generation) e, sum(generation * rrp) r FROM energy WHERE region = 'NSW1' AND t > '2025-08-20 23:00' AND t <= '2025-08-21 05:00' GROUP BY ALL)
      SELECT fuel, a.e generation, b.e generation_before, a.e - b.e change, a.r revenue, b.r revenue_before FROM a JOIN b USING (fuel)`);
  });

  test('has capacity factors', async () => {
    await api.holdTable(`/v1/generation/capacity-factor?${range}`, ['duid'], `WITH ${signed}
      SELECT duid, any_value(station) station, any_value(region) region, any_value(fuel) fuel, any_value(capacity_mw) capacity, sum(generation) energy,
        count(*) / 12 AS hours, sum(generation) / (any_value(capacity_mw) * count(*) / 12) capacity_factor, max(up) largest
      FROM energy WHERE ${within} AND dispatch_type <> 'LOAD' GROUP BY duid`);
  });
});
