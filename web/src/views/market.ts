// The view "Market": why the price is what it is. Binding constraints, the cumulative price against its threshold, what kind
// of price it is, ancillary services, and AEMO's notices.

import { spreadColumns } from '../chart/legend';
import type { SeriesAnswer, TableAnswer } from '../data/api';
import { drawRegions } from '../market';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { rangeControl, regionButtons, regionQuery, select, picked, type Choice } from '../ui/controls';
import { percent, price, type Value } from '../ui/format';
import { createSeriesPanel } from '../ui/series-panel';
import { createTablePanel } from '../ui/table-panel';

const FIRST_RANGE = '7d';
const SERVICES: readonly Choice[] = [
  { value: 'raisereg', label: 'Raise regulation' },
  { value: 'raise1sec', label: 'Raise 1 s' },
  { value: 'raise6sec', label: 'Raise 6 s' },
  { value: 'raise60sec', label: 'Raise 60 s' },
  { value: 'raise5min', label: 'Raise 5 min' },
  { value: 'lowerreg', label: 'Lower regulation' },
  { value: 'lower1sec', label: 'Lower 1 s' },
  { value: 'lower6sec', label: 'Lower 6 s' },
  { value: 'lower60sec', label: 'Lower 60 s' },
  { value: 'lower5min', label: 'Lower 5 min' },
];

export function create(state: UrlState): View {
  const board = new Board(state, 'market');
  board.control(regionButtons(state), rangeControl(state, FIRST_RANGE), select(state, 'Ancillary service', 'service', SERVICES));
  const query = board.query(FIRST_RANGE, () => regionQuery(state));
  const time = board.query(FIRST_RANGE, () => '');
  const status = board.feed<TableAnswer>('pricestatus5', () => 'v1/administered/status');
  const constraints = board.feed<TableAnswer>('constraints5', () => 'v1/constraints?limit=500');
  const cumulative = board.feed('pricestatus5', (dataset) => `v1/administered?${query(dataset)}`);
  const fcas = board.feed('fcas5', (dataset) => `v1/fcas?service=${picked(state, 'service', SERVICES)}&${query(dataset)}`);
  const notices = board.feed<TableAnswer>('prices5', (dataset) => `v1/notices?limit=200&${time(dataset)}`);

  board.add(
    createTablePanel({
      id: 'status',
      title: 'Kind of price',
      note: 'the newest interval; the cumulative price against its threshold',
      feed: status,
      state,
      order: 'region',
      columns: [
        { name: 'region', title: 'Region' },
        { name: 'time', title: 'Interval' },
        { name: 'rrp', title: 'Price' },
        { name: 'price_status', title: 'Status' },
        { name: 'administered', title: 'Administered' },
        { name: 'suspended', title: 'Suspended' },
        { name: 'cumulative', title: 'Cumulative' },
        { name: 'threshold', title: 'Threshold' },
        { name: 'share', title: 'Reached', text: (value) => percent(value as Value) },
      ],
      empty: 'No prices collected yet',
    }),
  );
  board.add(
    createTablePanel({
      id: 'constraints',
      title: 'Binding constraints',
      note: 'of the newest interval: those with a marginal value, or violated',
      feed: constraints,
      state,
      order: '-marginalvalue',
      columns: [
        { name: 'constraintid', title: 'Constraint' },
        { name: 'lhs', title: 'LHS' },
        { name: 'rhs', title: 'RHS' },
        { name: 'marginalvalue', title: 'Marginal value' },
        { name: 'violationdegree', title: 'Violated by' },
      ],
      empty: 'No constraints collected yet',
    }),
  );
  board.add(
    createSeriesPanel({
      id: 'cumulative',
      title: 'Cumulative price',
      note: '$/MWh, the sum of seven days',
      feed: cumulative,
      group: board.group,
      state,
      axis: 'linear',
      unit: '$/MWh',
      format: price,
      draw: drawRegions,
      columns: spreadColumns(price, false),
      empty: 'No prices collected yet',
    }),
  );
  board.add(
    createSeriesPanel({
      id: 'fcas',
      title: 'Ancillary service',
      note: '$/MW an hour',
      feed: fcas,
      group: board.group,
      state,
      axis: 'price',
      unit: '$/MW/h',
      format: price,
      draw: drawPlain,
      columns: spreadColumns(price, true),
      empty: 'No prices collected yet',
    }),
  );
  board.add(
    createTablePanel({
      id: 'notices',
      title: 'Market notices',
      note: 'of the range, by when they were created',
      feed: notices,
      state,
      order: '-created',
      key: (row) => String(row['noticeid']),
      columns: [
        { name: 'created', title: 'Created' },
        { name: 'type', title: 'Type' },
        { name: 'external_reference', title: 'About' },
        { name: 'reason', title: 'Words', text: (value) => firstWords(String(value ?? '')) },
      ],
      empty: 'No notices collected yet',
    }),
  );
  return board;
}

/** One service alone is asked for: its name on each line would say nothing. */
function drawPlain(answer: SeriesAnswer) {
  return drawRegions({ ...answer, data: { ...answer.data, series: answer.data.series.map(({ measure: _, ...series }) => series) } });
}

const MOST_WORDS = 160;

function firstWords(text: string): string {
  const plain = text.replace(/\s+/g, ' ').trim();
  return plain.length > MOST_WORDS ? `${plain.slice(0, MOST_WORDS)}…` : plain;
}
