/* What the store must hold after given files: the rules of docs/market.md once more, over files as
 * bytes. Values as AEMO printed them, times as DuckDB prints them. */
import assert from 'node:assert/strict';
import { csvsIn, readCsv } from './read.mjs';
import { rowsOf } from './nemd.mjs';

const services = ['1sec', '6sec', '60sec', '5min', 'reg'];
const prices = { column: 'source', order: ['TRADING', 'DISPATCH'] };
const demand = { key: 'regionid', columns: ['demand', 'adjustment', 'wdr', 'demand_less_snsg'] };
const outlook = { key: 'regionid', columns: ['rrp', 'totaldemand', 'solar', 'wind', 'netinterchange'], run: true };

export const datasets = {
  prices5: { key: 'regionid', columns: ['rrp', 'source'], ranks: prices, required: ['rrp'] },
  prices30: { key: 'regionid', columns: ['rrp'], meanOf: 'prices5', since: '2021-10-01 00:00:00' },
  pricestatus5: {
    key: 'regionid',
    columns: ['rop', 'pre_ap_energy_price', 'cumul_pre_ap_energy_price', 'apcflag', 'marketsuspendedflag',
      'price_status', 'mii_status', 'ocd_status', 'source'],
    ranks: prices,
  },
  fcas5: {
    key: 'regionid',
    columns: [...services.map((s) => `raise${s}rrp`), ...services.map((s) => `lower${s}rrp`), 'source'],
    ranks: prices,
  },
  scada5: { key: 'duid', columns: ['scadavalue'] },
  scada30: { key: 'duid', columns: ['scadavalue'], meanOf: 'scada5' },
  dispatch5: {
    key: 'duid',
    columns: ['initialmw', 'totalcleared', 'availability', 'uigf', 'semidispatchcap', 'energy_storage',
      ...services.map((s) => `raise${s}`), ...services.map((s) => `lower${s}`)],
  },
  transmission5: {
    key: 'interconnectorid',
    columns: ['meteredmwflow', 'mwflow', 'mwlosses', 'exportlimit', 'importlimit', 'marginalvalue',
      'exportgenconid', 'importgenconid'],
  },
  transmission30: {
    key: 'interconnectorid',
    columns: ['meteredmwflow', 'mwflow', 'mwlosses', 'exportlimit', 'importlimit'],
    meanOf: 'transmission5',
  },
  regions5: {
    key: 'regionid',
    columns: ['totaldemand', 'demand_and_nonschedgen', 'dispatchablegeneration', 'dispatchableload',
      'totalintermittentgeneration', 'initialsupply', 'availablegeneration', 'netinterchange', 'uigf',
      'semischedule_clearedmw', 'ss_solar_uigf', 'ss_wind_uigf', 'ss_solar_availability', 'ss_wind_availability',
      'ss_solar_clearedmw', 'ss_wind_clearedmw', 'bdu_clearedmw_gen', 'bdu_clearedmw_load',
      'bdu_initial_energy_storage', 'bdu_energy_storage', 'wdr_dispatched'],
  },
  constraints5: { key: 'constraintid', columns: ['rhs', 'lhs', 'marginalvalue', 'violationdegree'] },
  demand5: demand,
  demand30: demand,
  rooftop30: {
    key: 'regionid',
    columns: ['power', 'quality_indicator', 'type'],
    ranks: { column: 'type', order: ['SATELLITE', 'MEASUREMENT', 'DAILY'] },
    required: ['power'],
  },
  rooftop_forecast: { key: 'regionid', columns: ['power'], run: true },
  p5min: outlook,
  predispatch: outlook,
};

const texts = new Set(['source', 'type', 'exportgenconid', 'importgenconid', 'price_status', 'mii_status', 'ocd_status']);

/* "2025/08/20 18:10:00.250" as DuckDB prints it: "2025-08-20 18:10:00.25". */
const timestamp = (text) => text.replaceAll('/', '-').replace(/\.0+$|(\.\d*?)0+$/, '$1');

/* Milliseconds, as if AEST were UTC, and back. */
const instant = (text) => Date.parse(`${text.replace(' ', 'T')}Z`);
const printed = (ms) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
const minutes = 60000;

/* 2019043040: the 40th half hour of the trading day that began on 2019-04-30 at 04:00. */
const countedRun = (number) =>
  printed(Date.UTC(number.slice(0, 4), number.slice(4, 6) - 1, number.slice(6, 8), 4, 30 * number.slice(8)));

/* -- which rows of a table count ------------------------------------------------------------------ */

