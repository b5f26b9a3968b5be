// The view "Generation": what was generated, by fuel, over any range; the price beneath on the same axis; against the time
// before; and the shape of a day.

import { spreadColumns, type Column } from '../chart/legend';
import { tableRows, type Dataset, type SeriesAnswer, type TableAnswer, type TableRow } from '../data/api';
import { groupColor, groupLabel, groupRank, mixLayers } from '../fuels';
import { PRICES, createPrices } from '../panels/prices';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { RESOLUTIONS, buttons, picked, rangeControl, regionButtons, regionQuery, resolutionQuery, select, type Choice } from '../ui/controls';
import { NONE, gigawattHours, isNumber, megawatts, percent, share, signedPercent, type Value } from '../ui/format';
import { profileSeries } from '../ui/profile';
import { shownSpan } from '../ui/range';
import { createSeriesPanel, type Drawn } from '../ui/series-panel';
import { createTablePanel } from '../ui/table-panel';
import { DAY } from '../ui/time';

const FIRST_RANGE = '7d';
const DAILY_FROM = 180 * DAY;
const SHAPES: readonly Choice[] = [
  { value: 'stack', label: 'Stack' },
  { value: 'lines', label: 'Lines' },
  { value: 'use', label: 'Use of capacity' },
];
const AGAINST: readonly Choice[] = [
  { value: 'before', label: 'Time before' },
  { value: 'year', label: 'Year before' },
];

export function create(state: UrlState): View {
  const board = new Board(state, 'generation');
  board.control(
    regionButtons(state),
    rangeControl(state, FIRST_RANGE),
    select(state, 'Resolution', 'resolution', RESOLUTIONS),
    buttons(state, 'Drawing', 'shape', SHAPES),
  );
  const query = board.query(FIRST_RANGE, () => regionQuery(state));
  /** Over half a year and more the ups and downs of each day would only make a fringe, which takes long to draw. */
  const resolution = (dataset: Dataset) => {
    const [from, to] = shownSpan(state, dataset, FIRST_RANGE);
    return resolutionQuery(state) || (to - from >= DAILY_FROM ? '&resolution=1d' : '');
  };
  const mix = board.feed('scada5', (dataset) => `v1/generation?by=fuel&${query(dataset)}${resolution(dataset)}`);
  const prices = board.feed('prices5', (dataset) => `${PRICES}${query(dataset)}${resolution(dataset)}`);
  const comparison = board.feed<TableAnswer>(
    'scada5',
    (dataset) => `v1/generation/comparison?${query(dataset)}&against=${picked(state, 'against', AGAINST)}`,
  );

  const units = board.feed<TableAnswer>('scada5', (dataset) => `v1/pivot?by=fuel&${query(dataset)}`);
  const shape = () => picked(state, 'shape', SHAPES);
  const order = () => board.first(mix, prices, ...(shape() === 'use' ? [units] : []));
  order();
  const times = board.feed<TableAnswer>('scada5', (dataset) => `v1/generation/time-of-day?limit=5000&${query(dataset)}`);

  const common = { id: 'mix', feed: mix, group: board.group, state, axis: 'linear' as const, empty: 'No generation collected yet', hint: true };
  const mixPanel = (shape: string) =>
    shape === 'use'
      ? createSeriesPanel({
          ...common,
          title: 'Use of capacity',
          note: 'per cent of the capacity of units with readings; batteries as they discharge',
          others: [units],
          // Of one region's mix and another one's capacities nothing is drawn.
          series: () => ([mix, units].some(({ loading, problem }) => loading || problem !== null) ? null : mix.answer),
          unit: '%',
          format: share,
          draw: (answer) => drawUse(answer, units.answer),
          columns: spreadColumns(share, true),
        })
      : createSeriesPanel({
          ...common,
          title: 'Generation',
          note: 'MW by fuel; charging, pumping and other loads below zero',
          stacked: shape === 'stack',
          unit: 'MW',
          format: megawatts,
          draw: mixLayers,
          columns: energyColumns(() => mix.answer),
        });
  let shown = shape();
  let panel = board.add(mixPanel(shown));
  state.onChange(() => {
    if (shape() === shown) return;
    shown = shape();
    order();
    panel = board.replace(panel, mixPanel(shown));
  });
  board.add(createPrices(board, prices, '$/MWh, same time axis'));
  const compared = createTablePanel({
    id: 'comparison',
    title: 'Energy and value by fuel',
    note: 'revenue is spot revenue alone',
    feed: comparison,
    others: [units],
    state,
    order: '-generation',
    columns: [
      { name: 'fuel', title: 'Fuel', text: (value) => groupLabel(String(value)) },
      { name: 'generation', title: 'Energy' },
      { name: 'share', title: 'of units', made: 'share' },
      { name: 'generation_before', title: 'before' },
      { name: 'relative', title: 'Change', made: '%', text: (value) => signedPercent(value as Value) },
      { name: 'revenue', title: 'Revenue' },
      { name: 'vwap', title: 'VWAP' },
      { name: 'vwap_before', title: 'before' },
      { name: 'capacity', title: 'Capacity', made: 'MW' },
      { name: 'utilisation', title: 'Used', made: 'share' },
    ],
    rows: (rows) => withUse(rows, units.answer),
    empty: 'No generation collected yet',
  });
  compared.choose(buttons(state, 'Compared with', 'against', AGAINST));
  board.add(compared);
  board.add(
    profileSeries({
      id: 'time-of-day',
      title: 'Time of day',
      note: 'MW, mean of each half hour by its end',
      feed: times,
      key: 'fuel',
      values: ['generation', 'load'],
      unit: 'MW',
      axis: 'linear',
      stacked: true,
      format: megawatts,
      draw: mixLayers,
      empty: 'No generation collected yet',
    }),
  );
  return board;
}

