/* The API's routes over a simulated market: every number is what plain SQL over the Parquet says. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { nemd, until } from './support/nemd.mjs';
import { asking, links, signed, simulatedStore } from './support/routes.mjs';

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

  test('are distributed: so much of the time at or above so much', async () => {
    const shares = [0, 0.0001, 0.001, 0.01, 0.05, 0.25, 0.5, 0.9, 0.99, 0.9999, 1];
    const rows = await api.table(`/v1/prices/distribution?${range}`);
    const known = rows.filter(({ share }) => shares.includes(share));
    await api.hold(known, ['region', 'share'], `SELECT regionid region, share, quantile_cont(rrp, 1 - share) AS price
      FROM prices5, (SELECT unnest([${shares.map((share) => `${share}::DOUBLE`)}]) AS share) WHERE ${inRange} GROUP BY regionid, share`.replace('quantile_cont(rrp, 1 - share)',
      shares.reduce((otherwise, share) => `CASE WHEN share = ${share} THEN quantile_cont(rrp, ${1 - share}) ELSE ${otherwise} END`, 'NULL')));
    for (const region of ['NSW1', 'SA1']) {
      const prices = rows.filter((row) => row.region === region).map(({ price }) => price);
      assert.deepEqual(prices, [...prices].sort((a, b) => b - a), 'a duration curve falls');
    }
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

  test('are forecast, by five minutes for an hour and then by half hours', async () => {
    const newest = (table, from, to) => `SELECT settlementdate::VARCHAR t, regionid id, NULL measure, arg_max(rrp, run_time) v FROM ${table}
      WHERE run_time <= '2025-08-21 09:10' AND settlementdate > '${from}' AND settlementdate <= '${to}' AND rrp IS NOT NULL GROUP BY ALL`;
    await api.holdSeries('/v1/prices/forecast?as_of=2025-08-21T09:10',
      `${newest('p5min', '2025-08-21 09:05', '2025-08-21 10:05')} UNION ALL ${newest('predispatch', '2025-08-21 10:05', '2025-08-23 01:10')}`);
    const second = (table, from, to) => `SELECT settlementdate::VARCHAR t, regionid id, 'before' measure, rrp v FROM ${table}
      WHERE run_time <= '2025-08-21 09:10' AND settlementdate > '${from}' AND settlementdate <= '${to}' AND rrp IS NOT NULL
      QUALIFY row_number() OVER (PARTITION BY settlementdate, regionid ORDER BY run_time DESC) = 2`;
    const both = await api.series('/v1/prices/forecast?as_of=2025-08-21T09:10&before=yes');
    await api.hold(both.filter(({ measure }) => measure === 'before'), ['t', 'id'],
      `${second('p5min', '2025-08-21 09:05', '2025-08-21 10:05')} UNION ALL ${second('predispatch', '2025-08-21 10:05', '2025-08-23 01:10')}`);
  });

  test('say where they are not firm', async () => {
    const rows = await api.series(`/v1/prices?${range}&firmness=yes`);
    const hourly = await api.series(`/v1/prices?${range}&firmness=yes&resolution=1h`);
    await api.hold(rows.filter(({ measure }) => measure === 'not_firm'), ['t', 'id'],
      `SELECT settlementdate::VARCHAR t, regionid id, (price_status <> 'FIRM')::INT v FROM pricestatus5 WHERE ${inRange}`);
    await api.hold(hourly.filter(({ measure }) => measure === 'not_firm'), ['t', 'id'],
      `SELECT ${hour} t, regionid id, sum((price_status <> 'FIRM')::INT) v FROM (SELECT *, settlementdate t FROM pricestatus5) WHERE ${within} GROUP BY ALL`);
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
    const end = [...actual.keys()].sort().at(-1);
    assert.equal(api.aest(answer.meta.provisional_from - 300), end, 'the estimate begins behind the last half hour');
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
    const rows = await api.table('/v1/generation/time-of-day?region=TAS1&from=2025-08-21T04:00&to=2025-08-21T12:00');
    await api.hold(rows.filter(({ fuel }) => fuel !== 'Rooftop'), ['fuel', 'time_of_day'], `WITH ${signed},
      sums AS (SELECT t, fuel, sum(up) up, sum(down) down FROM parts WHERE region = 'TAS1' AND t > '2025-08-21 04:00' AND t <= '2025-08-21 12:00' GROUP BY ALL),
      halves AS (SELECT strftime(time_bucket(INTERVAL 30 minute, t - INTERVAL 1 second) + INTERVAL 30 minute, '%H:%M') time_of_day, fuel,
        avg(up) generation, avg(down) AS load FROM sums GROUP BY ALL),
      slots AS (SELECT strftime(unnest(range(TIMESTAMP '2025-01-01', TIMESTAMP '2025-01-02', INTERVAL 30 minute)), '%H:%M') time_of_day)
      SELECT fuel, time_of_day, generation, load, (generation IS NOT NULL)::INT AS days
      FROM (SELECT * FROM slots, (SELECT DISTINCT fuel FROM sums)) LEFT JOIN halves USING (fuel, time_of_day)`);
    /* the mean of six points of the line between two half hours */
    const roof = rows.filter(({ fuel, generation }) => fuel === 'Rooftop' && generation !== null);
    await api.hold(roof.filter(({ time_of_day: time }) => time > '08:00' && time <= '11:00'), ['time_of_day'], `
      WITH r AS (SELECT settlementdate t, power, lag(power) OVER (ORDER BY settlementdate) AS before FROM rooftop30 WHERE regionid = 'TAS1')
      SELECT strftime(t, '%H:%M') time_of_day, (15 * before + 21 * power) / 36 generation, 1 AS days FROM r
      WHERE t > '2025-08-21 08:00' AND t <= '2025-08-21 11:00'`);
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

