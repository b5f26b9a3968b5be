/* A simulated market of an evening, a night and a morning behind a server, and its answers held against
 * plain SQL over the same Parquet. */
import assert from 'node:assert/strict';
import { collectOnce, folderFor, nemd, rowsOf, startServer, until } from './nemd.mjs';
import { nemsim, startSim } from './nemsim.mjs';

const feeds = ['DispatchIS_Reports', 'Dispatch_SCADA', 'TradingIS_Reports', 'ROOFTOP_PV/ACTUAL', 'ROOFTOP_PV/FORECAST',
  'Operational_Demand/ACTUAL_HH', 'P5_Reports', 'PredispatchIS_Reports', 'Next_Day_Dispatch'];

/* From the collected evening of 20 August 2025 to the next day's noon. */
export const first = '2025-08-20T22:00:00';
export const last = '2025-08-21T12:30:00';

/* notices are rare: those of a day longer */
const written = [[first, last, feeds], ['2025-08-19T12:00:00', last, ['Market_Notice']]];

/* {data, tree, serve} of a store with all feeds and the registry of units, of the times [from, to, feeds] that are [written]. */
export async function simulatedStore(t, times = written) {
  const [tree, data] = [folderFor(t), folderFor(t)];
  for (const [from, to, some] of times) {
    const wrote = await nemsim('write', tree, '--from', from, '--to', to, '--feeds', some.join());
    assert.equal(wrote.status, 0, wrote.stderr);
  }
  const end = await collectOnce(tree, data);
  assert.equal(end.status, 0, end.stderr);
  const sim = await startSim(t, '--now', times[0][1], '--speed', '0');
  const refreshed = await nemd('units', 'refresh', '--source', sim.url, '--data', data);
  assert.equal(refreshed.status, 0, refreshed.stderr);
  await sim.stop();
  const serve = await startServer(t, ['serve', '--data', data], { ms: 540000 });
  /* sums were made before anything was known of units: they are made anew */
  await until('sums by fuel', async () => {
    const { meta, data: { series } } = (await serve.get('/v1/generation?by=fuel')).json;
    return meta.complete && series.some(({ id }) => id === 'Black coal');
  });
  return { data, tree, serve };
}

/* Unix seconds as SQL prints a TIMESTAMP. */
export const aest = (seconds) => new Date(seconds * 1000 + 10 * 3600000).toISOString().slice(0, 19).replace('T', ' ');

const near = (value, wanted) => value === wanted ||
  (typeof value === 'number' && typeof wanted === 'number' && Math.abs(value - wanted) <= 1.1e-5 + 1e-9 * Math.abs(wanted));

/* What asks one server and compares. */
export function asking({ data, serve }) {
  const ask = async (path) => {
    const answer = await serve.get(path);
    assert.equal(answer.status, 200, `${path}: ${answer.body}`);
    return answer.json;
  };
  /* The rows of a table route as objects; times as text. */
  const table = async (path) => {
    const { data: { columns, rows } } = await ask(`${path}${path.includes('?') ? '&' : '?'}limit=100000`);
    return rows.map((row) => Object.fromEntries(columns.map(({ name, type }, i) =>
      [name, type === 'time' && row[i] !== null ? aest(row[i]) : row[i]])));
  };
  /* The series of a route as rows {t, id, measure, v}, without gaps. */
  const series = async (path) => {
    const { data: { time, series: all } } = await ask(path);
    return all.flatMap(({ id, measure = null, values }) => {
      assert.equal(values.length, time.length, path);
      return values.map((v, i) => ({ t: aest(time[i]), id, measure, v }));
    }).filter(({ v }) => v !== null);
  };
  /* Holds rows against those of [sql]: the same ones by [keys], and each column of SQL's equal. */
  const hold = async (rows, keys, sql) => {
    const keyOf = (row) => keys.map((key) => row[key]).join('|');
    const wanted = await rowsOf(data, sql);
    assert.ok(wanted.length > 0, 'a comparison with nothing');
    const found = new Map(rows.map((row) => [keyOf(row), row]));
    assert.deepEqual([...found.keys()].sort(), wanted.map(keyOf).sort());
    assert.equal(found.size, rows.length, 'each once');
    for (const row of wanted)
      for (const [name, value] of Object.entries(row))
        assert.ok(near(found.get(keyOf(row))[name], value), `${keyOf(row)} ${name}: ${found.get(keyOf(row))[name]}, not ${value}`);
    return wanted;
  };
  return {
    data,
    ask,
    table,
    series,
    hold,
    aest,
    rows: (sql) => rowsOf(data, sql),
    holdTable: async (path, keys, sql) => hold(await table(path), keys, sql),
    holdSeries: async (path, sql) => hold(await series(path), ['t', 'id', 'measure'], sql),
    refused: async (path, parameter) => {
      const answer = await serve.get(path);
      assert.deepEqual([answer.status, answer.json.error.parameter], [400, parameter], `${path}: ${answer.body}`);
    },
  };
}

/* Links as a view of SQL: positive flow goes from source to target. */
export const links = `links(id, source, target) AS (VALUES ('N-Q-MNSP1', 'NSW1', 'QLD1'), ('NSW1-QLD1', 'NSW1', 'QLD1'), ('T-V-MNSP1', 'TAS1', 'VIC1'),
  ('V-S-MNSP1', 'VIC1', 'SA1'), ('V-SA', 'VIC1', 'SA1'), ('VIC1-NSW1', 'VIC1', 'NSW1'))`;

/* Views of SQL that questions share, as WITH …: each unit's reading with its sign and facts, and energy. */
export const signed = `
  facts AS (SELECT * FROM units QUALIFY row_number() OVER (PARTITION BY duid ORDER BY valid_from DESC) = 1),
  signed AS (SELECT settlementdate AS t, s.duid, f.region, f.station, f.fuel, f.owner, f.capacity_mw, f.co2e_factor, f.mlf, f.dlf,
      f.storage_mwh, f.dispatch_type, CASE f.dispatch_type WHEN 'LOAD' THEN -1 ELSE 1 END * scadavalue AS mw
    FROM scada5 s JOIN facts f ON f.duid = s.duid
    WHERE f.dispatch_type <> 'DEMAND RESPONSE' AND NOT regexp_matches(s.duid, '^(DG_|RT_)')),
  parts AS (SELECT *, greatest(0, mw) AS up, greatest(0, -mw) AS down,
      lead(greatest(0, mw)) OVER w AS next_up, lead(greatest(0, -mw)) OVER w AS next_down
    FROM signed WINDOW w AS (PARTITION BY duid ORDER BY t)),
  energy AS (SELECT p.*, coalesce((up + next_up) / 2, up) / 12 AS generation, coalesce((down + next_down) / 2, down) / 12 AS load, rrp
    FROM parts p LEFT JOIN prices5 q ON q.settlementdate = p.t AND q.regionid = p.region)`;
