/* What `make bench-api` asks, as a path of the API and as SQL over the views of the store, and how the numbers of both are named.
 *
 * The SQL is what somebody who knows the market writes: signs by dispatch type, generation and load parted unit by unit at five
 * minutes, facts of units by date, energy as the mean of a reading and the next one, money at settlement resolution
 * (docs/market.md). */

let state = 20230101;
const draw = (below) => (state = (state * 1103515245 + 12345) % 2147483648) % below;

const minutes = 60000;
const iso = (time) => new Date(time).toISOString().slice(0, 16); /* AEST, as if it were UTC */
const stamp = (time) => `TIMESTAMP '${iso(time).replace('T', ' ')}:00'`;
const quote = (text) => `'${text.replaceAll("'", "''")}'`;
/* A time in SQL as Unix seconds. */
const unix = (sql) => `(epoch(${sql})::BIGINT - 36000)`;

/* The end of the bucket of [step] minutes, cut from midnight on, that an interval lies in. */
const bucketOf = (step) => unix(`time_bucket(INTERVAL '${step} minutes', settlementdate - INTERVAL 5 MINUTE) + INTERVAL '${step} minutes'`);

/* Units with the stretch of time in which each row's facts hold; before a unit's first row, those of the first one. */
const facts = `facts AS (SELECT *, CASE WHEN row_number() OVER w = 1 THEN TIMESTAMP '1990-01-01' ELSE valid_from::TIMESTAMP END AS after,
    coalesce(lead(valid_from) OVER w, DATE '2999-01-01')::TIMESTAMP AS until
  FROM units WINDOW w AS (PARTITION BY duid ORDER BY valid_from))`;
const counted = "coalesce(dispatch_type, '') <> 'DEMAND RESPONSE' AND s.duid NOT SIMILAR TO '(DG_|RT_|DRX).*'";
const signed = "CASE WHEN dispatch_type = 'LOAD' THEN -scadavalue ELSE scadavalue END";

/* MW of the mix by fuel, a row for each bucket of [step] minutes. */
function mixSql(from, to, step) {
  return `WITH ${facts},
  readings AS (SELECT settlementdate, coalesce(fuel, 'Unknown') AS fuel, ${signed} AS mw
    FROM scada5 s LEFT JOIN facts u ON s.duid = u.duid AND s.settlementdate > u.after AND s.settlementdate <= u.until
    WHERE settlementdate > ${stamp(from)} AND settlementdate <= ${stamp(to)} AND ${counted}),
  intervals AS (SELECT settlementdate, fuel, sum(greatest(mw, 0)) AS generation, sum(greatest(-mw, 0)) AS load FROM readings GROUP BY ALL),
  points AS (SELECT regionid, settlementdate AS till, power, lag(power) OVER (PARTITION BY regionid ORDER BY settlementdate) AS before
    FROM rooftop30 WHERE settlementdate > ${stamp(from - 60 * minutes)} AND settlementdate < ${stamp(to + 30 * minutes)}),
  rooftop AS (SELECT till - INTERVAL 5 MINUTE * k AS settlementdate, 'Rooftop' AS fuel, sum(power + (before - power) * k / 6) AS generation, NULL AS load
    FROM points, range(6) t(k) GROUP BY ALL HAVING settlementdate > ${stamp(from)} AND settlementdate <= ${stamp(to)}),
  both_kinds AS (FROM intervals UNION ALL BY NAME FROM rooftop)
  SELECT ${bucketOf(step)} AS t, fuel, avg(generation) AS generation, avg(load) AS load FROM both_kinds GROUP BY ALL`;
}

const stationSql = (station, from, to, step) => `WITH ${facts},
  readings AS (SELECT settlementdate, ${signed} AS mw
    FROM scada5 s JOIN facts u ON s.duid = u.duid AND ${stamp(to)} > u.after AND ${stamp(to)} <= u.until
    WHERE station = ${quote(station)} AND settlementdate > ${stamp(from)} AND settlementdate <= ${stamp(to)} AND ${counted}),
  intervals AS (SELECT settlementdate, sum(greatest(mw, 0)) AS generation, sum(greatest(-mw, 0)) AS load FROM readings GROUP BY ALL)
  SELECT ${bucketOf(step)} AS t,
    avg(generation) AS generation, avg(load) AS load FROM intervals GROUP BY ALL`;

