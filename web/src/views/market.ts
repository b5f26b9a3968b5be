// The view "Market": why the price is what it is, now and at any interval. Binding constraints, the links and prices of that
// interval, the cumulative price against its threshold, what kind of price it is, and AEMO's notices.

import { now } from '../data/clock';
import { spreadColumns } from '../chart/legend';
import type { Dataset, RangeMeta, SeriesAnswer, TableAnswer } from '../data/api';
import { drawRegions } from '../market';
import { createInterval } from '../panels/interval';
import { createNotices } from '../panels/notices';
import { PRICES, createPrices } from '../panels/prices';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { rangeControl, regionButtons, regionQuery } from '../ui/controls';
import { el } from '../ui/dom';
import { isNumber, percent, price, type Value } from '../ui/format';
import { createSeriesPanel, type Drawn } from '../ui/series-panel';
import { createTablePanel } from '../ui/table-panel';
import { MINUTE, floorTo, fromIso, full, iso } from '../ui/time';

const FIRST_RANGE = '1d';
const STEP = 5 * MINUTE;
const LINK_MEASURES = 'meteredmwflow,mwflow,exportlimit,importlimit,marginalvalue';

export function create(state: UrlState): View {
  const board = new Board(state, 'market');
  const given = () => {
    const at = fromIso(state.get('at') ?? '');
    return at === null ? null : floorTo(at, STEP);
  };
  /** The interval that is looked at: the chosen one, or the dataset's newest. */
  const interval = ({ latest }: Dataset) => given() ?? latest ?? 0;
  const one = (dataset: Dataset) => `from=${iso(interval(dataset) - STEP)}&to=${iso(interval(dataset))}`;
  const query = board.query(FIRST_RANGE, () => regionQuery(state));
  const time = board.query(FIRST_RANGE, () => '');

  const prices = board.feed('prices5', (dataset) => `${PRICES}${query(dataset)}`);
  const pricesThen = board.feed('prices5', (dataset) => `v1/prices?${one(dataset)}`);
  const linksThen = board.feed('transmission5', (dataset) => `v1/transmission?measure=${LINK_MEASURES}&${one(dataset)}`);
  const constraints = board.feed<TableAnswer>('constraints5', (dataset) => `v1/constraints?limit=1000&at=${iso(interval(dataset))}`);
  const status = board.feed<TableAnswer>('pricestatus5', () => 'v1/administered/status');
  const cumulative = board.feed('pricestatus5', (dataset) => `v1/administered?${query(dataset)}`);
  const notices = board.feed<TableAnswer>('prices5', (dataset) => `v1/notices?limit=1000&${time(dataset)}`);

  const pick = (at: number) => state.set({ at: iso(floorTo(at, STEP)) }, 'step');
  board.control(regionButtons(state), rangeControl(state, FIRST_RANGE), intervalControl(state, () => given() ?? pricesThen.dataset?.latest ?? null));

  board.add(createPrices(board, prices, '$/MWh. Click: why this price', { pick }));
  const words = () => {
    const at = pricesThen.dataset && interval(pricesThen.dataset);
    return at ? `the interval to ${full(at)}${given() === null ? ', the newest' : ''}` : '';
  };
  board.add(createInterval(pricesThen, linksThen, words));
  board.add(
    createTablePanel({
      id: 'constraints',
      title: 'Binding constraints',
      note: words,
      feed: constraints,
      state,
      order: '-weight',
      columns: [
        { name: 'constraintid', title: 'Constraint' },
        { name: 'weight', title: 'Marginal value', made: '$/MWh', text: (_, row) => price(row['marginalvalue'] as Value) },
        { name: 'lhs', title: 'LHS' },
        { name: 'rhs', title: 'RHS' },
        { name: 'violationdegree', title: 'Violated by' },
      ],
      // What moves prices most stands first, whichever way it does.
      rows: (rows) => rows.map((row) => ({ ...row, weight: Math.abs(Number(row['marginalvalue'] ?? 0)) })),
      mark: (row) => (Number(row['violationdegree'] ?? 0) > 0 ? 'damaged' : null),
      none: 'None is binding',
      empty: 'No constraints collected yet',
    }),
  );
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
        { name: 'at_limit', title: 'At cap or floor' },
        { name: 'suspended', title: 'Suspended' },
        { name: 'cumulative', title: 'Cumulative' },
        { name: 'threshold', title: 'Threshold' },
        { name: 'share', title: 'Reached', text: (value) => percent(value as Value) },
      ],
      mark: (row) => (row['administered'] === true || row['suspended'] === true ? 'strong' : null),
      empty: 'No prices collected yet',
    }),
  );
  board.add(
    createSeriesPanel({
      id: 'cumulative',
      title: 'Cumulative price',
      note: '$/MWh, the sum of seven days; above the threshold prices are administered',
      feed: cumulative,
      group: board.group,
      state,
      axis: 'price',
      unit: '$/MWh',
      format: price,
      draw: drawCumulative,
      columns: spreadColumns(price, false),
      empty: 'No prices collected yet',
    }),
  );
  board.add(createNotices(notices, state));
  return board;
}

/** The threshold in force at the end of the range as a line over all of it. */
function drawCumulative(answer: SeriesAnswer): Drawn[] {
  const { threshold } = answer.meta as RangeMeta & { threshold?: Value };
  const lines = drawRegions(answer);
  if (!isNumber(threshold)) return lines;
  return [...lines, { id: 'threshold', label: 'Threshold', color: '--limit', dashed: true, values: answer.data.time.map(() => threshold) }];
}

/** An interval of the reader's choice, and steps of five minutes from it; [shown] is the one that is looked at. */
function intervalControl(state: UrlState, shown: () => number | null): HTMLElement {
  const input = el('input', { type: 'datetime-local', step: 300, 'aria-label': 'Interval, by its end, AEST' });
  const put = (at: number | null) => state.set({ at: at === null ? null : iso(floorTo(at, STEP)) }, 'step');
  input.addEventListener('change', () => put(fromIso(`${input.value}:00`.slice(0, 19))));
  const step = (sign: string, label: string, by: number) => {
    const button = el('button', { type: 'button', class: 'mover', 'aria-label': label, title: label }, sign);
    button.addEventListener('click', () => put((shown() ?? now()) + by));
    return button;
  };
  const newest = el('button', { type: 'button', class: 'mover' }, 'Newest');
  newest.addEventListener('click', () => put(null));
  const show = () => {
    const at = fromIso(state.get('at') ?? '');
    input.value = at === null ? '' : iso(at).slice(0, 16);
    newest.hidden = at === null;
  };
  state.onChange(show);
  show();
  return el(
    'div',
    { class: 'dates', role: 'group', 'aria-label': 'Interval that is explained' },
    el('span', { class: 'note' }, 'Why at'),
    step('‹', 'Five minutes earlier', -STEP),
    input,
    step('›', 'Five minutes later', STEP),
    newest,
  );
}