describe('the status', () => {
  test('of feeds and gaps is what nemd status tells', async () => {
    const told = JSON.parse((await nemd('status', '--json', '--data', api.data)).stdout);
    const feeds = await api.table('/v1/status/feeds');
    assert.deepEqual(feeds.map(({ feed, done, failed, error }) => [feed, done, failed, error]),
      told.feeds.map(({ name, done, failed, error }) => [name, done, failed, error]));
    assert.deepEqual(feeds.map(({ last_fetch: at }) => at), told.feeds.map(({ last_fetch: at }) => at && api.aest(at)));
    const gaps = await api.table('/v1/status/gaps');
    assert.deepEqual(gaps.map(({ dataset, key, intervals, cause }) => [dataset, key, intervals, cause]),
      told.gaps.map(({ dataset, key, intervals, cause }) => [dataset, key, intervals, cause]));
    assert.deepEqual((await api.table('/v1/status/failures')).map(({ file }) => file), told.failures.map(({ file }) => file));
  });
});

describe('the registry', () => {
  test('lists units as of a day, and all their rows', async () => {
    const columns = `duid, valid_from::VARCHAR || ' 00:00:00' valid_from, valid_to::VARCHAR || ' 00:00:00' valid_to, station, region, owner, dispatch_type,
      schedule_type, fuel, capacity_mw, registered_mw, load_mw, storage_mwh, mlf, dlf, co2e_factor`;
    const there = "valid_from <= '2025-08-21' AND (valid_to IS NULL OR valid_to > '2025-08-21')";
    await api.holdTable('/v1/units?on=2025-08-21', ['duid'], `SELECT ${columns} FROM units WHERE ${there}`);
    await api.holdTable('/v1/units?history=yes&region=SA1', ['duid', 'valid_from'], `SELECT ${columns} FROM units WHERE region = 'SA1'`);
    await api.holdTable('/v1/stations?on=2025-08-21&region=NSW1,TAS1', ['station'], `SELECT station, count(*) units, string_agg(duid, ' ' ORDER BY duid) duids,
      sum(capacity_mw) FILTER (dispatch_type <> 'LOAD') capacity_mw, sum(storage_mwh) storage_mwh, arg_max(fuel, capacity_mw) fuel
      FROM units WHERE ${there} AND region IN ('NSW1', 'TAS1') GROUP BY station`);
    const rows = await api.table('/v1/regions?on=2025-08-21');
    assert.deepEqual(rows.map(({ region }) => region), ['NSW1', 'QLD1', 'SA1', 'TAS1', 'VIC1']);
    await api.hold(rows, ['region'], `SELECT region, count(*) units, sum(capacity_mw) FILTER (dispatch_type <> 'LOAD') capacity
      FROM units WHERE ${there} AND NOT regexp_matches(duid, '^(DG_|RT_)') GROUP BY region`);
  });
});

describe('the pivot', () => {
  const sums = `count(DISTINCT duid) units, sum(generation) / 1e3 generation, sum(load) / 1e3 AS load, sum(generation * rrp) / 1e6 revenue,
    sum(load * rrp) / 1e6 AS "cost", CASE WHEN sum(generation) > 0 THEN sum(generation * rrp) / sum(generation) END vwap,
    sum(generation) FILTER (capacity_mw IS NOT NULL) / sum(capacity_mw / 12) utilisation`;
  for (const [by, keys] of [['region,fuel', 'region, fuel'], ['station', 'station'], ['owner,region', 'owner, region'], ['unit', 'duid']])
    test(`by ${by}`, async () => {
      await api.holdTable(`/v1/pivot?by=${by}&${range}`, keys.split(', '),
        `WITH ${signed} SELECT ${keys}, ${sums} FROM energy WHERE ${within} GROUP BY ${keys}`);
    });

  test('of all in one row', async () => {
    for (const [more, where] of [['', within], ['&region=SA1', `${within} AND region = 'SA1'`], ['&mlf=0&station=Bayswater', `${within} AND station = 'Bayswater'`]])
      await api.holdTable(`/v1/pivot?by=all${more}&${range}`, ['region'], `WITH ${signed} SELECT NULL region, ${sums} FROM energy WHERE ${where}`);
  });

  test('with loss factors', async () => {
    await api.holdTable(`/v1/pivot?by=unit&mlf=1&region=VIC1&${range}`, ['duid'], `WITH ${signed}
      SELECT duid, sum(generation * rrp) * any_value(coalesce(mlf, 1) * coalesce(dlf, 1)) / 1e6 revenue FROM energy
      WHERE ${within} AND region = 'VIC1' GROUP BY duid`);
  });
});

