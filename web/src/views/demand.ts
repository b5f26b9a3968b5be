// The view "Demand": what people used and what the grid carried, which are different things, with their extremes.

import { ChartGroup } from '../chart/group';
import { spreadColumns } from '../chart/legend';
import type { SeriesAnswer, TableAnswer } from '../data/api';
import { createDays } from '../panels/days';
import { REGIONS, drawRegions, regionColor, type Region } from '../market';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { RESOLUTIONS, buttons, chosenRegion, picked, rangeControl, regionButtons, regionQuery, resolutionQuery, select, type Choice } from '../ui/controls';
import { isNumber, megawatts, type Value } from '../ui/format';
import { TIME_OF_DAY, eachDay } from '../ui/profile';
import { spanQuery } from '../ui/range';
import { createSeriesPanel, type Drawn } from '../ui/series-panel';
import { createTablePanel } from '../ui/table-panel';
import { DAY, dayShort, floorTo } from '../ui/time';

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

  const week = board.feed('regions5', ({ latest }) => {
    const to = latest ?? 0;
    return `v1/demand?measure=${measure()}&resolution=5m&${spanQuery([floorTo(to - 1, DAY) - 7 * DAY, to])}${regionQuery(state)}`;
  });

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
    createSeriesPanel({
      id: 'day-on-day',
      title: 'Day on day',
      note: () => `MW of ${chosenRegion(state)}, the newest day against the one before and that of a week before; ${measureWords(measure())}`,
      feed: week,
      series: () => week.answer && eachDay(week.answer, sumOf(week.answer), dayName),
      group: new ChartGroup(),
      state,
      across: TIME_OF_DAY,
      axis: 'fit',
      unit: 'MW',
      format: megawatts,
      draw: drawDays,
      columns: spreadColumns(megawatts, true),
      empty: 'No demand collected yet',
    }),
  );
  board.add(createDays(week, state, sumOf));
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

function measureWords(measure: string): string {
  return (MEASURES.find(({ value }) => value === measure)?.label ?? measure).toLowerCase();
}

/** Over all regions of the answer, where all of them are known. */
function sumOf({ data }: SeriesAnswer): Value[] {
  return data.time.map((_, i) => {
    const own = data.series.map(({ values }) => values[i]);
    return own.every(isNumber) ? own.reduce((sum: number, value) => sum + Number(value), 0) : null;
  });
}

/** The newest day, the one before, and the same day of the week before. */
function dayName(day: number, newest: number): string | null {
  const back = Math.round((newest - day) / DAY);
  return [0, 1, 7].includes(back) ? dayShort(day) : null;
}

function drawDays({ data }: SeriesAnswer): Drawn[] {
  const colors = ['--ink', '--qld1', '--nsw1'];
  return data.series.map(({ id, values }, i) => ({ id, label: id, color: colors[i] ?? '--ink', dashed: i === 2, values }));
}
