/* The soak: days of the simulated market with everything going wrong that can, and at their end a
 * comparison of every row with the market's own truth.
 *
 *   nemsim's clock stands --> it is moved on by a step --> a collector looks once, and now and then
 *       is killed on the way and another one looks --> the names in all folders are noted --> …
 *
 * What the store must hold follows from those names alone: a row is there if and only if a file that
 * has it was ever listed. The last hours are collected but not compared, for a file can come late and
 * be broken at first. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderFor, later, logLines, rowsOf, sleep, start, statusOf } from './nemd.mjs';
import { ask, command, entriesOf, nemsim } from './nemsim.mjs';
import { csvsIn, readCsv } from './read.mjs';

const minute = 60000;
const hour = 60 * minute;
const iso = (ms) => new Date(ms).toISOString().slice(0, 19);
const instant = (text) => Date.parse(`${text.replaceAll('/', '-').replace(' ', 'T')}Z`);

/* A file is at most an hour late, and whole half an hour after it was there. */
const late = 61 * minute;
const broken = 34 * minute;

/* -- which file has which rows -------------------------------------------------------------------- */

const tradingDay = (date) => Array.from({ length: 288 }, (_, i) => date + 4 * hour + (i + 1) * 5 * minute);
const prices = (source) => ({ prices5: source, fcas5: source, pricestatus5: source });

/* [fills] are datasets, with what their rows have as source or type; [times] the settlementdates, or
 * runs, of a file by the time in its name; [every] how often there is one. */
const feeds = [
  { folder: 'DispatchIS_Reports', prefix: 'PUBLIC_DISPATCHIS_', every: 5 * minute,
    fills: { ...prices('DISPATCH'), transmission5: null, regions5: null, constraints5: null } },
  { folder: 'Dispatch_SCADA', prefix: 'PUBLIC_DISPATCHSCADA_', every: 5 * minute, fills: { scada5: null } },
  { folder: 'TradingIS_Reports', prefix: 'PUBLIC_TRADINGIS_', every: 5 * minute, fills: prices('TRADING') },
  ...['MEASUREMENT', 'SATELLITE'].map((type) => ({ folder: 'ROOFTOP_PV/ACTUAL', prefix: `PUBLIC_ROOFTOP_PV_ACTUAL_${type}_`,
    every: 30 * minute, fills: { rooftop30: type }, times: (time) => [time - 30 * minute] })),
  { folder: 'ROOFTOP_PV/FORECAST', prefix: 'PUBLIC_ROOFTOP_PV_FORECAST_', every: 30 * minute, fills: { rooftop_forecast: null } },
  { folder: 'Operational_Demand/ACTUAL_HH', prefix: 'PUBLIC_ACTUAL_OPERATIONAL_DEMAND_HH_', every: 30 * minute,
    fills: { demand30: null } },
  { folder: 'P5_Reports', prefix: 'PUBLIC_P5MIN_', every: 5 * minute, fills: { p5min: null } },
  { folder: 'PredispatchIS_Reports', prefix: 'PUBLIC_PREDISPATCHIS_', every: 30 * minute, fills: { predispatch: null } },
  { folder: 'Public_Prices', prefix: 'PUBLIC_PRICES_', every: 24 * hour, fills: { prices5: 'DISPATCH' }, times: tradingDay },
  { folder: 'Next_Day_Dispatch', prefix: 'PUBLIC_NEXT_DAY_DISPATCH_', every: 24 * hour, fills: { dispatch5: null },
    times: tradingDay },
];
const revisions = { folder: 'DISPATCHIS_PRICE_REVISIONS', prefix: 'PUBLIC_PRICE_REVISION_DISPATCHIS_' };
const means = { prices30: 'prices5', scada30: 'scada5', transmission30: 'transmission5' };
const best = ['DISPATCH', 'TRADING', 'MEASUREMENT', 'SATELLITE', null];

/* The time in a name: "PUBLIC_NEXT_DAY_DISPATCH_20250820_…", with up to 14 digits. */
function timeOf(feed, name) {
  const digits = name.slice(feed.prefix.length).match(/^\d+/)[0].padEnd(14, '0');
  return instant(digits.replace(/(....)(..)(..)(..)(..)(..)/, '$1-$2-$3 $4:$5:$6'));
}

/* -- nemsim, and looking at it -------------------------------------------------------------------- */

