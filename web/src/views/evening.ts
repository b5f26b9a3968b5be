// The view "Evening peak": 17:00 to 22:00 AEST, over the evenings of a range: what met demand, half hour by half hour, and what
// it cost, against the evenings before.

import { ChartGroup } from '../chart/group';
import { spreadColumns } from '../chart/legend';
import { tableRows, type RangeMeta, type SeriesAnswer, type TableAnswer, type TableRow } from '../data/api';
import { groupColor, groupLabel, groupRank } from '../fuels';
import { REGIONS, regionColor } from '../market';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { buttons, chosenRegion, picked, rangeControl, regionButtons, regionQuery, type Choice } from '../ui/controls';
import { NONE, isNumber, megawatts, price, signedPercent, type Value } from '../ui/format';
import { createSeriesPanel, type Drawn } from '../ui/series-panel';
import { createTablePanel } from '../ui/table-panel';
import { HOUR, fromIso } from '../ui/time';

const FIRST_RANGE = '30d';
const MOST_DAYS = 366;
const AGAINST: readonly Choice[] = [
  { value: 'before', label: 'Time before' },
  { value: 'year', label: 'Year before' },
];
/** Any day will do: only its evening is shown. */
const EVENING = fromIso('2001-01-01T17:00:00') ?? 0;
const LENGTH = 5 * HOUR;
const STEP = HOUR / 2;

type Which = 'value' | 'before';

/** The group of the stack that a measure of the API belongs to; what crosses a border is told apart by its sign. */
function groupOf(measure: string): string | null {
  if (measure === 'price' || measure === 'demand' || measure === 'net_import') return null;
  const names: Record<string, string> = { rooftop: 'Rooftop', Battery: 'Battery discharge', charge: 'Battery charge', load: 'Load' };
  return names[measure] ?? measure;
}

const TAKEN = ['Battery charge', 'Load'];

export function create(state: UrlState): View {
  const board = new Board(state, 'evening');
  board.control(regionButtons(state), rangeControl(state, FIRST_RANGE), buttons(state, 'Compared with', 'against', AGAINST));
  const query = board.query(FIRST_RANGE, () => `${regionQuery(state)}&against=${picked(state, 'against', AGAINST)}`, MOST_DAYS);
  const halves = board.feed<TableAnswer>('scada5', (dataset) => `v1/evening?limit=5000&${query(dataset)}`);
  const summary = board.feed<TableAnswer>('scada5', (dataset) => `v1/evening/summary?${query(dataset)}`);
  const own = () => (halves.answer ? tableRows(halves.answer).filter(({ region }) => region === chosenRegion(state)) : []);
  const frame = () => halves.answer && toFrame(halves.answer);
  const group = new ChartGroup();

  const mix = (id: string, title: string, note: string, which: Which) =>
    board.add(
      createSeriesPanel({
        id,
        title,
        note,
        feed: halves,
        series: frame,
        group,
        state,
        axis: 'linear',
        stacked: true,
        unit: 'MW',
        format: megawatts,
        draw: () => drawMix(own(), which),
        columns: spreadColumns(megawatts, true),
        empty: 'No generation collected yet',
        hint: which === 'value',
      }),
    );
  mix('mix', 'Evening peak', 'MW, 17:00 to 22:00 AEST, mean over the evenings of the range; dashed: all that was given before', 'value');
  mix('mix-before', 'Compared with', 'the same of the evenings before; dashed: all that is given in the range', 'before');
  board.add(
    createSeriesPanel({
      id: 'price',
      title: 'Price',
      note: '$/MWh; dashed: before. The NEM’s is weighted by demand',
      feed: halves,
      series: frame,
      group,
      state,
      axis: 'price',
      unit: '$/MWh',
      format: price,
      draw: () => (halves.answer ? drawPrices(tableRows(halves.answer), chosenRegion(state)) : []),
      columns: spreadColumns(price, true),
      empty: 'No prices collected yet',
    }),
  );
  board.add(
    createTablePanel({
      id: 'evenings',
      title: 'By region',
      note: 'means over all evenings’ half hours, and the highest half hour',
      feed: summary,
      state,
      order: '',
      columns: [
        { name: 'region', title: 'Region' },
        { name: 'evenings', title: 'Evenings' },
        { name: 'evenings_before', title: 'before' },
        { name: 'price', title: 'Price' },
        { name: 'price_before', title: 'before' },
        { name: 'price_change', title: 'Change', made: '%', text: (_, row) => change(row['price'], row['price_before']) },
        { name: 'highest_price', title: 'Highest' },
        { name: 'highest_price_at', title: 'at' },
        { name: 'demand', title: 'Demand' },
        { name: 'demand_before', title: 'before' },
        { name: 'demand_change', title: 'Change', made: '%', text: (_, row) => change(row['demand'], row['demand_before']) },
        { name: 'highest_demand', title: 'Highest' },
        { name: 'highest_demand_at', title: 'at' },
        { name: 'share', title: 'Renewable' },
        { name: 'share_before', title: 'before' },
      ],
      mark: (row) => (row['region'] === 'NEM' ? 'strong' : null),
      empty: 'No prices collected yet',
    }),
  );
  board.add(
    createTablePanel({
      id: 'sources',
      title: 'What met it',
      note: 'mean over 17:00 to 22:00',
      feed: halves,
      state,
      order: '-mean',
      columns: [
        { name: 'source', title: 'Source', made: '', text: (value) => groupLabel(String(value)) },
        { name: 'mean', title: 'Mean', made: 'MW' },
        { name: 'mean_before', title: 'before', made: 'MW' },
        { name: 'difference', title: 'Change', made: 'MW' },
        { name: 'change', title: 'Change', made: '%', text: (_, row) => change(row['mean'], row['mean_before']) },
        { name: 'share', title: 'of supply', made: 'share' },
        { name: 'share_before', title: 'before', made: 'share' },
      ],
      key: (row) => String(row['source']),
      rows: () => sources(own()),
      empty: 'No generation collected yet',
    }),
  );
  return board;
}