describe('demand', () => {
  test('is a target, and operational by the half hour that holds an interval', async () => {
    await api.holdSeries(`/v1/demand?${range}&measure=target,operational`, `
      SELECT ${five} t, regionid id, 'target' measure, totaldemand v FROM (SELECT settlementdate t, regionid, totaldemand FROM regions5) WHERE ${within} UNION ALL
      SELECT ${five}, regionid, 'operational', demand FROM (SELECT settlementdate t, regionid FROM regions5) r
        JOIN (SELECT settlementdate half, regionid region, demand FROM demand30) d
          ON d.region = r.regionid AND half = time_bucket(INTERVAL 30 minute, t - INTERVAL 1 second) + INTERVAL 30 minute WHERE ${within}`);
  });

  test('has extremes, with the NEM where all regions are known', async () => {
    await api.holdTable(`/v1/demand/extremes?${range}`, ['measure', 'region'], `
      WITH d AS (SELECT settlementdate t, regionid region, totaldemand mw FROM regions5 WHERE ${inRange} UNION ALL
        SELECT settlementdate, 'NEM', sum(totaldemand) FROM regions5 WHERE ${inRange} GROUP BY settlementdate)
      SELECT 'target' measure, region, min(mw) min, max(mw) max, arg_max(t, (mw, -epoch(t)))::VARCHAR max_at, arg_min(t, (mw, epoch(t)))::VARCHAR min_at FROM d GROUP BY region`);
  });

  test('underlying is operational and rooftop, both as means over the half hour', async () => {
    const rows = (await api.series('/v1/demand?measure=underlying&from=2025-08-21T08:00&to=2025-08-21T11:30')).filter(({ t }) => /:[03]0:00$/.test(t));
    /* the mean of six points of the line between two half hours */
    await api.hold(rows, ['t', 'id'], `
      WITH rooftop AS (SELECT *, lag(power) OVER (PARTITION BY regionid ORDER BY settlementdate) AS before FROM rooftop30)
      SELECT settlementdate::VARCHAR t, regionid id, demand + (15 * before + 21 * power) / 36 v FROM demand30 JOIN rooftop USING (settlementdate, regionid)
      WHERE settlementdate > '2025-08-21 08:00' AND settlementdate <= '2025-08-21 11:30'`);
  });
});

describe('rooftop', () => {
  test('is AEMO\'s at half hours, and says from when it is an estimate', async () => {
    const answer = await api.ask('/v1/rooftop?from=2025-08-21T08:00&to=2025-08-21T12:30');
    const [{ newest }] = await api.rows('SELECT max(settlementdate)::VARCHAR newest FROM rooftop30');
    assert.equal(answer.meta.provisional, true);
    assert.equal(new Date(`${newest.replace(' ', 'T')}+10:00`).getTime() / 1000 + 300, answer.meta.provisional_from);
    const rows = (await api.series('/v1/rooftop?from=2025-08-21T08:00&to=2025-08-21T11:00')).filter(({ t }) => /:[03]0:00$/.test(t));
    await api.hold(rows, ['t', 'id'], `SELECT settlementdate::VARCHAR t, regionid id, power v FROM rooftop30
      WHERE settlementdate > '2025-08-21 08:00' AND settlementdate <= '2025-08-21 11:00'`);
  });
});

describe('transmission', () => {
  const flows = (what) => `SELECT ${hour} t, interconnectorid id, '${what[0]}' measure, avg(${what[1]}) v
    FROM (SELECT settlementdate t, * FROM transmission5) WHERE ${within} GROUP BY ALL`;

  test('flows are parted by direction before a mean', async () => {
    await api.holdSeries(`/v1/transmission?${range}&resolution=1h&measure=forward,backward,mwflow,exportlimit`,
      [['forward', 'greatest(0, meteredmwflow)'], ['backward', 'greatest(0, -meteredmwflow)'], ['mwflow', 'mwflow'], ['exportlimit', 'exportlimit']]
        .map(flows).join(' UNION ALL '));
  });

  test('links are at a limit within a megawatt of it', async () => {
    await api.holdTable(`/v1/transmission/utilisation?${range}`, ['interconnector'], `
      SELECT interconnectorid interconnector, count(*) intervals, count(*) FILTER (abs(mwflow - exportlimit) <= 1) at_export_limit,
        count(*) FILTER (abs(mwflow - importlimit) <= 1 AND abs(mwflow - exportlimit) > 1) at_import_limit,
        avg((abs(mwflow - exportlimit) <= 1 OR abs(mwflow - importlimit) <= 1 OR coalesce(marginalvalue, 0) <> 0)::INT) share_at_limit,
        sum(greatest(0, meteredmwflow)) / 12 AS "forward", sum(greatest(0, -meteredmwflow)) / 12 AS "backward"
      FROM transmission5 WHERE ${inRange} GROUP BY ALL`);
  });

  test('net import is what flows toward a region, or what dispatch says', async () => {
    await api.holdSeries(`/v1/transmission/net-import?${range}`, `
      WITH ${links},
      moved AS (SELECT settlementdate t, target region, meteredmwflow mw FROM transmission5 JOIN links ON id = interconnectorid UNION ALL
        SELECT settlementdate, source, -meteredmwflow FROM transmission5 JOIN links ON id = interconnectorid)
      SELECT ${five} t, region id, NULL measure, sum(mw) v FROM moved WHERE ${within} GROUP BY ALL`);
    await api.holdSeries(`/v1/transmission/net-import?basis=dispatch&${range}`, `
      SELECT ${five} t, regionid id, NULL measure, -netinterchange v FROM (SELECT settlementdate t, * FROM regions5) WHERE ${within}`);
  });
});