/* `nemsim serve`, for as long as it takes; counts the faults of requests that it tells of. */
async function serve(t, args) {
  const child = spawn(command, ['serve', '--port', '0', '--speed', '0', '--control', '--verbose', ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] });
  const sim = { faults: {}, ended: null };
  later(t, () => child.kill('SIGKILL'));
  child.on('exit', (status, signal) => (sim.ended = signal ?? status));
  let rest = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const { fault } of logLines(lines.join('\n'))) if (fault) sim.faults[fault] = (sim.faults[fault] ?? 0) + 1;
  });
  sim.url = await new Promise((done, failed) => {
    child.on('error', failed);
    child.stdout.setEncoding('utf8').on('data', (text) => done(text.match(/http:\S+/)[0]));
  });
  return sim;
}

/* The body of a page or a file, asked for until no fault falls on it. */
async function get(sim, path) {
  for (let tries = 0; tries < 30; tries++) {
    if (sim.ended !== null) throw new Error(`nemsim ended: ${sim.ended}`);
    const answer = await ask(sim.url + path, { ms: 3000 }).catch(() => null);
    if (answer?.status === 200) return answer.body;
  }
  throw new Error(`${path} isn't to be had`);
}

/* The CSVs of a file, asked for until no fault falls on its bytes. */
async function csvsOf(sim, path) {
  for (let tries = 0; tries < 30; tries++) {
    const bytes = await get(sim, path);
    try {
      return csvsIn(bytes);
    } catch {
      continue;
    }
  }
  throw new Error(`${path} is never whole`);
}

const setClock = (sim, now) => ask(`${sim.url}/clock`, { method: 'POST', body: `now=${iso(now)}` });

/* Notes when each name was first listed: [seen] is a Map of paths. */
async function noteNames(sim, now, seen) {
  for (const folder of new Set([...feeds, revisions].map((feed) => feed.folder)))
    for (const { name, href } of entriesOf(await get(sim, `/Reports/CURRENT/${folder}/`)))
      if (name.endsWith('.zip') && !seen.has(href)) seen.set(href, { folder, name, at: now });
}

/* -- what must be there --------------------------------------------------------------------------- */

const filesOf = (feed, seen) => [...seen.values()].filter((f) => f.folder === feed.folder && f.name.startsWith(feed.prefix));

/* A file that was listed a short while ago may still be broken. */
const isSure = (file, end) => file.at <= end - broken;

/* {dataset: Map of time to {source, sure}}: the best file that has the time. */
function heldTimes(seen, end) {
  const held = Object.fromEntries(feeds.flatMap((feed) => Object.keys(feed.fills)).map((name) => [name, new Map()]));
  for (const feed of feeds)
    for (const file of filesOf(feed, seen))
      for (const time of feed.times?.(timeOf(feed, file.name)) ?? [timeOf(feed, file.name)])
        for (const [name, source] of Object.entries(feed.fills)) {
          const sure = isSure(file, end);
          const known = held[name].get(time);
          const order = known ? best.indexOf(source) - best.indexOf(known.source) : -1;
          if (order < 0 || (order === 0 && sure)) held[name].set(time, { source, sure });
        }
  return held;
}

/* The intervals whose revised prices were published. */
async function revisedTimes(sim, seen, end) {
  const times = new Set();
  for (const [path, file] of seen)
    if (file.folder === revisions.folder && isSure(file, end))
      for (const csv of await csvsOf(sim, path))
        for (const row of readCsv(csv, (table) => table === 'DISPATCH.PRICE').rows) times.add(instant(row.get('settlementdate')));
  return times;
}

/* How far a row can be compared: to the last bit, in cents, not at all; or not even whether it is there. */
function gradeOf(name, time, { source, sure }, unrevised) {
  if (!sure) return 'unsure';
  if (source === 'TRADING') return name === 'pricestatus5' ? 'there' : 'cents';
  if (/^price/.test(name) && unrevised.has(time)) return 'there';
  return source === 'SATELLITE' ? 'there' : 'exact';
}

const half = (time) => Math.ceil(time / (30 * minute)) * 30 * minute;

/* The half hours of a mean: with all six intervals they can be compared to the last bit. */
function halfHours(five) {
  const exact = new Map();
  for (const [time, { grade }] of five) exact.set(half(time), (exact.get(half(time)) ?? 0) + (grade === 'exact'));
  return [...exact].map(([time, count]) => [time, { source: null, grade: count === 6 ? 'exact' : 'unsure' }]);
}

