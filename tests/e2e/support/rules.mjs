/* What the store must hold after given files: the rules of docs/market.md once more, over files as
 * bytes. Values as AEMO printed them, times as DuckDB prints them. */
import assert from 'node:assert/strict';
import { csvsIn, readCsv } from './read.mjs';
import { rowsOf } from './nemd.mjs';

const fcas = ['1sec', '6sec', '60sec', '5min', 'reg'];

export const datasets = {
  prices5: { key: 'regionid', columns: ['rrp', 'source'], ranks: { column: 'source', order: ['TRADING', 'DISPATCH'] } },
  fcas5: {
    key: 'regionid',
    columns: [...fcas.map((s) => `raise${s}rrp`), ...fcas.map((s) => `lower${s}rrp`), 'source'],
    ranks: { column: 'source', order: ['TRADING', 'DISPATCH'] },
  },
  scada5: { key: 'duid', columns: ['scadavalue'] },
  transmission5: {
    key: 'interconnectorid',
    columns: ['meteredmwflow', 'mwflow', 'mwlosses', 'exportlimit', 'importlimit', 'marginalvalue',
      'exportgenconid', 'importgenconid'],
  },
  regions5: {
    key: 'regionid',
    columns: ['totaldemand', 'demand_and_nonschedgen', 'dispatchablegeneration', 'dispatchableload',
      'totalintermittentgeneration', 'initialsupply', 'availablegeneration', 'netinterchange', 'uigf',
      'semischedule_clearedmw', 'ss_solar_uigf', 'ss_wind_uigf', 'ss_solar_availability', 'ss_wind_availability',
      'ss_solar_clearedmw', 'ss_wind_clearedmw', 'bdu_clearedmw_gen', 'bdu_clearedmw_load',
      'bdu_initial_energy_storage', 'bdu_energy_storage'],
  },
  rooftop30: {
    key: 'regionid',
    columns: ['power', 'quality_indicator', 'type'],
    ranks: { column: 'type', order: ['SATELLITE', 'MEASUREMENT', 'DAILY'] },
  },
};

const texts = new Set(['source', 'type', 'exportgenconid', 'importgenconid']);

/* "2025/08/20 18:10:00.250" as DuckDB prints it: "2025-08-20 18:10:00.25". */
const timestamp = (text) => text.replaceAll('/', '-').replace(/\.0+$|(\.\d*?)0+$/, '$1');

function rowOf(name, source, columns, at, published) {
  const d = datasets[name];
  const row = { settlementdate: timestamp(at), [d.key]: columns(d.key) };
  for (const column of d.columns) {
    const text = column === 'source' ? source : columns(column === 'quality_indicator' ? 'qi' : column);
    row[column] = text === '' ? null : texts.has(column) ? text : Number(text);
  }
  row.lastchanged = timestamp(columns('lastchanged') || published);
  return row;
}

const physical = (rows) => {
  const highest = new Map();
  for (const row of rows) {
    const key = `${row.get('settlementdate')}|${row.get('regionid')}|${row.get('interconnectorid')}`;
    const best = highest.get(key);
    if (!best || Number(row.get('intervention')) > Number(best.get('intervention'))) highest.set(key, row);
  }
  return [...highest.values()];
};
const pricing = (rows) => rows.filter((row) => row.get('intervention') === '0');
const fiveMinute = (rows) => rows.filter((row) => row.get('settlementdate') > '2021/10/01 00:00:00');
const regions = (rows) => rows.filter((row) => row.get('regionid').endsWith('1'));

const routes = {
  'DISPATCH.PRICE': { into: ['prices5', 'fcas5'], take: pricing, source: 'DISPATCH' },
  'TRADING.PRICE': { into: ['prices5', 'fcas5'], take: fiveMinute, source: 'TRADING' },
  'DISPATCH.UNIT_SCADA': { into: ['scada5'], take: (rows) => rows },
  'DISPATCH.INTERCONNECTORRES': { into: ['transmission5'], take: physical },
  'DISPATCH.REGIONSUM': { into: ['regions5'], take: physical },
  'ROOFTOP.ACTUAL': { into: ['rooftop30'], take: regions, time: 'interval_datetime' },
};

const bitsOf = (number) => new BigUint64Array(Float64Array.of(number).buffer)[0];

/* > 0 where [a] stays: rank, version, then the larger value bits, column by column. */
function compare(d, a, b) {
  const rank = (row) => (d.ranks ? d.ranks.order.indexOf(row[d.ranks.column]) : 0);
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (a.lastchanged !== b.lastchanged) return a.lastchanged > b.lastchanged ? 1 : -1;
  for (const column of d.columns) {
    const [x, y] = [a[column], b[column]];
    if (Object.is(x, y)) continue;
    if (x === null || y === null) return x === null ? -1 : 1;
    if (typeof x === 'string') return x > y ? 1 : -1;
    return bitsOf(x) > bitsOf(y) ? 1 : -1;
  }
  return 0;
}

/* {prices5: [row…], …} for the files' bytes, sorted by time and key. */
export function expectedOf(files) {
  const tables = Object.fromEntries(Object.keys(datasets).map((name) => [name, new Map()]));
  for (const bytes of files)
    for (const csv of csvsIn(bytes)) {
      const { published, rows } = readCsv(csv, (table) => table in routes);
      for (const [table, route] of Object.entries(routes))
        for (const row of route.take(rows.filter((r) => r.table === table)))
          for (const name of route.into) {
            const d = datasets[name];
            const made = rowOf(name, route.source, row.get, row.get(route.time ?? 'settlementdate'), published);
            const key = `${made.settlementdate}|${made[d.key]}`;
            const standing = tables[name].get(key);
            if (!standing || compare(d, made, standing) > 0) tables[name].set(key, made);
          }
    }
  const sorted = (map) => [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  return Object.fromEntries(Object.entries(tables).map(([name, map]) => [name, sorted(map)]));
}

/* All rows of a dataset in the store, sorted alike. */
export async function storedRows(data, name) {
  const { key } = datasets[name];
  const rows = await rowsOf(data, `SELECT * FROM ${name}`);
  return rows
    .map((row) => [`${row.settlementdate}|${row[key]}`, row])
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