/** By fuel, from the pivot. */
function capacities(answer: TableAnswer | null): Map<string, TableRow> {
  return new Map(answer ? tableRows(answer).map((row) => [String(row['fuel']), row]) : []);
}

/** What each fuel's units gave of what they could. Rooftop has no units. */
function drawUse(answer: SeriesAnswer, units: TableAnswer | null): Drawn[] {
  const known = capacities(units);
  return answer.data.series
    .filter(({ id, measure }) => measure !== 'load' && Number(known.get(id)?.['capacity'] ?? 0) > 0)
    .map(({ id, values }) => {
      const capacity = Number(known.get(id)?.['capacity']);
      const group = id === 'Battery' ? 'Battery discharge' : id;
      return { id: group, label: groupLabel(group), color: groupColor(group), values: values.map((mw) => (isNumber(mw) ? mw / capacity : null)) };
    })
    .sort((a, b) => groupRank(a.id) - groupRank(b.id));
}

function withUse(rows: TableRow[], units: TableAnswer | null): TableRow[] {
  const known = capacities(units);
  const all = rows.reduce((sum, row) => sum + Number(row['generation'] ?? 0), 0);
  return rows.map((row) => {
    const { capacity = null, utilisation = null } = known.get(String(row['fuel'])) ?? {};
    const own = row['generation'] as Value;
    return { ...row, capacity, utilisation, share: isNumber(own) && all > 0 ? own / all : null, relative: change(own, row['generation_before'] as Value) };
  });
}

function change(now: Value, before: Value): number | null {
  return isNumber(now) && isNumber(before) && before > 0 ? now / before - 1 : null;
}

/** Energy over the range, and its share of all that is above zero: means over buckets, times their length. */
function energyColumns(answer: () => SeriesAnswer | null): Column[] {
  const energy = (values: Value[]): number | null => {
    const time = answer()?.data.time ?? [];
    const from = answer()?.meta.from ?? 0;
    let sum: number | null = null;
    values.forEach((value, i) => {
      const hours = ((time[i] ?? from) - (time[i - 1] ?? from)) / 3600;
      if (isNumber(value)) sum = (sum ?? 0) + value * hours;
    });
    return sum;
  };
  /** Each row is a share of the same total. */
  let total: { of: SeriesAnswer | null; sum: number } = { of: null, sum: 0 };
  const all = () => {
    const of = answer();
    if (of && total.of !== of) total = { of, sum: mixLayers(of).reduce((sum, { values }) => sum + Math.max(0, energy(values) ?? 0), 0) };
    return total.sum;
  };
  return [
    { title: 'GWh', text: (values) => gigawattHours(energy(values)) },
    {
      title: 'share',
      text: (values) => {
        const own = energy(values);
        return own === null || own < 0 || all() <= 0 ? NONE : percent(own / all());
      },
    },
  ];
}
