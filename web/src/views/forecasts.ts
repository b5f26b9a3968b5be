// The view "Forecasts": what AEMO expects, and how far off it has been by how far ahead it looked.

import { spreadColumns } from '../chart/legend';
import type { TableAnswer } from '../data/api';
import { drawRegions } from '../market';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { buttons, picked, rangeControl, regionButtons, regionQuery, type Choice } from '../ui/controls';
import { megawatts, price } from '../ui/format';
import { createSeriesPanel } from '../ui/series-panel';
import { createTablePanel } from '../ui/table-panel';

const FIRST_RANGE = '1d';
const MOST_ERROR_DAYS = 31;
const SOURCES: readonly Choice[] = [
  { value: 'predispatch', label: 'Pre-dispatch' },
  { value: 'p5min', label: '5-minute' },
];

export function create(state: UrlState): View {
  const board = new Board(state, 'forecasts');
  board.control(regionButtons(state), buttons(state, 'Forecast', 'source', SOURCES), rangeControl(state, FIRST_RANGE));
  const source = () => picked(state, 'source', SOURCES);
  const query = board.query(FIRST_RANGE, () => regionQuery(state), MOST_ERROR_DAYS);
  const prices = board.feed('predispatch', () => `v1/forecasts?source=${source()}&measure=rrp${regionQuery(state)}`);
  const demand = board.feed('predispatch', () => `v1/forecasts?source=${source()}&measure=totaldemand${regionQuery(state)}`);
  const errors = board.feed<TableAnswer>('prices5', (dataset) => `v1/forecasts/error?limit=1000&source=${source()}&${query(dataset)}`);
  board.add(
    createSeriesPanel({
      id: 'price',
      title: 'Expected price',
      note: '$/MWh, newest run',
      feed: prices,
      group: board.group,
      state,
      axis: 'price',
      unit: '$/MWh',
      format: price,
      draw: drawRegions,
      columns: spreadColumns(price, true),
      empty: 'No forecasts collected yet',
      hint: true,
    }),
  );
  board.add(
    createSeriesPanel({
      id: 'demand',
      title: 'Expected demand',
      note: 'MW, dispatch target, newest run',
      feed: demand,
      group: board.group,
      state,
      axis: 'linear',
      unit: 'MW',
      format: megawatts,
      draw: drawRegions,
      columns: spreadColumns(megawatts, true),
      empty: 'No forecasts collected yet',
    }),
  );
  board.add(
    createTablePanel({
      id: 'errors',
      title: 'How far off',
      note: 'forecast price less what came, $/MWh, over all runs of the range, of a longer one its last 31 days',
      feed: errors,
      state,
      order: 'minutes_ahead',
      key: (row) => `${row['region']} ${row['minutes_ahead']}`,
      columns: [
        { name: 'region', title: 'Region' },
        { name: 'minutes_ahead', title: 'Ahead' },
        { name: 'count', title: 'Values' },
        { name: 'bias', title: 'Mean', text: (value) => price(value as number | null) },
        { name: 'mean_absolute', title: 'Mean size', text: (value) => price(value as number | null) },
        { name: 'rms', title: 'Root mean square', text: (value) => price(value as number | null) },
      ],
      empty: 'No forecasts collected yet',
    }),
  );
  return board;
}