describe('today', () => {
  test('has the newest value of each measure and the day\'s extremes', async () => {
    const rows = await api.table('/v1/gauges/today');
    const of = (...names) => rows.filter(({ measure }) => names.includes(measure));
    const extremes = (t) => `min(v) min, max(v) max, arg_max(v, ${t}) AS "value", max(${t})::VARCHAR AS "at"`;
    await api.hold(of('price').filter(({ region }) => region !== 'NEM'), ['region'], `
      SELECT regionid region, ${extremes('t')} FROM (SELECT settlementdate t, regionid, rrp v FROM prices5) WHERE t > '2025-08-21' GROUP BY region`);
    await api.hold(of('target_demand', 'net_import'), ['region', 'measure'], `
      WITH r AS (SELECT settlementdate t, regionid region, totaldemand d, -netinterchange n FROM regions5 WHERE settlementdate > '2025-08-21'),
        whole AS (FROM r UNION ALL SELECT t, 'NEM', sum(d), sum(n) FROM r GROUP BY t)
      SELECT region, 'target_demand' measure, ${extremes('t')} FROM (SELECT *, d v FROM whole) GROUP BY region UNION ALL
      SELECT region, 'net_import', ${extremes('t')} FROM (SELECT *, n v FROM whole) GROUP BY region`);
    await api.hold(of('wind', 'discharge', 'charge').filter(({ region }) => region === 'NEM'), ['measure'], `WITH ${signed},
      sums AS (SELECT t, CASE fuel WHEN 'Wind' THEN 'wind' ELSE 'discharge' END measure, sum(up) v FROM parts WHERE fuel IN ('Wind', 'Battery') GROUP BY ALL
        UNION ALL SELECT t, 'charge', sum(down) FROM parts WHERE fuel = 'Battery' GROUP BY ALL)
      SELECT measure, ${extremes('t')} FROM sums WHERE t > '2025-08-21' GROUP BY measure`);
    await api.hold(of('curtailed').filter(({ region }) => region === 'VIC1'), ['region'], `
      SELECT regionid region, ${extremes('t')} FROM (SELECT settlementdate t, regionid, greatest(0, ss_solar_uigf - ss_solar_clearedmw)
        + greatest(0, ss_wind_uigf - ss_wind_clearedmw) v FROM regions5) WHERE t > '2025-08-21' AND regionid = 'VIC1' GROUP BY region`);
    const nem = Object.fromEntries(rows.filter(({ region }) => region === 'NEM').map((row) => [row.measure, row]));
    assert.equal(nem.share_generation.provisional, true);
    assert.ok(nem.share_generation.value > 0 && nem.share_generation.value <= 1 && nem.stored.value > 0);
    assert.deepEqual((await api.table('/v1/gauges/today?region=SA1')).filter(({ region }) => region !== 'SA1'), []);
  });

  test('is summed up by region, beside the day before and a year before', async () => {
    const rows = await api.table('/v1/summary');
    const today = rows.filter(({ period }) => period === 'day');
    const to = today[0].to;
    const inDay = (from, until) => `settlementdate > '${from}' AND settlementdate <= '${until}'`;
    const prices = (from, until) => `
      WITH p AS (SELECT settlementdate t, regionid region, rrp, greatest(0, totaldemand) mw FROM prices5 JOIN regions5 USING (settlementdate, regionid)
          WHERE ${inDay(from, until)}),
        whole AS (FROM p UNION ALL SELECT t, 'NEM', sum(rrp * mw) / sum(mw), sum(mw) FROM p GROUP BY t)
      SELECT region, avg(rrp) price, sum(rrp * mw) / sum(mw) price_weighted, max(rrp) max, min(rrp) min,
        arg_max(t, rrp)::VARCHAR max_at, arg_min(t, rrp)::VARCHAR min_at FROM whole GROUP BY region`;
    await api.hold(today, ['region'], prices('2025-08-21', to));
    /* the parts of it are held against SQL above */
    for (const region of ['NEM', 'SA1', 'TAS1']) {
      const query = `from=2025-08-21&to=${to.replace(' ', 'T')}${region === 'NEM' ? '' : `&region=${region}`}`;
      const mix = (await api.series(`/v1/generation?by=fuel&${query}`)).filter(({ id, measure }) => id !== 'Battery' && measure === 'generation');
      const known = new Set(mix.filter(({ id }) => id === 'Rooftop').map(({ t }) => t));
      const mwh = (...ids) => mix.filter(({ id, t }) => known.has(t) && (!ids.length || ids.includes(id))).reduce((sum, { v }) => sum + v / 12, 0);
      const row = today.find((each) => each.region === region);
      const close = (a, b, what) => assert.ok(Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(b)), `${region} ${what}: ${a}, not ${b}`);
      assert.ok(row.energy > 0);
      close(row.energy, mwh(), 'energy');
      close(row.share_generation, mwh('Wind', 'Solar', 'Rooftop', 'Water', 'Biomass') / mwh(), 'renewable');
      close(row.share_gas, mwh('CCGT', 'OCGT', 'Gas other') / mwh(), 'gas');
      close(row.share_coal, mwh('Black coal', 'Brown coal') / mwh(), 'coal');
      assert.equal(row.intervals, known.size);
    }
    assert.deepEqual([...new Set(rows.filter(({ period }) => period === 'before').map(({ from, to: end }) => `${from} ${end}`))],
      [`2025-08-20 00:00:00 ${to.replace('21', '20')}`]);
    assert.deepEqual([...new Set(rows.filter(({ period }) => period === 'year').map(({ from }) => from))], ['2024-08-21 00:00:00']);
    /* of the day before the store has nothing at those hours: nothing is not zero */
    for (const row of rows.filter(({ period }) => period !== 'day')) assert.deepEqual([row.price, row.energy, row.intervals], [null, null, 0]);
  });
});