/* {dataset: [[time, {source, grade}], …]} */
async function gradedTimes(sim, seen, span) {
  const held = heldTimes(seen, span.end);
  const revised = await revisedTimes(sim, seen, span.end);
  const reviewed = (await truthOf('pricestatus5', span)).split('\n').filter((line) => /MII_PRICE/.test(line))
    .map((line) => instant(line.slice(0, 19)));
  const unrevised = new Set(reviewed.filter((time) => !revised.has(time)));
  const graded = {};
  for (const [name, times] of Object.entries(held))
    graded[name] = [...times].map(([time, file]) => [time, { source: file.source, grade: gradeOf(name, time, file, unrevised) }]);
  for (const [name, five] of Object.entries(means)) graded[name] = halfHours(graded[five]);
  return graded;
}

/* -- the comparison ------------------------------------------------------------------------------- */

async function truthOf(name, { from, to, seed }) {
  const { status, stdout, stderr } = await nemsim('truth', name, '--from', iso(from), '--to', iso(to), '--seed', `${seed}`);
  assert.equal(status, 0, stderr);
  return stdout;
}

const csvFile = (path, columns) =>
  `read_csv('${path}', header = true, columns = {${columns.map(([name, type]) => `'${name}': '${type}'`).join()}})`;
const any = (conditions) => conditions.join(' OR ') || 'false';

/* What makes a stored row a wrong one, by its grade. */
function wrongBy(values) {
  const numbers = values.filter(({ column_type }) => column_type === 'DOUBLE');
  return {
    exact: any(values.map(({ column_name: c }) => `have.${c} IS DISTINCT FROM want.${c}`)),
    cents: any(numbers.map(({ column_name: c }) => `abs(have.${c} - want.${c}) > 0.00501`)),
  };
}

/* {rows, count, list}: how many rows were compared, how many are wrong, and the first ten of these. */
async function compare(folder, data, name, graded, span) {
  const truth = await truthOf(name, span);
  const described = await rowsOf(data, `DESCRIBE ${name}`);
  const columns = described.filter(({ column_name }) => !['source', 'lastchanged'].includes(column_name));
  assert.deepEqual(columns.map(({ column_name }) => column_name), truth.slice(0, truth.indexOf('\n')).split(','), `columns of ${name}`);
  const keys = columns.splice(0, columns[0].column_name === 'run_time' ? 3 : 2);
  const types = [...keys, ...columns].map(({ column_name, column_type }) => [column_name, column_type]);
  const [time, key] = [keys[0], keys.at(-1)].map(({ column_name }) => column_name);
  const source = described.some(({ column_name }) => column_name === 'source') ? 'have.source' : 'want.source';
  const strange = key === 'duid' ? `have.duid NOT IN (SELECT duid FROM truth)` : 'false';
  const wrong = wrongBy(columns);
  const [truthFile, heldFile] = ['truth', 'held'].map((what) => join(folder, `${name}.${what}.csv`));
  writeFileSync(truthFile, truth);
  writeFileSync(heldFile, ['time,source,grade',
    ...graded.map(([at, file]) => `${iso(at)},${file.source ?? ''},${file.grade}`)].join('\n'));
  const [found] = await rowsOf(data, `
    WITH truth AS (FROM ${csvFile(truthFile, types)}),
      held AS (FROM ${csvFile(heldFile, [['time', 'TIMESTAMP'], ['source', 'VARCHAR'], ['grade', 'VARCHAR']])}),
      want AS (FROM truth JOIN held ON truth.${time} = held.time),
      have AS (FROM ${name} WHERE ${time} > TIMESTAMP '${iso(span.from)}' AND ${time} <= TIMESTAMP '${iso(span.to)}'),
      wrong AS (
        SELECT CASE WHEN have.${key} IS NULL THEN 'missing' WHEN want.${key} IS NULL THEN 'extra' ELSE 'different' END AS what, want, have
        FROM want FULL JOIN have ON ${keys.map(({ column_name: c }) => `want.${c} = have.${c}`).join(' AND ')}
        WHERE CASE WHEN want.${key} IS NULL THEN NOT (${strange})
          WHEN grade = 'unsure' THEN false
          WHEN have.${key} IS NULL THEN true
          ELSE ${source} IS DISTINCT FROM want.source
            OR (grade = 'exact' AND (${wrong.exact})) OR (grade = 'cents' AND (${wrong.cents})) END)
    SELECT (SELECT count(*) FROM want WHERE grade <> 'unsure') AS rows, (SELECT count(*) FROM wrong) AS count,
      (SELECT list(line) FROM (SELECT CAST(wrong AS VARCHAR) AS line FROM wrong LIMIT 10)) AS list`);
  return { rows: Number(found.rows), count: Number(found.count), list: found.list ?? [] };
}