const all = (rows) => rows;
const keyColumns = ['settlementdate', 'interval_datetime', 'datetime', 'run_datetime', 'predispatchseqno', 'regionid',
  'interconnectorid', 'duid'];
const physical = (rows) => {
  const highest = new Map();
  for (const row of rows) {
    const key = keyColumns.map((column) => row.get(column)).join('|');
    const best = highest.get(key);
    if (!best || Number(row.get('intervention')) > Number(best.get('intervention'))) highest.set(key, row);
  }
  return [...highest.values()];
};
const pricing = (rows) => rows.filter((row) => row.get('intervention') === '0');
const binding = (rows) => pricing(rows).filter((row) => Number(row.get('marginalvalue')) || Number(row.get('violationdegree')));
const lastHalfHour = '2021/10/01 00:00:00';
const fiveMinute = (rows) => rows.filter((row) => row.get('settlementdate') > lastHalfHour);
const halfHourly = (rows) => rows.filter((row) => row.get('settlementdate') <= lastHalfHour);
const regions = (rows) => rows.filter((row) => row.get('regionid').endsWith('1'));

const operational = { demand: 'operational_demand', adjustment: 'operational_demand_adjustment', wdr: 'wdr_estimate' };
const cleared = { solar: 'ss_solar_clearedmw', wind: 'ss_wind_clearedmw' };
const mw = ['totaldemand', 'solar', 'wind', 'netinterchange'];

/* [time] and [run] are columns, [from] those of other names, [only] the columns that are filled. */
const routes = [
  { table: 'DISPATCH.PRICE', into: ['prices5', 'fcas5', 'pricestatus5'], take: pricing, source: 'DISPATCH' },
  { table: 'DREGION.', into: ['prices5'], take: pricing, source: 'DISPATCH' },
  { table: 'TRADING.PRICE', into: ['prices5', 'fcas5', 'pricestatus5'], take: fiveMinute, source: 'TRADING' },
  { table: 'TRADING.PRICE', into: ['prices30'], take: halfHourly },
  { table: 'DISPATCH.UNIT_SCADA', into: ['scada5'], take: all },
  { table: 'DISPATCH.UNIT_SOLUTION', into: ['dispatch5'], take: physical },
  { table: 'DISPATCH.INTERCONNECTORRES', into: ['transmission5'], take: physical },
  { table: 'DISPATCH.REGIONSUM', into: ['regions5'], take: physical },
  { table: 'DISPATCH.CONSTRAINT', into: ['constraints5'], take: binding },
  { table: 'OPERATIONAL_DEMAND.ACTUAL', into: ['demand30'], take: all, time: 'interval_datetime', from: operational },
  { table: 'OPERATIONAL_DEMAND.ACTUAL_5MIN', into: ['demand5'], take: all, time: 'interval_datetime', from: operational },
  { table: 'ROOFTOP.ACTUAL', into: ['rooftop30'], take: regions, time: 'interval_datetime', from: { quality_indicator: 'qi' } },
  { table: 'ROOFTOP.FORECAST', into: ['rooftop_forecast'], take: regions, time: 'interval_datetime', run: 'version_datetime',
    from: { power: 'powermean' } },
  { table: 'P5MIN.REGIONSOLUTION', into: ['p5min'], take: pricing, time: 'interval_datetime', run: 'run_datetime', only: ['rrp'] },
  { table: 'P5MIN.REGIONSOLUTION', into: ['p5min'], take: physical, time: 'interval_datetime', run: 'run_datetime', only: mw,
    from: cleared },
  { table: 'PREDISPATCH.REGION_PRICES', into: ['predispatch'], take: pricing, time: 'datetime', run: 'predispatchseqno', only: ['rrp'] },
  { table: 'PREDISPATCH.REGION_SOLUTION', into: ['predispatch'], take: physical, time: 'datetime', run: 'predispatchseqno', only: mw,
    from: cleared },
];
const tables = new Set(routes.map((route) => route.table));

function rowOf(name, route, columns, published) {
  const d = datasets[name];
  const row = {};
  if (d.run) row.run_time = route.run === 'predispatchseqno' ? countedRun(columns(route.run)) : timestamp(columns(route.run));
  row.settlementdate = timestamp(columns(route.time ?? 'settlementdate'));
  row[d.key] = columns(d.key);
  for (const column of d.columns) {
    const text = route.only && !route.only.includes(column) ? ''
      : column === 'source' ? route.source : columns(route.from?.[column] ?? column);
    row[column] = text === '' ? null : texts.has(column) ? text : Number(text);
  }
  row.lastchanged = timestamp(columns('lastchanged') || published);
  return row;
}