/* Energy and money of units over a time, those of [fuel] alone where it is named. */
const energySql = (from, to, fuel) => `WITH ${facts},
  readings AS (SELECT s.duid, settlementdate, region, ${signed} AS mw, lead(mw) OVER w AS following, lead(settlementdate) OVER w AS next_time
    FROM scada5 s LEFT JOIN facts u ON s.duid = u.duid AND s.settlementdate > u.after AND s.settlementdate <= u.until
    WHERE settlementdate > ${stamp(from)} AND settlementdate <= ${stamp(to + 5 * minutes)} AND ${counted}${fuel ? ` AND fuel = ${quote(fuel)}` : ''}
    WINDOW w AS (PARTITION BY s.duid ORDER BY settlementdate)),
  paired AS (SELECT *, CASE WHEN next_time = settlementdate + INTERVAL 5 MINUTE THEN following ELSE mw END AS after_it FROM readings WHERE settlementdate <= ${stamp(to)}),
  energy AS (SELECT *, (greatest(mw, 0) + greatest(after_it, 0)) / 24 AS generation, (greatest(-mw, 0) + greatest(-after_it, 0)) / 24 AS load FROM paired)
  SELECT duid, sum(generation) AS generation, sum(load) AS load, sum(generation * rrp) AS revenue, sum(load * rrp) AS cost
  FROM energy LEFT JOIN prices5 p ON p.regionid = region AND p.settlementdate = energy.settlementdate GROUP BY ALL`;

/* The day's newest value, lowest and highest of what is by region, and their sums; columns are named as the API's measures. */
const todaySql = (from, to) => `WITH ${facts},
  readings AS (SELECT settlementdate, region, fuel, ${signed} AS mw
    FROM scada5 s LEFT JOIN facts u ON s.duid = u.duid AND s.settlementdate > u.after AND s.settlementdate <= u.until
    WHERE settlementdate > ${stamp(from)} AND settlementdate <= ${stamp(to)} AND ${counted}),
  mix AS (SELECT settlementdate, coalesce(region, 'NEM') AS region, sum(greatest(mw, 0)) AS generation,
      sum(greatest(mw, 0)) FILTER (fuel = 'Wind') AS wind, sum(greatest(mw, 0)) FILTER (fuel = 'Solar') AS solar, sum(greatest(mw, 0)) FILTER (fuel = 'Water') AS hydro,
      sum(greatest(mw, 0)) FILTER (fuel = 'Battery') AS discharge, sum(greatest(-mw, 0)) FILTER (fuel = 'Battery') AS charge
    FROM readings GROUP BY GROUPING SETS ((settlementdate, region), (settlementdate))),
  market AS (SELECT r.settlementdate, coalesce(r.regionid, 'NEM') AS region, sum(totaldemand) AS target_demand, sum(-netinterchange) AS net_import,
      CASE WHEN grouping(r.regionid) = 0 THEN any_value(rrp) ELSE sum(rrp * greatest(totaldemand, 0)) / sum(greatest(totaldemand, 0)) END AS price
    FROM regions5 r JOIN prices5 p ON p.settlementdate = r.settlementdate AND p.regionid = r.regionid
    WHERE r.settlementdate > ${stamp(from)} AND r.settlementdate <= ${stamp(to)} GROUP BY GROUPING SETS ((r.settlementdate, r.regionid), (r.settlementdate))),
  long AS (FROM (FROM mix UNPIVOT (value FOR measure IN (generation, wind, solar, hydro, discharge, charge)))
    UNION ALL BY NAME FROM (FROM market UNPIVOT (value FOR measure IN (target_demand, net_import, price))))
  SELECT region, measure, arg_max(value, settlementdate) AS value, min(value) AS min, max(value) AS max FROM long GROUP BY ALL`;

const pricesSql = (from, to, step) => `SELECT ${bucketOf(step)} AS t,
  regionid, avg(rrp) AS mean, min(rrp) AS min, max(rrp) AS max FROM prices5 WHERE settlementdate > ${stamp(from)} AND settlementdate <= ${stamp(to)} GROUP BY ALL`;

/* -- numbers by name -- */

const number = (text) => (text === undefined || text === '' || text === null ? NaN : Number(text));

/* Of an answer's series: time, id, measure. A measure that an answer leaves out because it is 0 all along is 0 here. */
function seriesNumbers({ data }, rename = (id, measure) => `${id} ${measure}`) {
  const numbers = new Map();
  for (const { id, measure, values } of data.series)
    values.forEach((value, i) => numbers.set(`${data.time[i]} ${rename(id, measure)}`, number(value)));
  return numbers;
}
const withoutZeros = (numbers) => new Map([...numbers].filter(([, value]) => value !== 0));

function tableRows({ data }) {
  return data.rows.map((row) => Object.fromEntries(data.columns.map((column, i) => [column.name, row[i]])));
}

/* Of a table's rows: [name, column, unit] of what is compared; in what unit the API gives it, where that isn't SQL's. */
function columnsOf(rows, key, columns) {
  const numbers = new Map();
  for (const row of rows)
    for (const [name, column, unit = 1] of columns) numbers.set(`${key(row)} ${name}`, number(row[column]) / unit);
  return withoutZeros(numbers);
}

