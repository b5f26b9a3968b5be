// The view "Forecasts": what AEMO expects, each run against what happened, and how far off it has been by how far ahead it looked.

import type { Across } from '../chart/chart';
import { linearTicks } from '../chart/axis';
import { ChartGroup } from '../chart/group';
import { spreadColumns } from '../chart/legend';
import { tableRows, type RangeMeta, type SeriesAnswer, type TableAnswer, type TableRow } from '../data/api';
import { drawRegions } from '../market';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { buttons, oneRegion, picked, rangeControl, regionButtons, regionQuery, type Choice } from '../ui/controls';
import { isNumber, megawatts, price, type Value } from '../ui/format';
import { createSeriesPanel, type Drawn } from '../ui/series-panel';
import { createTablePanel } from '../ui/table-panel';
import { HOUR, MINUTE, clock, dayMonth } from '../ui/time';

const FIRST_RANGE = '1d';
const MOST_ERROR_DAYS = 31;
/** More runs than those of a day can't be told apart. */
const MOST_RUN_DAYS = 1;
/** A day of five-minute runs, each of an hour and a bit. */
const MOST_ROWS = 20_000;

interface Source extends Choice {
  /** Between the values of a run, and between the runs that are drawn; seconds. */
  step: number;
  every: number;
  resolution: string;
}

const SOURCES: readonly [Source, Source] = [
  { value: 'predispatch', label: 'Pre-dispatch', step: HOUR / 2, every: 4 * HOUR, resolution: '30m' },
  { value: 'p5min', label: '5-minute', step: 5 * MINUTE, every: 2 * HOUR, resolution: '5m' },
];
const MEASURES: readonly Choice[] = [
  { value: 'rrp', label: 'Price' },
  { value: 'totaldemand', label: 'Demand' },
];
const ERRORS: readonly Choice[] = [
  { value: 'mean_absolute', label: 'Mean size' },
  { value: 'bias', label: 'Mean' },
  { value: 'rms', label: 'Root mean square' },
];
/** From the newest run to the oldest. */
const COLORS = ['--nsw1', '--qld1', '--tas1', '--sa1', '--vic1', '--limit'];

const AHEAD: Across = {
  ticks: (min, max, width) => (max - min > 120 ? linearTicks(min / 60, max / 60, width, 60).map((hours) => hours * 60) : linearTicks(min, max, width, 60)),
  label: ahead,
  heading: ahead,
};