describe('batteries', () => {
  test('have energy, money, spread and cycles, and what is stored', async () => {
    await api.holdTable(`/v1/batteries?${range}`, ['duid'], `WITH ${signed},
      sums AS (SELECT duid, any_value(storage_mwh) AS "storage", sum(generation) discharged, sum(load) charged, sum(generation * rrp) revenue,
        sum(load * rrp) paid FROM energy WHERE ${within} AND fuel = 'Battery' GROUP BY duid),
      stored AS (SELECT duid, arg_max(energy_storage, settlementdate) AS stored, max(settlementdate)::VARCHAR stored_at FROM dispatch5
        WHERE energy_storage IS NOT NULL AND settlementdate <= '2025-08-21 11:35' GROUP BY duid)
      SELECT duid, "storage", discharged, charged, revenue, paid AS "cost", revenue - paid net,
        CASE WHEN discharged > 0 AND charged > 0 THEN revenue / discharged - paid / charged END spread, discharged / "storage" cycles,
        stored, stored_at, stored / "storage" state_of_charge FROM sums LEFT JOIN stored USING (duid)`);
  });

  test('of a fleet some charge while others discharge', async () => {
    await api.holdSeries(`/v1/batteries/power?${range}&resolution=1h`, `WITH ${signed},
      sums AS (SELECT t, region, sum(up) up, sum(down) down FROM parts WHERE ${within} AND fuel = 'Battery' GROUP BY ALL)
      SELECT ${hour} t, region id, 'discharge' measure, avg(up) v FROM sums GROUP BY ALL UNION ALL
      SELECT ${hour}, region, 'charge', avg(down) FROM sums GROUP BY ALL`);
    await api.holdSeries(`/v1/batteries/stored?${range}`, `SELECT ${five} t, regionid id, NULL measure, bdu_energy_storage v
      FROM (SELECT settlementdate t, * FROM regions5) WHERE ${within} AND bdu_energy_storage IS NOT NULL`);
    await api.holdSeries('/v1/batteries/stored?duid=HPR1,VBB1&from=2025-08-20T22:00&to=2025-08-21T04:00', `SELECT ${five} t, duid id, NULL measure, energy_storage v
      FROM (SELECT settlementdate t, * FROM dispatch5) WHERE duid IN ('HPR1', 'VBB1') AND t > '2025-08-20 22:00' AND t <= '2025-08-21 04:00' AND energy_storage IS NOT NULL`);
  });
});