function change(now: unknown, before: unknown): string {
  const [a, b] = [now as Value, before as Value];
  return isNumber(a) && isNumber(b) && b > 0 ? signedPercent(a / b - 1) : NONE;
}

/** An answer that has the evening as its time; the lines are drawn from the table itself. */
function toFrame(answer: TableAnswer): SeriesAnswer {
  return {
    meta: { ...(answer.meta as RangeMeta), from: EVENING, to: EVENING + LENGTH },
    data: { time: Array.from({ length: LENGTH / STEP }, (_, i) => EVENING + (i + 1) * STEP), series: [] },
  };
}

/** The ten half hours of a measure, which come in their order. */
function valuesOf(rows: TableRow[], measure: string, which: Which): Value[] {
  return rows.filter((row) => row['measure'] === measure).map((row) => row[which] as Value);
}

/** What a region is given and gives, by group: what is taken is below zero. */
function groups(rows: TableRow[], which: Which): Map<string, Value[]> {
  const found = new Map<string, Value[]>();
  for (const measure of new Set(rows.map((row) => String(row['measure'])))) {
    const name = groupOf(measure);
    const values = valuesOf(rows, measure, which);
    if (measure === 'net_import') {
      found.set('Imports', values.map((mw) => (isNumber(mw) ? Math.max(0, mw) : null)));
      found.set('Exports', values.map((mw) => (isNumber(mw) ? Math.min(0, mw) : null)));
    } else if (name) {
      found.set(name, values.map((mw) => (isNumber(mw) && TAKEN.includes(name) ? -mw : mw)));
    }
  }
  return found;
}

/** All that is above zero. */
function given(rows: TableRow[], which: Which): Value[] {
  const all = [...groups(rows, which).values()];
  return Array.from({ length: LENGTH / STEP }, (_, i) => {
    const known = all.map((values) => values[i]).filter(isNumber);
    return known.length ? known.reduce((sum, mw) => sum + Math.max(0, mw), 0) : null;
  });
}

function drawMix(rows: TableRow[], which: Which): Drawn[] {
  const layers = [...groups(rows, which)]
    .filter(([, values]) => values.some((mw) => isNumber(mw) && mw !== 0))
    .map(([id, values]) => ({ id, label: groupLabel(id), color: groupColor(id), values }))
    .sort((a, b) => groupRank(a.id) - groupRank(b.id));
  const other: Which = which === 'value' ? 'before' : 'value';
  const label = other === 'before' ? 'All, before' : 'All, in the range';
  return [...layers, { id: 'all', label, color: '--ink', line: true, dashed: true, values: given(rows, other) }];
}

function drawPrices(rows: TableRow[], area: string): Drawn[] {
  const line = (region: string, which: Which): Drawn => {
    const color = (REGIONS as readonly string[]).includes(region) ? regionColor(region as (typeof REGIONS)[number]) : '--ink';
    const before = which === 'before';
    const own = rows.filter((row) => row['region'] === region);
    return { id: before ? `${region}-before` : region, label: before ? `${region} before` : region, color, dashed: before, values: valuesOf(own, 'price', which) };
  };
  const regions = area === 'NEM' ? [...REGIONS, 'NEM'] : [area];
  return [...regions.map((region) => line(region, 'value')), line(area, 'before')];
}

function mean(values: Value[]): number | null {
  const known = values.filter(isNumber);
  return known.length ? known.reduce((sum, mw) => sum + mw, 0) / known.length : null;
}

function sources(rows: TableRow[]): TableRow[] {
  const [now, before] = [groups(rows, 'value'), groups(rows, 'before')];
  const [all, allBefore] = [mean(given(rows, 'value')), mean(given(rows, 'before'))];
  const part = (mw: number | null, whole: number | null) => (mw !== null && mw >= 0 && whole ? mw / whole : null);
  return [...now.keys()].map((source) => {
    const [value, earlier] = [mean(now.get(source) ?? []), mean(before.get(source) ?? [])];
    return {
      source,
      mean: value,
      mean_before: earlier,
      difference: value !== null && earlier !== null ? value - earlier : null,
      share: part(value, all),
      share_before: part(earlier, allBefore),
    };
  });
}