/* The same of half hours and the means of the store's own five minutes, gaps and all. */
async function compareMeans(data, name, five, span) {
  const [, key, ...columns] = (await rowsOf(data, `DESCRIBE ${name}`)).map(({ column_name }) => column_name).slice(0, -1);
  const inSpan = `WHERE settlementdate > TIMESTAMP '${iso(span.from)}' AND settlementdate <= TIMESTAMP '${iso(span.to)}'`;
  const halfHour = `time_bucket(INTERVAL 30 MINUTE, settlementdate - INTERVAL 1 SECOND) + INTERVAL 30 MINUTE`;
  const [found] = await rowsOf(data, `
    WITH want AS (SELECT ${halfHour} AS settlementdate, ${key}, ${columns.map((c) => `avg(${c}) AS ${c}`).join()} FROM ${five} ${inSpan} GROUP BY ALL),
      have AS (FROM ${name} ${inSpan}),
      wrong AS (SELECT want, have FROM want FULL JOIN have ON want.settlementdate = have.settlementdate AND want.${key} = have.${key}
        WHERE want.${key} IS NULL OR have.${key} IS NULL
          OR ${any(columns.map((c) => `abs(want.${c} - have.${c}) > 1e-9 * greatest(1, abs(want.${c}))`))})
    SELECT (SELECT count(*) FROM have) AS rows, (SELECT count(*) FROM wrong) AS count,
      (SELECT list(line) FROM (SELECT CAST(wrong AS VARCHAR) AS line FROM wrong LIMIT 10)) AS list`);
  return { rows: Number(found.rows), count: Number(found.count), list: found.list ?? [] };
}

/* -- the run -------------------------------------------------------------------------------------- */

