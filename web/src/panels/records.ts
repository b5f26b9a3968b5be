// Records: the highest and the lowest of each measure, of all time or of the range, and by hour of the day.

import type { TableAnswer, TableRow } from '../data/api';
import type { UrlState } from '../shell/state';
import type { Board } from '../ui/board';
import { buttons, picked, regionQuery, type Choice } from '../ui/controls';
import { NONE, isNumber, megawatts, price, share, type Value } from '../ui/format';
import type { Panel } from '../ui/panel';
import { createTablePanel } from '../ui/table-panel';
import { date } from '../ui/time';

const MOST_DAYS = 31;
const OF: readonly Choice[] = [
  { value: 'all', label: 'All time' },
  { value: 'range', label: 'Range' },
];
const EXTREMES: readonly Choice[] = [
  { value: 'max', label: 'Highest' },
  { value: 'min', label: 'Lowest' },
];
const HOURS: readonly Choice[] = [
  { value: 'all', label: 'All hours' },
  { value: 'each', label: 'By hour' },
];

const NAMES = new Map([
  ['renewable_share', 'Renewable share'],
  ['wind', 'Wind'],
  ['solar', 'Solar (utility)'],
  ['rooftop', 'Solar (rooftop)'],
  ['hydro', 'Hydro'],
  ['demand', 'Operational demand'],
  ['underlying_demand', 'Underlying demand'],
  ['price', 'Price'],
  ['discharge', 'Battery discharge'],
  ['charge', 'Battery charge'],
  ['state_of_charge', 'Stored energy'],
]);

export function createRecords(board: Board, fallback: string): Panel {
  const { state } = board;
  const of = () => picked(state, 'records', OF);
  const hours = () => picked(state, 'hours', HOURS);
  const range = board.query(fallback, () => '', MOST_DAYS);
  const feed = board.feed<TableAnswer>('scada5', (dataset) => {
    const asked = of() === 'range' ? `&${range(dataset)}` : '';
    return `v1/renewables/records?limit=10000&hours=${hours()}${regionQuery(state)}${asked}`;
  });
  const panel = createTablePanel({
    id: 'records',
    title: 'Records',
    note: () => noteOf(state, feed.answer),
    feed,
    state,
    order: '',
    key: keyOf,
    // The NEM's before those of its regions.
    rows: (rows) =>
      rows
        .filter((row) => row['extreme'] === picked(state, 'extreme', EXTREMES))
        .map((row): TableRow => ({ ...row, name: nameOf(row) }))
        .sort((a, b) => Number(b['region'] === 'NEM') - Number(a['region'] === 'NEM')),
    columns: () => [
      { name: 'name', title: 'What', made: '' },
      { name: 'region', title: 'Region' },
      ...(hours() === 'each' ? [{ name: 'hour', title: 'Hour', text: (value: unknown) => hourText(value) }] : []),
      { name: 'value', title: 'Value', text: (value, row) => recordText(String(row['measure']), value as Value) },
      { name: 'at', title: 'at' },
    ],
    mark: (row) => (row['region'] === 'NEM' ? 'strong' : null),
    none: 'None yet: the history is being counted',
    empty: 'No generation collected yet',
  });
  panel.choose(buttons(state, 'Records of', 'records', OF), buttons(state, 'Hours', 'hours', HOURS), buttons(state, 'Extreme', 'extreme', EXTREMES));
  return panel;
}

function noteOf(state: UrlState, answer: TableAnswer | null): string {
  const { since } = (answer?.meta ?? {}) as { since?: Value };
  const what = 'complete and final values alone';
  if (picked(state, 'records', OF) === 'range') return `of the range, at most its last ${MOST_DAYS} days; ${what}`;
  return isNumber(since) ? `since ${date(since)}; ${what}` : what;
}

function keyOf(row: TableRow): string {
  const parts = [row['measure'], row['region'], row['hour'], row['origin'] === 'store' ? null : row['origin']];
  return parts.filter((part) => part !== null && part !== undefined).join(' ');
}

/** With who knew it, where it wasn't counted from the store. */
function nameOf(row: TableRow): string {
  const name = NAMES.get(String(row['measure'])) ?? String(row['measure']);
  const { origin } = row;
  return typeof origin === 'string' && origin !== 'store' ? `${name} (${origin} system)` : name;
}

/** 12 holds 12:05 to 13:00. */
function hourText(hour: unknown): string {
  return typeof hour === 'number' ? `${hour} to ${hour + 1} h` : 'all';
}

function recordText(measure: string, value: Value): string {
  if (!isNumber(value)) return NONE;
  if (measure.includes('share')) return `${share(value)} %`;
  if (measure === 'price') return `${price(value)} $/MWh`;
  return `${megawatts(value)} ${measure === 'state_of_charge' ? 'MWh' : 'MW'}`;
}