describe('renewables', () => {
  /* At half hours, where rooftop is AEMO's own number. */
  const shares = `WITH ${signed},
    s AS (SELECT t, region, sum(up) FILTER (fuel IN ('Wind', 'Solar', 'Water', 'Biomass')) green, sum(up) FILTER (fuel = 'Battery') battery,
      sum(up) FILTER (fuel <> 'Battery') AS every FROM parts WHERE minute(t) % 30 = 0 AND t > '2025-08-20 23:10' AND t <= '2025-08-21 11:00' GROUP BY ALL),
    r AS (SELECT settlementdate t, regionid region, power, demand + power used FROM rooftop30 JOIN demand30 USING (settlementdate, regionid)),
    a AS (SELECT t, region, green + power green, coalesce(battery, 0) battery, every + power AS every, used FROM s JOIN r USING (t, region)),
    whole AS (FROM a UNION ALL SELECT t, 'NEM', sum(green), sum(battery), sum(every), sum(used) FROM a GROUP BY t)`;

  test('have three shares, each by its name', async () => {
    const rows = await api.series('/v1/renewables?from=2025-08-20T23:10&to=2025-08-21T11:00&share=generation,incl_storage,of_demand');
    await api.hold(rows.filter(({ t }) => /:[03]0:00$/.test(t)), ['t', 'id', 'measure'], `${shares}
      SELECT ${five} t, region id, 'generation' measure, green / every v FROM whole UNION ALL
      SELECT ${five}, region, 'incl_storage', (green + battery) / (every + battery) FROM whole UNION ALL
      SELECT ${five}, region, 'of_demand', green / used FROM whole`);
  });

  test('have a share each day, with its number in the year', async () => {
    const rows = await api.table('/v1/renewables/by-day?day=trading&region=SA1&from=2025-08-20T23:10&to=2025-08-21T11:00');
    assert.deepEqual(rows.map(({ date, year, day_of_year: day }) => [date, year, day]), [['2025-08-20', 2025, 232], ['2025-08-21', 2025, 233]]);
    const days = await api.series('/v1/renewables?resolution=1d&day=trading&region=SA1&from=2025-08-20T23:10&to=2025-08-21T11:00');
    assert.deepEqual(rows.map(({ generation }) => generation), days.map(({ v }) => v));
  });

  test('have records without estimates', async () => {
    const rows = await api.table('/v1/renewables/records?from=2025-08-20T23:10&to=2025-08-21T12:30&hours=each');
    const [{ newest }] = await api.rows('SELECT max(settlementdate)::VARCHAR newest FROM rooftop30');
    for (const { at } of rows.filter(({ measure }) => ['rooftop', 'renewable_share'].includes(measure))) assert.ok(at <= newest, at);
    const record = (measure, v) => `SELECT regionid region, '${measure}' measure, hour, max(${v}) AS "value" FROM r GROUP BY ALL`;
    await api.hold(rows.filter(({ measure, extreme, region }) => ['price', 'state_of_charge'].includes(measure) && extreme === 'max' && region !== 'NEM'),
      ['region', 'measure', 'hour'], `WITH p AS (SELECT settlementdate t, regionid, rrp, bdu_energy_storage AS stored FROM prices5
          JOIN regions5 USING (settlementdate, regionid)),
        h AS (FROM p WHERE t > '2025-08-20 23:10' AND t <= '2025-08-21 12:30'),
        r AS (SELECT *, hour(t - INTERVAL 1 second) AS hour FROM h UNION ALL SELECT *, NULL FROM h)
      SELECT * FROM (${record('price', 'rrp')} UNION ALL ${record('state_of_charge', 'stored')}) WHERE "value" IS NOT NULL`);
    await api.hold(rows.filter(({ measure, extreme, hour: h, region }) => measure === 'wind' && extreme === 'max' && h === null && region !== 'NEM'), ['region'],
      `WITH ${signed}, w AS (SELECT t, region, sum(up) mw FROM parts WHERE fuel = 'Wind' AND t > '2025-08-20 23:10' GROUP BY ALL)
      SELECT region, max(mw) AS "value", arg_max(t, (mw, -epoch(t)))::VARCHAR AS "at" FROM w GROUP BY region`);
  });

  /* Every value of each measure that counts, as rows (t, region, measure, v): rooftop as a line between half hours, demand as its half
   * hour's mean, and units only where 97 % of those of the last hour and a half have a reading. */
  const counted = `WITH ${signed},
    readings AS (SELECT settlementdate t, count(scadavalue) n FROM scada5 GROUP BY t),
    whole AS (SELECT t FROM (SELECT t, n, max(n) OVER (ORDER BY t RANGE BETWEEN INTERVAL 85 minutes PRECEDING AND CURRENT ROW) most FROM readings)
      WHERE n >= 0.97 * most),
    mw AS (SELECT t, region, fuel, sum(up) up, sum(down) down FROM parts JOIN whole USING (t) GROUP BY ALL),
    both_mw AS (FROM mw UNION ALL SELECT t, 'NEM', fuel, sum(up), sum(down) FROM mw GROUP BY ALL),
    points AS (SELECT settlementdate t, regionid region, power, lag(power) OVER w AS prior, lag(settlementdate) OVER w AS since FROM rooftop30
      WINDOW w AS (PARTITION BY regionid ORDER BY settlementdate)),
    sun AS (SELECT t - INTERVAL 5 minute * k t, region, power + (prior - power) * k / 6 v FROM points, (SELECT unnest(range(6)) k)
      WHERE since = t - INTERVAL 30 minute UNION ALL SELECT t, region, power FROM points WHERE since IS NULL OR since < t - INTERVAL 30 minute),
    used AS (SELECT settlementdate - INTERVAL 5 minute * k t, regionid region, demand v FROM demand30, (SELECT unnest(range(6)) k)),
    both_used AS (FROM used UNION ALL SELECT t, 'NEM', sum(v) FROM used GROUP BY t HAVING count(*) = 5),
    both_sun AS (FROM sun UNION ALL SELECT t, 'NEM', sum(v) FROM sun GROUP BY t HAVING count(*) = 5),
    shares AS (SELECT t, region, (coalesce(sum(up) FILTER (fuel IN ('Wind', 'Solar', 'Water', 'Biomass')), 0) + any_value(v)) /
        (coalesce(sum(up) FILTER (fuel <> 'Battery'), 0) + any_value(v)) v FROM both_mw JOIN both_sun USING (t, region) GROUP BY t, region),
    stored AS (SELECT settlementdate t, regionid region, bdu_energy_storage v FROM regions5 WHERE bdu_energy_storage IS NOT NULL),
    every AS (SELECT t, region, 'renewable_share' measure, v FROM shares
      UNION ALL SELECT t, region, CASE fuel WHEN 'Wind' THEN 'wind' WHEN 'Solar' THEN 'solar' WHEN 'Water' THEN 'hydro' ELSE 'discharge' END, up
        FROM both_mw WHERE fuel IN ('Wind', 'Solar', 'Water', 'Battery')
      UNION ALL SELECT t, region, 'charge', down FROM both_mw WHERE fuel = 'Battery'
      UNION ALL SELECT t, region, 'rooftop', v FROM both_sun
      UNION ALL SELECT t, region, 'demand', v FROM both_used
      UNION ALL SELECT t, region, 'underlying_demand', u.v + s.v FROM both_used u JOIN both_sun s USING (t, region)
      UNION ALL SELECT t, region, 'state_of_charge', v FROM stored UNION ALL SELECT t, 'NEM', 'state_of_charge', sum(v) FROM stored GROUP BY t
      UNION ALL SELECT p.settlementdate, regionid, 'price', rrp FROM prices5 p LEFT JOIN pricestatus5 q USING (settlementdate, regionid)
        WHERE price_status IS DISTINCT FROM 'NOT FIRM'),
    r AS (SELECT *, hour(t - INTERVAL 1 second) AS hour FROM every WHERE v IS NOT NULL UNION ALL SELECT *, NULL FROM every WHERE v IS NOT NULL)`;
  const extremes = `SELECT region, measure, 'max' AS "extreme", hour, max(v) AS "value" FROM r GROUP BY ALL UNION ALL
    SELECT region, measure, 'min', hour, min(v) FROM r GROUP BY ALL`;
  /* The keeper has counted what the collector brought. */
  const kept = (query) => until('the records', async () => {
    const answer = await api.ask(`/v1/renewables/records${query}`);
    return answer.data.rows.length && answer;
  });

  test('have records of all time, which are kept', async () => {
    const { meta } = await kept('?hours=each&limit=1');
    assert.deepEqual([api.aest(meta.since), meta.hour], ['2025-08-20 00:00:00', 12]);
    const rows = await api.table('/v1/renewables/records?hours=each');
    assert.deepEqual([...new Set(rows.map(({ origin }) => origin))], ['store']);
    await api.hold(rows, ['region', 'measure', 'extreme', 'hour'], `${counted} ${extremes}`);
    /* when: the first interval that has the value */
    const values = new Map((await api.rows(`${counted} SELECT t::VARCHAR t, region, measure, v FROM every WHERE v IS NOT NULL`))
      .map(({ t, region, measure, v }) => [`${t} ${region} ${measure}`, v]));
    for (const { region, measure, value, at } of rows)
      assert.ok(Math.abs(values.get(`${at} ${region} ${measure}`) - value) < 1.1e-5, `${region} ${measure} ${at}`);
    assert.deepEqual([...new Set(rows.map(({ measure }) => measure))].sort(), ['charge', 'demand', 'discharge', 'hydro', 'price',
      'renewable_share', 'rooftop', 'solar', 'state_of_charge', 'underlying_demand', 'wind']);
  });

  test('without a question have the records of this hour beside those of all', async () => {
    await kept('');
    const every = await api.table('/v1/renewables/records?hours=each');
    assert.deepEqual(await api.table('/v1/renewables/records'), every.filter(({ hour: h }) => h === null || h === 12));
    assert.deepEqual(await api.table('/v1/renewables/records?region=SA1&hours=all'),
      every.filter(({ hour: h, region }) => h === null && region === 'SA1'));
  });

  test('stand on the gauges of today', async () => {
    await kept('');
    const every = new Map((await api.table('/v1/renewables/records?hours=each'))
      .map(({ region, measure, extreme, hour: h, value, at }) => [`${region} ${measure} ${extreme} ${h}`, [value, at]]));
    const names = { operational_demand: 'demand', stored: 'state_of_charge', share_generation: 'renewable_share' };
    const gauges = await api.table('/v1/gauges/today');
    let marked = 0;
    for (const gauge of gauges)
      for (const extreme of ['max', 'min'])
        for (const [of, h] of [['record', null], ['hour', (Number(gauge.at.slice(11, 13)) + (gauge.at.slice(14) === '00:00' ? 23 : 0)) % 24]]) {
          const wanted = every.get(`${gauge.region} ${names[gauge.measure] ?? gauge.measure} ${extreme} ${h}`) ?? [null, null];
          assert.deepEqual([gauge[`${of}_${extreme}`], gauge[`${of}_${extreme}_at`]], wanted, `${gauge.region} ${gauge.measure} ${of} ${extreme}`);
          marked += wanted[0] !== null;
        }
    assert.ok(marked > 100, `${marked} marks`);
  });

  test('emissions are energy and factor', async () => {
    await api.holdTable(`/v1/emissions?${range}&region=NSW1,VIC1`, ['region', 'fuel'], `WITH ${signed},
      e AS (SELECT region, fuel, sum(generation) energy, sum(generation * co2e_factor) emissions FROM energy
        WHERE ${within} AND region IN ('NSW1', 'VIC1') GROUP BY ALL),
      whole AS (FROM e WHERE energy > 0 UNION ALL SELECT region, NULL, sum(energy), sum(emissions) FROM e GROUP BY region)
      SELECT *, emissions / energy intensity FROM whole`);
  });

  test('of a time without readings nothing is known, which is not 0', async () => {
    const nothing = 'from=2030-01-01&to=2030-01-02&region=SA1';
    for (const [path, columns] of [['/v1/emissions', ['energy', 'emissions', 'intensity', 'uncovered']], ['/v1/prices/bands', ['time_share', 'energy', 'revenue', 'revenue_share']]]) {
      const rows = await api.table(`${path}?${nothing}`);
      assert.equal(rows.length > 0, true);
      for (const row of rows) assert.deepEqual(columns.map((name) => row[name]), columns.map(() => null), path);
    }
  });

  test('emissions over time are tonnes an hour of the hours with readings', async () => {
    await api.holdSeries(`/v1/emissions/over-time?${range}&resolution=1h&region=NSW1,TAS1`, `WITH ${signed},
      e AS (SELECT ${hour} t, region id, sum(generation * co2e_factor) tonnes, sum(generation) FILTER (co2e_factor IS NOT NULL) energy,
        count(DISTINCT t) / 12 AS hours FROM (SELECT * FROM energy WHERE ${within} AND region IN ('NSW1', 'TAS1')) GROUP BY ALL)
      SELECT t, id, 'emissions' measure, tonnes / hours v FROM e UNION ALL SELECT t, id, 'intensity', tonnes / energy FROM e`);
    await api.refused('/v1/emissions/over-time?from=2024-08-20&to=2025-08-20&resolution=1h', 'resolution');
  });

  test('curtailment is live by region, and told apart by unit', async () => {
    const of = (fuel) => `SELECT ${hour} t, regionid id, '${fuel}' measure, avg(greatest(0, ss_${fuel}_uigf - ss_${fuel}_clearedmw)) v
      FROM (SELECT settlementdate t, * FROM regions5) WHERE ${within} AND ss_${fuel}_uigf IS NOT NULL AND ss_${fuel}_clearedmw IS NOT NULL GROUP BY ALL`;
    await api.holdSeries(`/v1/curtailment?${range}&resolution=1h`, `SELECT t, id, CASE measure WHEN 'solar' THEN 'Solar' ELSE 'Wind' END measure, v
      FROM (${of('solar')} UNION ALL ${of('wind')})`);
    await api.holdTable('/v1/curtailment/units?from=2025-08-20T20:00&to=2025-08-21T03:00', ['duid'], `
      WITH ${signed.split('signed AS')[0].trimEnd().replace(/,$/, '')} SELECT d.duid, sum(uigf) / 12 possible, sum(greatest(0, uigf - availability)) / 12 offered_out,
        sum(greatest(0, availability - totalcleared)) / 12 curtailed FROM dispatch5 d JOIN facts f ON f.duid = d.duid
      WHERE schedule_type = 'SEMI-SCHEDULED' AND uigf IS NOT NULL AND settlementdate > '2025-08-20 20:00' AND settlementdate <= '2025-08-21 03:00' GROUP BY d.duid`);
  });
});