/* Numbers from 0 to 1, the same for a seed (Mulberry32). */
function randomFrom(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/* One look, before which a collector may be killed on the way. */
async function look(run, random) {
  const collect = () => start(null, ['collect', '--once', '--source', run.sim.url, '--data', run.data], { ms: 15 * minute });
  if (random() < run.killed) {
    const victim = collect();
    await Promise.race([sleep(random() * run.took), victim.ended]);
    run.kills += victim.running;
    await victim.stop('SIGKILL');
  }
  const { status, signal, stderr, ms } = await collect().ended;
  if (run.sim.ended !== null) throw new Error(`nemsim ended: ${run.sim.ended}`);
  assert.ok(status === 0 || status === 3, `collect ended with ${status ?? signal}:\n${stderr}`);
  run.took = ms;
  run.looks++;
  for (const { msg, level } of logLines(stderr)) if (/warn|error/.test(level)) run.said[msg] = (run.said[msg] ?? 0) + 1;
}

/* Looks until no file stands as failed that should be whole by now, and nothing more comes. */
async function settle(run, random, mayBeBroken) {
  for (let looks = 0, before = -1; looks < 10; looks++) {
    await look(run, random);
    const status = await statusOf(run.data);
    const done = status.feeds.reduce((sum, feed) => sum + feed.done, 0);
    const troubled = status.feeds.some((feed) => feed.error && !/not offered/.test(feed.error));
    const failures = status.failures.filter(({ file }) => !mayBeBroken.has(file.replace('DUPLICATE/', '')));
    Object.assign(run, { done, failures, findings: status.findings });
    const open = troubled || failures.length > 0;
    if (!open && done === before) return;
    before = open ? -1 : done;
  }
}

/* Times of the span for which no file of a feed was ever listed. */
function neverListed(feed, seen, { from, to }) {
  const there = new Set(filesOf(feed, seen).map((file) => timeOf(feed, file.name)));
  const missing = [];
  for (let time = from + feed.every; time <= to; time += feed.every) if (!there.has(time)) missing.push(time);
  return missing;
}
const neverListedCounts = (seen, span) => Object.fromEntries(feeds.filter(({ every }) => every < 24 * hour)
  .map((feed) => [feed.prefix, neverListed(feed, seen, span).length]));

/* What `status` says of gaps, against the times that were never listed: neither more nor less. */
function gapsThatDiffer(status, seen, span) {
  const named = { regions5: 'PUBLIC_DISPATCHIS_', transmission5: 'PUBLIC_DISPATCHIS_', scada5: 'PUBLIC_DISPATCHSCADA_', p5min: 'PUBLIC_P5MIN_',
    predispatch: 'PUBLIC_PREDISPATCHIS_', demand30: 'PUBLIC_ACTUAL_OPERATIONAL_DEMAND_HH_' };
  const aest = (unix) => (unix + 36000) * 1000;
  return Object.entries(named).flatMap(([name, prefix]) => {
    const feed = feeds.find((f) => f.prefix === prefix);
    const { first, latest } = status.datasets.find((d) => d.name === name);
    const inside = (time) => time > aest(first) && time < aest(latest) && time > span.from && time <= span.to;
    const said = new Set(status.gaps.filter((gap) => gap.dataset === name && gap.key === null).flatMap((gap) =>
      Array.from({ length: gap.intervals }, (_, i) => aest(gap.first) + i * feed.every)).filter(inside));
    const expected = new Set(neverListed(feed, seen, span).filter(inside));
    return [...[...expected].filter((time) => !said.has(time)).map((time) => `status: no gap of ${name} at ${iso(time)}, which was never listed`),
      ...[...said].filter((time) => !expected.has(time)).map((time) => `status: a gap of ${name} at ${iso(time)}, which was listed`)];
  });
}

/* Soaks from [from] for so many [hours], with a look every [step] minutes (from one number to another),
 * nemsim's [faults], and a part [killed] of the looks killed. {wrong: what differs, figures}. */
export async function soak(t, { from, hours, step, seed = 1, faults, killed, say = () => {} }) {
  const begun = Date.now();
  const span = { from: Date.parse(`${from}Z`), seed };
  span.to = Math.floor((span.from + hours * hour) / (30 * minute)) * 30 * minute;
  span.end = span.to + late + broken;
  const [folder, data] = [folderFor(t), join(folderFor(t), 'store')];
  const sim = await serve(t, ['--now', from, '--history', '0', '--seed', `${seed}`, '--faults', faults]);
  const run = { sim, data, killed, kills: 0, looks: 0, took: 1500, said: {} };
  const random = randomFrom(seed);
  const seen = new Map();
  for (let now = span.from; now < span.end; ) {
    now = Math.min(span.end, now + Math.round(step[0] + random() * (step[1] - step[0])) * minute);
    await setClock(sim, now);
    await look(run, random);
    await noteNames(sim, now, seen);
    say(`${iso(now)}  ${seen.size} files, ${run.kills} kills, ${((Date.now() - begun) / 1000).toFixed(0)} s`);
  }
  run.killed = 0;
  const mayBeBroken = new Set([...seen.values()].filter((file) => !isSure(file, span.end)).map((file) => file.name));
  await settle(run, random, mayBeBroken);
  for (let i = 0; i < 3; i++) await noteNames(sim, span.end, seen); /* a listing can lack its newest name */
  const compared = await compareAll(run, folder, seen, span);
  const wrong = Object.entries(compared).filter(([, { count }]) => count)
    .map(([name, { count, list }]) => [`${name}: ${count} rows are wrong`, ...list].join('\n  '));
  if (run.failures.length) wrong.push(`${run.failures.length} files failed for good: ${JSON.stringify(run.failures.slice(0, 10))}`);
  wrong.push(...gapsThatDiffer(await statusOf(data), seen, span));
  if (run.findings) wrong.push(`${run.findings} rows of one version disagree`);
  return { wrong, figures: {
    seconds: Math.round((Date.now() - begun) / 1000), files: run.done, looks: run.looks, kills: run.kills, faults: sim.faults, said: run.said,
    neverListed: neverListedCounts(seen, span), rows: Object.fromEntries(Object.entries(compared).map(([name, { rows }]) => [name, rows])) } };
}

async function compareAll(run, folder, seen, span) {
  const graded = await gradedTimes(run.sim, seen, span);
  const compared = {};
  for (const [name, times] of Object.entries(graded)) compared[name] = await compare(folder, run.data, name, times, span);
  for (const [name, five] of Object.entries(means)) compared[`${name} of ${five}`] = await compareMeans(run.data, name, five, span);
  return compared;
}