/* The step of chart resolution over a range, in minutes. */
function chartStep(from, to) {
  const intervals = (to - from) / (5 * minutes);
  const step = [1, 2, 3, 6, 12, 24, 36, 48, 72, 144, 288].find((n) => intervals <= 2016 * n) ?? Math.ceil(intervals / (2016 * 288)) * 288;
  return step * 5;
}

export function questions({ first, days, stations }) {
  const begin = Date.parse(`${first}T00:00:00Z`), end = begin + days * 1440 * minutes;
  /* [length] days, from any half hour on, so that every mean is of whole ones, or from a midnight */
  const range = (length, unit = 30) => {
    const from = begin + draw((days - length) * (1440 / unit) + 1) * unit * minutes;
    return [from, from + length * 1440 * minutes];
  };
  const period = ([from, to]) => `from=${iso(from)}&to=${iso(to)}`;
  const mix = (asked, resolution) => {
    const [from, to] = asked, step = resolution ? 30 : chartStep(from, to);
    return {
      path: `/v1/generation?by=fuel&${period(asked)}${resolution ? `&resolution=${resolution}` : ''}`,
      sql: mixSql(from, to, step),
      numbers: (answer) => withoutZeros(seriesNumbers(answer)),
      theirs: (rows) => withoutZeros(new Map(rows.flatMap((row) => [[`${row.t} ${row.fuel} generation`, number(row.generation)], [`${row.t} ${row.fuel} load`, number(row.load)]]))),
    };
  };
  const energy = (asked, fuel) => {
    const [from, to] = asked;
    const names = fuel ? [['generation', 'discharged'], ['load', 'charged'], ['revenue', 'revenue'], ['cost', 'cost']]
      : [['generation', 'generation'], ['load', 'load'], ['revenue', 'revenue'], ['cost', 'cost']];
    const units = fuel ? {} : { generation: 1e3, load: 1e3, revenue: 1e6, cost: 1e6 };
    return {
      path: fuel ? `/v1/batteries?${period(asked)}` : `/v1/pivot?by=unit&limit=10000&${period(asked)}`,
      sql: energySql(from, to, fuel),
      numbers: (answer) => columnsOf(tableRows(answer), (row) => row.duid, names),
      theirs: (rows) => columnsOf(rows, (row) => row.duid, names.map(([name]) => [name, name, units[name]])),
    };
  };
  return [
    {
      name: 'today', title: "today's gauges",
      draw() {
        return {
          path: '/v1/gauges/today',
          sql: todaySql(end - 1440 * minutes, end),
          numbers: (answer) => columnsOf(tableRows(answer).filter((row) => /^(generation|wind|solar|hydro|discharge|charge|target_demand|net_import|price)$/.test(row.measure)),
            (row) => `${row.region} ${row.measure}`, [['value', 'value'], ['min', 'min'], ['max', 'max']]),
          theirs: (rows) => columnsOf(rows, (row) => `${row.region} ${row.measure}`, [['value', 'value'], ['min', 'min'], ['max', 'max']]),
        };
      },
    },
    {
      name: 'spot', title: 'a year of spot prices, chart',
      draw() {
        const asked = range(365), [from, to] = asked;
        return {
          path: `/v1/prices?${period(asked)}`,
          sql: pricesSql(from, to, chartStep(from, to)),
          numbers: (answer) => seriesNumbers(answer, (id, measure) => `${id} ${measure ?? 'mean'}`),
          theirs: (rows) => new Map(rows.flatMap((row) => ['mean', 'min', 'max'].map((what) => [`${row.t} ${row.regionid} ${what}`, number(row[what])]))),
        };
      },
    },
    { name: 'mix', title: "a year of the NEM's mix, chart", draw: () => mix(range(365)) },
    { name: 'mix30', title: 'the same at every half hour', draw: () => mix(range(365), '30m') },
    {
      name: 'station', title: 'three years of a station, chart',
      draw() {
        const station = stations[draw(stations.length)], from = begin + draw(48) * 30 * minutes, to = from + (days - 1) * 1440 * minutes;
        return {
          path: `/v1/generation?by=station&station=${encodeURIComponent(station)}&${period([from, to])}`,
          sql: stationSql(station, from, to, chartStep(from, to)),
          numbers: (answer) => withoutZeros(seriesNumbers(answer, (id, measure) => measure)),
          theirs: (rows) => withoutZeros(new Map(rows.flatMap((row) => [[`${row.t} generation`, number(row.generation)], [`${row.t} load`, number(row.load)]]))),
        };
      },
    },
    { name: 'pivot', title: 'a year of every unit, pivot', draw: () => energy(range(365, 1440)) },
    { name: 'pivotcut', title: 'the same, days cut in two', draw: () => energy(range(365)) },
    { name: 'batteries', title: 'a year of batteries', draw: () => energy(range(365), 'Battery') },
  ];
}