describe('forecasts', () => {
  test('the newest run, the one of a time, and all', async () => {
    for (const [query, table, column, run] of [
      ['source=p5min', 'p5min', 'rrp', '2025-08-21 12:30:00'],
      ['source=p5min&measure=wind&as_of=2025-08-21T06:02', 'p5min', 'wind', '2025-08-21 06:00:00'],
      ['source=predispatch&measure=totaldemand&as_of=2025-08-21T09:10', 'predispatch', 'totaldemand', '2025-08-21 09:00:00'],
      ['source=rooftop&as_of=2025-08-21T11:00', 'rooftop_forecast', 'power', '2025-08-21 11:00:00'],
    ])
      await api.holdSeries(`/v1/forecasts?${query}`, `SELECT settlementdate::VARCHAR t, regionid id, '${column}' measure, ${column} v
        FROM ${table} WHERE run_time = '${run}' AND ${column} IS NOT NULL`);
    await api.holdTable('/v1/forecasts/runs?source=predispatch&region=SA1&from=2025-08-21T06:00&to=2025-08-21T08:00', ['run', 'time', 'region'], `
      SELECT run_time::VARCHAR run, settlementdate::VARCHAR AS "time", regionid region, rrp AS "value" FROM predispatch
      WHERE regionid = 'SA1' AND run_time > '2025-08-21 06:00' AND run_time <= '2025-08-21 08:00' AND rrp IS NOT NULL`);
    assert.deepEqual((await api.ask('/v1/forecasts?as_of=2001-01-01')).data.series, []);
  });

  test('errors by how far ahead', async () => {
    for (const [source, truth, column, query] of [['p5min', 'prices5', 'rrp', ''], ['predispatch', 'prices30', 'rrp', ''],
      ['p5min', 'regions5', 'totaldemand', '&measure=totaldemand']])
      await api.holdTable(`/v1/forecasts/error?source=${source}${query}&${range}`, ['region', 'minutes_ahead'], `
        SELECT f.regionid region, date_diff('minute', run_time, f.settlementdate) minutes_ahead, count(*) AS "count", avg(f.${column} - a.${column}) bias,
          avg(abs(f.${column} - a.${column})) mean_absolute, sqrt(avg((f.${column} - a.${column}) ** 2)) rms
        FROM ${source} f JOIN ${truth} a USING (settlementdate, regionid)
        WHERE run_time > '2025-08-20 23:10' AND run_time <= '2025-08-21 11:35' GROUP BY ALL`);
    await api.refused('/v1/forecasts/error?source=predispatch&measure=totaldemand', 'measure');
  });
});

