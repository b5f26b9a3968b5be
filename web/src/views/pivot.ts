// The view "Pivot": energy, money and use of units, grouped twice: the rows of the second grouping open below those of
// the first. Every number is the API's own, since a price over a group is no sum of the prices in it.

import { tableRows, type TableAnswer, type TableRow } from '../data/api';
import { groupLabel } from '../fuels';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { checked, checks, picked, rangeControl, regionButtons, regionQuery, select, type Choice } from '../ui/controls';
import { percent } from '../ui/format';
import { createTablePanel, type ShownColumn } from '../ui/table-panel';

const FIRST_RANGE = '7d';
const MOST_ROWS = 2000;
/** The parameter of the API and the column that it fills. */
const DIMENSIONS: readonly (Choice & { column: string })[] = [
  { value: 'fuel', label: 'Fuel', column: 'fuel' },
  { value: 'region', label: 'Region', column: 'region' },
  { value: 'station', label: 'Station', column: 'station' },
  { value: 'owner', label: 'Owner', column: 'owner' },
  { value: 'unit', label: 'Unit', column: 'duid' },
];
const INNER: readonly Choice[] = [{ value: 'station', label: 'Station' }, ...DIMENSIONS.filter(({ value }) => value !== 'station')];
const MLF: readonly Choice[] = [
  { value: '0', label: 'at the regional price' },
  { value: '1', label: 'with loss factors' },
];

const measures: readonly ShownColumn[] = [
  { name: 'units', title: 'Units' },
  { name: 'capacity', title: 'Capacity' },
  { name: 'generation', title: 'Energy' },
  { name: 'load', title: 'Taken' },
  { name: 'revenue', title: 'Revenue' },
  { name: 'cost', title: 'Paid' },
  { name: 'vwap', title: 'VWAP' },
  { name: 'utilisation', title: 'Used', text: (value) => percent(value as number | null) },
  { name: 'emissions', title: 'Emissions' },
];

const COLUMNS: readonly Choice[] = measures.map(({ name, title }) => ({ value: name, label: title }));

export function create(state: UrlState): View {
  const board = new Board(state, 'pivot');
  board.control(
    regionButtons(state),
    rangeControl(state, FIRST_RANGE),
    select(state, 'Group by', 'by', DIMENSIONS),
    select(state, 'then by', 'then', INNER),
    select(state, 'Revenue', 'mlf', MLF),
    checks(state, 'Columns', 'columns', COLUMNS),
  );
  const query = board.query(FIRST_RANGE, () => `${regionQuery(state)}&mlf=${picked(state, 'mlf', MLF)}&limit=${MOST_ROWS}`);
  const outer = () => picked(state, 'by', DIMENSIONS);
  const inner = () => picked(state, 'then', INNER);
  const groups = board.feed<TableAnswer>('scada5', (dataset) => `v1/pivot?by=${outer()}&${query(dataset)}`);
  const parts = board.feed<TableAnswer>('scada5', (dataset) => {
    const by = outer() === inner() ? outer() : `${outer()},${inner()}`;
    return `v1/pivot?by=${by}&${query(dataset)}`;
  });
  const whole = board.feed<TableAnswer>('scada5', (dataset) => `v1/pivot?by=all&${query(dataset)}`);
  const name = (row: TableRow, dimension: string) =>
    String(row[DIMENSIONS.find(({ value }) => value === dimension)?.column ?? ''] ?? '');

  /** The rows of the second grouping by those of the first; made once an answer, as it is looked at for each row. */
  let made: { answer: TableAnswer; by: string; rows: Map<string, TableRow[]> } | null = null;
  const grouped = () => {
    const { answer } = parts;
    if (!answer) return new Map<string, TableRow[]>();
    const by = `${outer()} ${inner()}`;
    if (made?.answer === answer && made.by === by) return made.rows;
    const rows = new Map<string, TableRow[]>();
    for (const part of tableRows(answer)) {
      const own = rows.get(name(part, outer())) ?? [];
      own.push({ ...part, group: labelOf(inner(), name(part, inner())), inner: true });
      rows.set(name(part, outer()), own);
    }
    made = { answer, by, rows };
    return rows;
  };

  const panel = createTablePanel({
    id: 'pivot',
    title: 'Pivot',
    note: 'spot market alone, without FCAS and contracts',
    feed: groups,
    others: [parts, whole],
    state,
    order: '-generation',
    // The first column is the group, whichever it is; rows of the second are named by the second.
    columns: () => [{ name: 'group', title: 'Group', made: '' }, ...measures.filter(({ name: column }) => checked(state, 'columns', COLUMNS).includes(column))],
    key: (row) => String(row['group']),
    rows: (rows) => rows.map((row) => ({ ...row, group: labelOf(outer(), name(row, outer())) })),
    inner: (row) => (outer() === inner() || row['inner'] ? [] : (grouped().get(name(row, outer())) ?? [])),
    total: () => whole.answer && (tableRows(whole.answer).map((row) => ({ ...row, group: 'All' }))[0] ?? null),
    empty: 'No generation collected yet',
  });
  board.add(panel);
  return board;
}

function labelOf(dimension: string, name: string): string {
  return dimension === 'fuel' ? groupLabel(name) : name;
}
