// The view "Generation": what was generated, by fuel, over any range; the price beneath on the same axis; against the time
// before; and the shape of a day.

import { type Column } from '../chart/legend';
import type { SeriesAnswer, TableAnswer } from '../data/api';
import { groupLabel, mixLayers } from '../fuels';
import { createPrices } from '../panels/prices';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { RESOLUTIONS, buttons, picked, rangeControl, regionButtons, regionQuery, resolutionQuery, select, type Choice } from '../ui/controls';
import { NONE, gigawattHours, isNumber, megawatts, percent, signedPercent, type Value } from '../ui/format';
import { createSeriesPanel } from '../ui/series-panel';
import { createTablePanel } from '../ui/table-panel';

const FIRST_RANGE = '7d';
const SHAPES: readonly Choice[] = [
  { value: 'stack', label: 'Stack' },
  { value: 'lines', label: 'Lines' },
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
  const mix = board.feed('scada5', (dataset) => `v1/generation?by=fuel&${query(dataset)}${resolutionQuery(state)}`);
  const prices = board.feed('prices5', (dataset) => `v1/prices?${query(dataset)}${resolutionQuery(state)}`);
  const comparison = board.feed<TableAnswer>(
    'scada5',
    (dataset) => `v1/generation/comparison?${query(dataset)}&against=${picked(state, 'against', AGAINST)}`,
  );

  const mixPanel = (stacked: boolean) =>
    createSeriesPanel({
      id: 'mix',
      title: 'Generation',
      note: 'MW by fuel; charging, pumping and other loads below zero',
      feed: mix,
      group: board.group,
      state,
      axis: 'linear',
      stacked,
      unit: 'MW',
      format: megawatts,
      draw: mixLayers,
      columns: energyColumns(() => mix.answer),
      empty: 'No generation collected yet',
      hint: true,
    });
  const isStack = () => picked(state, 'shape', SHAPES) === 'stack';
  let stacked = isStack();
  let panel = board.add(mixPanel(stacked));
  state.onChange(() => {
    if (isStack() === stacked) return;
    stacked = isStack();
    panel = board.replace(panel, mixPanel(stacked));
  });
  board.add(createPrices(board, prices, '$/MWh, same time axis'));
  const compared = createTablePanel({
    id: 'comparison',
    title: 'Energy and value by fuel',
    note: 'revenue is spot revenue alone',
    feed: comparison,
    state,
    order: '-generation',
    columns: [
      { name: 'fuel', title: 'Fuel', text: (value) => groupLabel(String(value)) },
      { name: 'generation', title: 'Energy' },
      { name: 'generation_before', title: 'before' },
      { name: 'change', title: 'Change', text: (_, row) => change(row['generation'], row['generation_before']) },
      { name: 'revenue', title: 'Revenue' },
      { name: 'vwap', title: 'VWAP' },
      { name: 'vwap_before', title: 'before' },
    ],
    empty: 'No generation collected yet',
  });
  compared.head.append(buttons(state, 'Compared with', 'against', AGAINST));
  board.add(compared);
  return board;
}

function change(now: unknown, before: unknown): string {
  const [a, b] = [now as Value, before as Value];
  return isNumber(a) && isNumber(b) && b > 0 ? signedPercent(a / b - 1) : NONE;
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
  const all = () => {
    const current = answer();
    return current ? mixLayers(current).reduce((sum, { values }) => sum + Math.max(0, energy(values) ?? 0), 0) : 0;
  };
  return [
    { title: 'GWh', text: (values) => gigawattHours(energy(values)) },
    {
      title: 'share',
      text: (values) => {
        const own = energy(values);
        const total = all();
        return own === null || own < 0 || total <= 0 ? NONE : percent(own / total);
      },
    },
  ];
}
