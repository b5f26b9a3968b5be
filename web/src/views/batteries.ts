// The view "Batteries": what the fleets gave and took, what they hold, and what each battery earned.

import { spreadColumns } from '../chart/legend';
import type { SeriesAnswer, TableAnswer } from '../data/api';
import { drawRegions, regionColor, REGIONS, type Region } from '../market';
import { createPrices } from '../panels/prices';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { RESOLUTIONS, rangeControl, regionButtons, regionQuery, resolutionQuery, select } from '../ui/controls';
import { isNumber, megawatts, percent, type Value } from '../ui/format';
import { createSeriesPanel, type Drawn } from '../ui/series-panel';
import { createTablePanel } from '../ui/table-panel';

const FIRST_RANGE = '7d';

export function create(state: UrlState): View {
  const board = new Board(state, 'batteries');
  board.control(regionButtons(state), rangeControl(state, FIRST_RANGE), select(state, 'Resolution', 'resolution', RESOLUTIONS));
  const query = board.query(FIRST_RANGE, () => regionQuery(state));
  const power = board.feed('scada5', (dataset) => `v1/batteries/power?${query(dataset)}${resolutionQuery(state)}`);
  const stored = board.feed('regions5', (dataset) => `v1/batteries/stored?${query(dataset)}${resolutionQuery(state)}`);
  const prices = board.feed('prices5', (dataset) => `v1/prices?${query(dataset)}${resolutionQuery(state)}`);
  const units = board.feed<TableAnswer>('scada5', (dataset) => `v1/batteries?limit=500&${query(dataset)}`);

  board.add(
    createSeriesPanel({
      id: 'power',
      title: 'Power',
      note: 'MW; discharge above zero, charge below, parted by unit before any sum',
      feed: power,
      group: board.group,
      state,
      axis: 'linear',
      stacked: true,
      unit: 'MW',
      format: megawatts,
      draw: drawPower,
      columns: spreadColumns(megawatts, true),
      empty: 'No generation collected yet',
      hint: true,
    }),
  );
  board.add(
    createSeriesPanel({
      id: 'stored',
      title: 'Stored energy',
      note: 'MWh in bidirectional units',
      feed: stored,
      group: board.group,
      state,
      axis: 'linear',
      stacked: true,
      unit: 'MWh',
      format: megawatts,
      draw: drawRegions,
      columns: spreadColumns(megawatts, true),
      empty: 'No state of charge collected yet',
    }),
  );
  board.add(createPrices(board, prices, '$/MWh, same time axis'));
  board.add(
    createTablePanel({
      id: 'batteries',
      title: 'Batteries',
      note: 'spot market alone, without FCAS and contracts',
      feed: units,
      state,
      order: '-revenue',
      key: (row) => String(row['duid']),
      columns: COLUMNS,
      empty: 'No generation collected yet',
    }),
  );
  return board;
}

const asPercent = (value: unknown) => percent(value as Value);
const COLUMNS = [
  { name: 'duid', title: 'DUID' },
  { name: 'station', title: 'Station' },
  { name: 'region', title: 'Region' },
  { name: 'capacity', title: 'Capacity' },
  { name: 'storage', title: 'Storage' },
  { name: 'discharged', title: 'Discharged' },
  { name: 'charged', title: 'Charged' },
  { name: 'revenue', title: 'Revenue' },
  { name: 'cost', title: 'Paid' },
  { name: 'net', title: 'Net' },
  { name: 'discharge_vwap', title: 'VWAP out' },
  { name: 'charge_vwap', title: 'VWAP in' },
  { name: 'spread', title: 'Spread' },
  { name: 'cycles', title: 'Cycles' },
  { name: 'state_of_charge', title: 'Charge', text: asPercent },
];

function drawPower(answer: SeriesAnswer): Drawn[] {
  return answer.data.series.map(({ id, measure, values }) => {
    const charge = measure === 'charge' || measure === 'load';
    const color = (REGIONS as readonly string[]).includes(id) ? regionColor(id as Region) : '--ink';
    return {
      id: `${id}-${charge ? 'charge' : 'discharge'}`,
      label: `${id} ${charge ? 'charge' : 'discharge'}`,
      color,
      values: charge ? values.map((value) => (isNumber(value) ? -value : null)) : values,
    };
  });
}
