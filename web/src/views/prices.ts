// The view "Prices": the series of several regions, what they add up to, when they were high, and what each fuel got.

import { tableRows, type TableAnswer, type TableRow } from '../data/api';
import { groupLabel } from '../fuels';
import { PRICES, createPrices } from '../panels/prices';
import { linkTo, type UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { RESOLUTIONS, buttons, picked, rangeControl, regionButtons, regionQuery, resolutionQuery, select, type Choice } from '../ui/controls';
import { isNumber, price, signedPercent, type Value } from '../ui/format';
import { createBands } from '../panels/bands';
import { createDistribution } from '../panels/distribution';
import { createTablePanel, type ShownColumn } from '../ui/table-panel';
import { profileSeries } from '../ui/profile';
import { iso } from '../ui/time';

const FIRST_RANGE = '7d';
const SMOOTH: readonly Choice[] = [
  { value: '', label: 'as it is' },
  { value: 'mean:3h', label: 'mean, 3 h' },
  { value: 'mean:1d', label: 'mean, 1 d' },
  { value: 'exponential:6h', label: 'exponential, 6 h' },
  { value: 'loess:1d', label: 'LOESS, 1 d' },
];
const THRESHOLDS: readonly Choice[] = [
  { value: '300', label: '≥ 300' },
  { value: '1000', label: '≥ 1,000' },
  { value: '10000', label: '≥ 10,000' },
];

/** Of any table here: five regions by the intervals of a day, or a year's events. */
const MOST_ROWS = 5000;

const region: ShownColumn = { name: 'region', title: 'Region' };

export function create(state: UrlState): View {
  const board = new Board(state, 'prices');
  board.control(
    regionButtons(state),
    rangeControl(state, FIRST_RANGE),
    select(state, 'Resolution', 'resolution', RESOLUTIONS),
    select(state, 'Smoothing', 'smooth', SMOOTH),
  );
  const query = board.query(FIRST_RANGE, () => regionQuery(state));
  const smooth = () => {
    const value = picked(state, 'smooth', SMOOTH);
    return value && `&smooth=${value}`;
  };
  const table = (name: string, dataset = 'prices5') =>
    board.feed<TableAnswer>(dataset, (each) => `v1/prices/${name}?limit=${MOST_ROWS}&${query(each)}`);
  const prices = board.feed('prices5', (dataset) => `${PRICES}nem=weighted&${query(dataset)}${resolutionQuery(state)}${smooth()}`);
  board.first(prices);
  const events = board.feed<TableAnswer>(
    'prices5',
    (dataset) => `v1/prices/events?limit=${MOST_ROWS}&threshold=${picked(state, 'threshold', THRESHOLDS)}&${query(dataset)}`,
  );

  const stats = table('stats');

  board.add(createPrices(board, prices, '$/MWh', { id: 'series', hint: true }));
  board.add(
    createTablePanel({
      id: 'stats',
      title: 'Statistics',
      note: 'mean by time; weighted by demand',
      feed: stats,
      state,
      order: 'region',
      columns: [
        region,
        { name: 'mean', title: 'Mean' },
        { name: 'weighted', title: 'Weighted' },
        { name: 'sd', title: 'SD' },
        { name: 'p05', title: '5 %' },
        { name: 'p25', title: '25 %' },
        { name: 'median', title: 'Median' },
        { name: 'p75', title: '75 %' },
        { name: 'p95', title: '95 %' },
        { name: 'min', title: 'Lowest' },
        { name: 'min_at', title: 'at' },
        { name: 'max', title: 'Highest' },
        { name: 'max_at', title: 'at' },
      ],
      empty: 'No prices collected yet',
    }),
  );
  board.add(createDistribution(table('distribution'), state));
  board.add(createBands(table('bands')), 'main');
  board.add(
    createTablePanel({
      id: 'by-fuel',
      title: 'By fuel',
      note: 'VWAP, against the mean of the price over time',
      feed: table('by-fuel', 'scada5'),
      others: [stats],
      state,
      order: '-vwap',
      key: (row) => `${row['region']} ${row['fuel']}`,
      columns: [
        region,
        { name: 'fuel', title: 'Fuel', text: (value) => groupLabel(String(value)) },
        { name: 'energy', title: 'Energy' },
        { name: 'vwap', title: 'VWAP' },
        { name: 'against', title: 'to flat', made: '%', text: (value) => signedPercent(value as Value) },
      ],
      rows: (rows) => rows.map((row) => ({ ...row, against: against(row, stats.answer) })),
      empty: 'No generation collected yet',
    }),
    'aside',
  );
  const eventPanel = createTablePanel({
    id: 'events',
    title: 'High prices',
    note: 'runs at or above the threshold; the time of a peak leads to why',
    feed: events,
    state,
    order: '-peak',
    key: (row) => `${row['region']} ${row['start']}`,
    columns: [
      region,
      { name: 'start', title: 'From' },
      { name: 'end', title: 'To' },
      { name: 'minutes', title: 'Length' },
      { name: 'peak', title: 'Peak' },
      { name: 'peak_at', title: 'at', href: (row) => linkTo('market', { at: iso(Number(row['peak_at'])) }) },
      { name: 'mean', title: 'Mean' },
    ],
    empty: 'No prices collected yet',
  });
  eventPanel.choose(buttons(state, 'Threshold', 'threshold', THRESHOLDS));
  board.add(eventPanel);
  board.add(
    profileSeries({
      id: 'time-of-day',
      title: 'Time of day',
      note: 'mean price by end of interval, $/MWh',
      feed: table('time-of-day'),
      key: 'region',
      values: ['mean'],
      unit: '$/MWh',
      axis: 'price',
      format: price,
      empty: 'No prices collected yet',
    }),
  );
  return board;
}

/** How far what a fuel got lies above what it would have got all day long: its value against a flat profile. */
function against(row: TableRow, stats: TableAnswer | null): number | null {
  const flat = stats && (tableRows(stats).find(({ region }) => region === row['region'])?.['mean'] as Value);
  const vwap = row['vwap'] as Value;
  return isNumber(flat) && isNumber(vwap) && flat > 0 ? vwap / flat - 1 : null;
}