/* -- which of two rows stays ---------------------------------------------------------------------- */

const bitsOf = (number) => new BigUint64Array(Float64Array.of(number).buffer)[0];

function compareValues(x, y) {
  if (Object.is(x, y)) return 0;
  if (x === null || y === null) return x === null ? -1 : 1;
  if (typeof x === 'string') return x > y ? 1 : -1;
  return bitsOf(x) > bitsOf(y) ? 1 : -1;
}

/* > 0 where [a] stays by rank and version. */
function compare(d, a, b) {
  /* a row that says "not known" ranks below all others */
  const rank = (row) => (!d.ranks ? 0 : (d.required ?? []).some((column) => row[column] === null) ? -1 : d.ranks.order.indexOf(row[d.ranks.column]));
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  return a.lastchanged === b.lastchanged ? 0 : a.lastchanged > b.lastchanged ? 1 : -1;
}

/* Else the larger value bits, column by column. Parts of a forecast are joined. */
function merged(d, a, b) {
  const order = compare(d, a, b);
  if (!d.run) {
    const differ = d.columns.find((column) => !Object.is(a[column], b[column]));
    return (order || (differ && compareValues(a[differ], b[differ]))) > 0 ? a : b;
  }
  const row = { ...(order > 0 ? a : b) };
  for (const column of d.columns)
    if (order === 0) row[column] = compareValues(a[column], b[column]) > 0 ? a[column] : b[column];
    else row[column] ??= (order > 0 ? b : a)[column];
  return row;
}

/* The rows of half hours: means over what there is of (T - 30 min, T]. */
function means(d, rows, into) {
  const halves = new Map();
  for (const row of rows) {
    const end = printed(Math.ceil(instant(row.settlementdate) / (30 * minutes)) * 30 * minutes);
    if (d.since && row.settlementdate <= d.since) continue;
    const id = `${end}|${row[d.key]}`;
    halves.set(id, [...(halves.get(id) ?? []), row]);
  }
  for (const [id, parts] of halves) {
    parts.sort((a, b) => (a.settlementdate < b.settlementdate ? -1 : 1));
    const row = { settlementdate: id.split('|')[0], [d.key]: parts[0][d.key] };
    for (const column of d.columns) {
      const values = parts.map((part) => part[column]).filter((value) => value !== null);
      row[column] = values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
    }
    row.lastchanged = parts.map((part) => part.lastchanged).reduce((a, b) => (a > b ? a : b));
    into.set(idOf(d, row), row);
  }
}

const idOf = (d, row) => `${d.run ? row.run_time : ''}|${row.settlementdate}|${row[d.key]}`;
const sorted = (map) => [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);

/* {prices5: [row…], …} for the files' bytes, sorted by time and key. */
export function expectedOf(files) {
  const found = Object.fromEntries(Object.keys(datasets).map((name) => [name, new Map()]));
  for (const bytes of files)
    for (const csv of csvsIn(bytes)) {
      const { published, rows } = readCsv(csv, (table) => tables.has(table));
      for (const route of routes)
        for (const row of route.take(rows.filter((r) => r.table === route.table)))
          for (const name of route.into) {
            const d = datasets[name];
            const made = rowOf(name, route, row.get, published);
            const id = idOf(d, made);
            const standing = found[name].get(id);
            found[name].set(id, standing ? merged(d, made, standing) : made);
          }
    }
  for (const [name, d] of Object.entries(datasets))
    if (d.meanOf) means(d, found[d.meanOf].values(), found[name]);
  return Object.fromEntries(Object.entries(found).map(([name, map]) => [name, sorted(map)]));
}

/* All rows of a dataset in the store, sorted alike. */
export async function storedRows(data, name) {
  const d = datasets[name];
  const rows = await rowsOf(data, `SELECT * FROM ${name}`);
  return rows
    .map((row) => [idOf(d, row), row])
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, row]) => row);
}

/* Fails with the first row that differs, not with thousands. */
export function assertRows(actual, expected, what) {
  const same = (a, b) => {
    const names = Object.keys(b);
    return a && b && Object.keys(a).join() === names.join() && names.every((n) => Object.is(a[n], b[n]));
  };
  for (let i = 0; i < Math.max(actual.length, expected.length); i++)
    if (!actual[i] || !expected[i] || !same(actual[i], expected[i]))
      assert.deepEqual(actual[i], expected[i], `${what}: row ${i} of ${actual.length}, ${expected.length} expected`);
}

export async function assertStore(data, expected) {
  for (const name of Object.keys(datasets)) assertRows(await storedRows(data, name), expected[name], name);
}
