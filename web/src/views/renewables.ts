// The view "Renewables": the share by three definitions, which are never mixed, and the records of a range.

import { spreadColumns } from '../chart/legend';
import type { SeriesAnswer, TableAnswer } from '../data/api';
import { drawRegions } from '../market';
import { createByDay } from '../panels/by-day';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { RESOLUTIONS, buttons, picked, rangeControl, regionButtons, regionQuery, resolutionQuery, select, type Choice } from '../ui/controls';
import { isNumber, megawatts, price, share, type Value } from '../ui/format';
import { spanQuery } from '../ui/range';
import { createSeriesPanel, type Drawn } from '../ui/series-panel';
import { createTablePanel } from '../ui/table-panel';
import { DAY } from '../ui/time';

const FIRST_RANGE = '7d';
const MOST_RECORD_DAYS = 31;
const YEARS = 5;
/** A day of five years in each of the regions and the NEM. */
const MOST_ROWS = 12_000;
const SHARES: readonly Choice[] = [
  { value: 'generation', label: 'of generation' },
  { value: 'incl_storage', label: 'with storage' },
  { value: 'of_demand', label: 'of demand' },
];
const EXTREMES: readonly Choice[] = [
  { value: 'max', label: 'Highest' },
  { value: 'min', label: 'Lowest' },
];

export function create(state: UrlState): View {
  const board = new Board(state, 'renewables');
  board.control(
    regionButtons(state),
    buttons(state, 'Share', 'share', SHARES),
    rangeControl(state, FIRST_RANGE),
    select(state, 'Resolution', 'resolution', RESOLUTIONS),
  );
  const query = board.query(FIRST_RANGE, () => regionQuery(state));
  const shares = board.feed(
    'scada5',
    (dataset) => `v1/renewables?share=${picked(state, 'share', SHARES)}&${query(dataset)}${resolutionQuery(state)}`,
  );
  const month = board.query(FIRST_RANGE, () => regionQuery(state), MOST_RECORD_DAYS);
  const records = board.feed<TableAnswer>('scada5', (dataset) => `v1/renewables/records?limit=2000&${month(dataset)}`);
  const days = board.feed<TableAnswer>('scada5', ({ latest }) => {
    const to = latest ?? 0;
    return `v1/renewables/by-day?limit=${MOST_ROWS}&${spanQuery([to - YEARS * 365 * DAY, to])}${regionQuery(state)}`;
  });
  board.add(
    createSeriesPanel({
      id: 'share',
      title: 'Renewable share',
      note: 'per cent: wind, solar, rooftop, hydro and biomass over what the choice above says',
      feed: shares,
      group: board.group,
      state,
      axis: 'linear',
      unit: '%',
      format: share,
      draw: drawShares,
      columns: spreadColumns(share, true),
      empty: 'No generation collected yet',
      hint: true,
    }),
  );
  board.add(createByDay(days, state, () => picked(state, 'share', SHARES)));
  const panel = createTablePanel({
    id: 'records',
    title: 'Records',
    note: 'of the range, of a longer one its last 31 days; complete and final values alone',
    feed: records,
    state,
    order: '',
    key: (row) => `${row['measure']} ${row['region']}`,
    rows: (rows) => rows.filter((row) => row['extreme'] === picked(state, 'extreme', EXTREMES)),
    columns: [
      { name: 'measure', title: 'What' },
      { name: 'region', title: 'Region' },
      { name: 'value', title: 'Value', text: (value, row) => recordText(String(row['measure']), value as Value) },
      { name: 'at', title: 'at' },
    ],
    mark: (row) => (row['region'] === 'NEM' ? 'strong' : null),
    empty: 'No generation collected yet',
  });
  panel.head.append(buttons(state, 'Extreme', 'extreme', EXTREMES));
  board.add(panel);
  return board;
}

function drawShares(answer: SeriesAnswer): Drawn[] {
  return drawRegions({ ...answer, data: { ...answer.data, series: answer.data.series.map(({ measure: _, ...series }) => series) } });
}

function recordText(measure: string, value: Value): string {
  if (!isNumber(value)) return megawatts(value);
  if (measure.includes('share')) return `${share(value)} %`;
  if (measure.includes('price')) return `${price(value)} $/MWh`;
  return `${megawatts(value)} ${measure.includes('state') || measure.includes('stored') ? 'MWh' : 'MW'}`;
}
