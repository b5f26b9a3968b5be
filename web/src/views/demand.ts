// The view "Demand": what people used and what the grid carried, which are different things, with their extremes.

import { spreadColumns } from '../chart/legend';
import type { SeriesAnswer, TableAnswer } from '../data/api';
import { REGIONS, drawRegions, regionColor, type Region } from '../market';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { RESOLUTIONS, buttons, picked, rangeControl, regionButtons, regionQuery, resolutionQuery, select, type Choice } from '../ui/controls';
import { isNumber, megawatts, type Value } from '../ui/format';
import { createSeriesPanel, type Drawn } from '../ui/series-panel';
import { createTablePanel } from '../ui/table-panel';

const FIRST_RANGE = '7d';
const MEASURES: readonly Choice[] = [
  { value: 'underlying', label: 'Underlying' },
  { value: 'operational', label: 'Operational' },
  { value: 'target', label: 'Dispatch target' },
];
const ALL = 'target,operational,underlying';

export function create(state: UrlState): View {
  const board = new Board(state, 'demand');
  board.control(
    regionButtons(state),
    buttons(state, 'Demand', 'measure', MEASURES),
    rangeControl(state, FIRST_RANGE),
    select(state, 'Resolution', 'resolution', RESOLUTIONS),
  );
  const query = board.query(FIRST_RANGE, () => regionQuery(state));
  const measure = () => picked(state, 'measure', MEASURES);
  const demand = board.feed('regions5', (dataset) => `v1/demand?measure=${measure()}&${query(dataset)}${resolutionQuery(state)}`);
  const rooftop = board.feed('regions5', (dataset) => `v1/rooftop?${query(dataset)}${resolutionQuery(state)}`);
  const extremes = board.feed<TableAnswer>('regions5', (dataset) => `v1/demand/extremes?measure=${ALL}&${query(dataset)}`);

  board.add(
    createSeriesPanel({
      id: 'demand',
      title: 'Demand',
      note: 'MW. Underlying: operational and rooftop; operational: measured; dispatch target: at the interval’s end',
      feed: demand,
      group: board.group,
      state,
      axis: 'linear',
      stacked: true,
      unit: 'MW',
      format: megawatts,
      draw: drawStack,
      columns: spreadColumns(megawatts, true),
      empty: 'No demand collected yet',
      hint: true,
    }),
  );
  board.add(
    createSeriesPanel({
      id: 'rooftop',
      title: 'Rooftop solar',
      note: 'MW; past the last half hour an estimate',
      feed: rooftop,
      group: board.group,
      state,
      axis: 'linear',
      unit: 'MW',
      format: megawatts,
      draw: drawRegions,
      columns: spreadColumns(megawatts, true),
      empty: 'No rooftop collected yet',
    }),
  );
  board.add(
    createTablePanel({
      id: 'extremes',
      title: 'Lowest and highest',
      note: 'in the range',
      feed: extremes,
      state,
      order: '',
      key: (row) => `${row['measure']} ${row['region']}`,
      columns: [
        { name: 'measure', title: 'Demand', text: (value) => MEASURES.find((each) => each.value === value)?.label ?? String(value) },
        { name: 'region', title: 'Region' },
        { name: 'min', title: 'Lowest' },
        { name: 'min_at', title: 'at' },
        { name: 'max', title: 'Highest' },
        { name: 'max_at', title: 'at' },
      ],
      mark: (row) => (row['region'] === 'NEM' ? 'strong' : null),
      empty: 'No demand collected yet',
    }),
  );
  return board;
}

/** The regions on top of each other: their sum is the NEM's demand. */
function drawStack(answer: SeriesAnswer): Drawn[] {
  return answer.data.series.map(({ id, values }) => {
    const color = (REGIONS as readonly string[]).includes(id) ? regionColor(id as Region) : '--ink';
    return { id, label: id, color, values: values.map((value: Value) => (isNumber(value) ? value : null)) };
  });
}