describe('the operator', () => {
  test('prices ancillary services', async () => {
    await api.holdSeries(`/v1/fcas?${range}&resolution=1h&service=raise1sec,lowerreg`, ['raise1sec', 'lowerreg'].map((service) => `
      SELECT ${hour} t, regionid id, '${service}' measure, avg(${service}rrp) v FROM (SELECT settlementdate t, * FROM fcas5) WHERE ${within} GROUP BY ALL`).join(' UNION ALL '));
  });

  test('says what kind of price it is', async () => {
    await api.holdSeries(`/v1/administered?${range}`, `SELECT ${five} t, regionid id, NULL measure, cumul_pre_ap_energy_price v
      FROM (SELECT settlementdate t, * FROM pricestatus5) WHERE ${within}`);
    await api.holdTable('/v1/administered/status', ['region'], `
      SELECT regionid region, settlementdate::VARCHAR AS "time", rrp, price_status, apcflag, cumul_pre_ap_energy_price AS "cumulative",
        1823600 threshold, cumul_pre_ap_energy_price / 1823600 AS "share"
      FROM pricestatus5 JOIN prices5 USING (settlementdate, regionid) WHERE settlementdate = '2025-08-21 12:30'`);
  });

  test('binds constraints', async () => {
    for (const [query, time] of [['', '2025-08-21 12:30'], ['?at=2025-08-21', '2025-08-21 00:00']])
      await api.holdTable(`/v1/constraints${query}`, ['constraintid'],
        `SELECT constraintid, rhs, lhs, marginalvalue, violationdegree FROM constraints5 WHERE settlementdate = '${time}'`);
  });

  test('gives notice', async () => {
    const columns = 'noticeid, type, created::VARCHAR created, external_reference, reason';
    await api.holdTable('/v1/notices', ['noticeid'], `SELECT ${columns} FROM notices`);
    const rows = await api.table('/v1/notices');
    assert.deepEqual(rows.map(({ created }) => created), rows.map(({ created }) => created).sort().reverse());
    const [{ type }] = rows;
    await api.holdTable(`/v1/notices?type=${encodeURIComponent(type)}`, ['noticeid'], `SELECT ${columns} FROM notices WHERE type = '${type}'`);
  });

  test('published each value in a file', async () => {
    const { meta, data: { rows } } = await api.ask('/v1/provenance?dataset=scada5&key=BW01&at=2025-08-21T10:00');
    assert.equal(rows.length, 1);
    assert.match(rows[0][1], /^PUBLIC_DISPATCHSCADA_202508211000_\d{16}\.zip$/);
    const [{ changed }] = await api.rows("SELECT lastchanged::VARCHAR changed FROM scada5 WHERE duid = 'BW01' AND settlementdate = '2025-08-21 10:00'");
    assert.equal(api.aest(meta.lastchanged), changed.slice(0, 19));
    assert.deepEqual((await api.ask('/v1/provenance?at=2001-01-01')).data.rows, []);
  });
});