/** "45 min", "4 h", "4 h 30": how far ahead. */
function ahead(minutes: number): string {
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60}` : `${minutes / 60} h`;
}

export function create(state: UrlState): View {
  const board = new Board(state, 'forecasts');
  board.control(
    regionButtons(state),
    buttons(state, 'Forecast', 'source', SOURCES),
    buttons(state, 'Measure', 'measure', MEASURES),
    rangeControl(state, FIRST_RANGE),
  );
  const source = () => SOURCES.find(({ value }) => value === picked(state, 'source', SOURCES)) ?? SOURCES[0];
  const isPrice = () => picked(state, 'measure', MEASURES) === 'rrp';
  const measure = () => picked(state, 'measure', MEASURES);
  const format = (value: Value) => (isPrice() ? price(value) : megawatts(value));
  const query = board.query(FIRST_RANGE, () => regionQuery(state), MOST_ERROR_DAYS);
  const day = board.query(FIRST_RANGE, () => `&region=${oneRegion(state)}`, MOST_RUN_DAYS);

  const expected = board.feed('predispatch', () => `v1/forecasts?source=${source().value}&measure=${measure()}${regionQuery(state)}`);
  const runs = board.feed<TableAnswer>('prices5', (dataset) => `v1/forecasts/runs?limit=${MOST_ROWS}&source=${source().value}&measure=${measure()}&${day(dataset)}`);
  const actual = board.feed('prices5', (dataset) =>
    isPrice() ? `v1/prices?resolution=${source().resolution}&${day(dataset)}` : `v1/demand?measure=target&resolution=${source().resolution}&${day(dataset)}`,
  );
  // Half hours of demand are forecast for their end and are no means: of them no error is made.
  const errors = board.feed<TableAnswer>('prices5', (dataset) => {
    const judged = source().value === 'p5min' ? measure() : 'rrp';
    return `v1/forecasts/error?limit=5000&source=${source().value}&measure=${judged}&${query(dataset)}`;
  });

  const panels = (ofPrice: boolean) => {
    const [axis, unit] = ofPrice ? (['price', '$/MWh'] as const) : (['fit', 'MW'] as const);
    const what = ofPrice ? 'price' : 'demand, dispatch target';
    return {
      expected: createSeriesPanel({
        id: 'expected',
        title: 'Expected',
        note: `${what}, ${unit}, newest run`,
        feed: expected,
        group: board.group,
        state,
        axis,
        unit,
        format,
        draw: drawRegions,
        columns: spreadColumns(format, true),
        empty: 'No forecasts collected yet',
        hint: true,
      }),
      runs: createSeriesPanel({
        id: 'runs',
        title: 'Each run against what happened',
        note: () => `${oneRegion(state)}, ${unit}; dashed: a run every ${source().every / HOUR} h of the range’s last day`,
        feed: runs,
        region: () => oneRegion(state),
        others: [actual],
        series: () => runs.answer && toRuns(runs.answer, actual.answer, source()),
        group: new ChartGroup(),
        state,
        axis,
        unit,
        format,
        draw: drawRuns,
        columns: spreadColumns(format, true),
        empty: 'No forecasts collected yet',
      }),
    };
  };
  let shown = isPrice();
  let drawn = panels(shown);
  board.add(drawn.expected);
  board.add(drawn.runs);
  state.onChange(() => {
    if (isPrice() === shown) return;
    shown = isPrice();
    const next = panels(shown);
    board.replace(drawn.expected, next.expected);
    board.replace(drawn.runs, next.runs);
    drawn = next;
  });

  const curve = createSeriesPanel({
    id: 'error-curve',
    title: 'How far off, by how far ahead',
    note: () => `${errorWords(source(), measure())}; at most ${MOST_ERROR_DAYS} days of runs`,
    feed: errors,
    series: () => errors.answer && toErrors(errors.answer, picked(state, 'error', ERRORS)),
    group: new ChartGroup(),
    state,
    axis: 'linear',
    across: AHEAD,
    unit: 'error',
    format: price,
    draw: drawRegions,
    columns: spreadColumns(price, true),
    empty: 'No forecasts collected yet',
  });
  curve.choose(buttons(state, 'Error', 'error', ERRORS));
  board.add(curve);
  board.add(
    createTablePanel({
      id: 'errors',
      title: 'The same in figures',
      note: () => errorWords(source(), measure()),
      feed: errors,
      state,
      order: 'minutes_ahead',
      key: (row) => `${row['region']} ${row['minutes_ahead']}`,
      columns: [
        { name: 'region', title: 'Region' },
        { name: 'minutes_ahead', title: 'Ahead' },
        { name: 'count', title: 'Values' },
        { name: 'bias', title: 'Mean', text: (value) => price(value as Value) },
        { name: 'mean_absolute', title: 'Mean size', text: (value) => price(value as Value) },
        { name: 'rms', title: 'Root mean square', text: (value) => price(value as Value) },
      ],
      empty: 'No forecasts collected yet',
    }),
  );
  return board;
}

function errorWords(source: Source, measure: string): string {
  const demand = measure !== 'rrp' && source.value === 'p5min';
  return demand ? 'forecast demand less what was dispatched, MW' : 'forecast price less what came, $/MWh';
}

/** What happened, and every so often a run, over the time of all of them. */
function toRuns(answer: TableAnswer, actual: SeriesAnswer | null, source: Source): SeriesAnswer {
  const { from, to } = answer.meta as RangeMeta;
  const byRun = new Map<number, TableRow[]>();
  for (const row of tableRows(answer)) {
    const run = Number(row['run']);
    if (run % source.every !== phase(source)) continue;
    byRun.set(run, [...(byRun.get(run) ?? []), row]);
  }
  const ends = [...byRun.values()].flat().map((row) => Number(row['time']));
  const last = Math.max(to, ...ends);
  const first = Math.ceil(from / source.step) * source.step;
  const time = Array.from({ length: Math.floor((last - first) / source.step) + 1 }, (_, i) => first + i * source.step);
  const place = new Map(time.map((at, i) => [at, i]));
  const spread = (pairs: (readonly [number, Value])[]): Value[] => {
    const values = new Array<Value>(time.length).fill(null);
    for (const [at, value] of pairs) {
      const i = place.get(at);
      if (i !== undefined) values[i] = value;
    }
    return values;
  };
  const happened = actual?.data.series.find(({ measure }) => measure !== 'min' && measure !== 'max');
  const came = { id: 'actual', unit: '', values: spread((actual?.data.time ?? []).map((at, i) => [at, happened?.values[i]] as const)) };
  const runs = [...byRun]
    .sort(([a], [b]) => b - a)
    .map(([run, rows]) => ({ id: String(run), unit: '', values: spread(rows.map((row) => [Number(row['time']), row['value'] as Value] as const)) }));
  return { meta: { ...(answer.meta as RangeMeta), from, to: last }, data: { time, series: [came, ...runs] } };
}

/** AEST is ten hours ahead: runs are picked by the clock that readers go by. */
function phase({ every }: Source): number {
  return (every - ((10 * HOUR) % every)) % every;
}

function drawRuns({ data }: SeriesAnswer): Drawn[] {
  return data.series.map(({ id, values }, i) => {
    if (id === 'actual') return { id, label: 'Actual', color: '--ink', values };
    const run = Number(id);
    return { id, label: `${dayMonth(run)} ${clock(run)}`, color: COLORS[(i - 1) % COLORS.length] ?? '--ink', dashed: true, values };
  });
}

function toErrors(answer: TableAnswer, column: string): SeriesAnswer {
  const rows = tableRows(answer).filter((row) => isNumber(row['minutes_ahead'] as Value));
  const time = [...new Set(rows.map((row) => Number(row['minutes_ahead'])))].sort((a, b) => a - b);
  const regions = [...new Set(rows.map((row) => String(row['region'])))];
  const series = regions.map((id) => {
    const own = new Map(rows.filter((row) => row['region'] === id).map((row) => [Number(row['minutes_ahead']), row[column] as Value]));
    return { id, unit: '', values: time.map((at) => own.get(at) ?? null) };
  });
  return { meta: { ...(answer.meta as RangeMeta), from: time[0] ?? 0, to: time.at(-1) ?? 60 }, data: { time, series } };
}
