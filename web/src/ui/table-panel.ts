// A panel that shows a table of the API. Columns are written by their type and unit; a view says which of them it wants, and
// under which titles.

import type { Cell, TableAnswer, TableRow } from '../data/api';
import { tableRows } from '../data/api';
import type { AnyFeed, Feed } from '../data/feeds';
import type { UrlState } from '../shell/state';
import { NONE, byUnit } from './format';
import { Panel, type PanelOptions } from './panel';
import { DataTable, type TableColumn } from './table';
import { full } from './time';

export interface ShownColumn {
  name: string;
  title: string;
  /** [rows] makes it: a number in this unit, or a text where that is empty. */
  made?: string;
  /** Instead of how its type and unit are written. */
  text?: (value: Cell, row: TableRow) => string;
  /** Sentences, which take several lines where there is little room. */
  words?: boolean;
  /** Where the cell leads, null for nowhere. */
  href?: (row: TableRow) => string | null;
  /** What a button in the cell does, null where there is none. */
  action?: (row: TableRow) => (() => void) | null;
}

export interface TablePanelOptions extends Omit<PanelOptions, 'feeds'> {
  feed: Feed<TableAnswer>;
  /** Further feeds that rows are made of. */
  others?: AnyFeed[];
  columns: readonly ShownColumn[] | (() => readonly ShownColumn[]);
  /** As in TableOptions. */
  order: string;
  state: UrlState;
  /** Which rows, and what becomes of them before they are shown. */
  rows?: (rows: TableRow[]) => TableRow[];
  inner?: (row: TableRow) => TableRow[];
  key?: (row: TableRow) => string;
  mark?: (row: TableRow) => string | null;
  total?: (rows: TableRow[]) => TableRow | null;
  /** In place of rows, where there are none. */
  none?: string;
}

export function createTablePanel(options: TablePanelOptions): Panel {
  const { feed, others = [] } = options;
  const panel = new Panel({ ...options, feeds: [feed, ...others] });
  let table: DataTable<TableRow> | null = null;
  let shape = '';
  const show = () => {
    const { answer } = feed;
    if (!answer) return;
    const columns = typeof options.columns === 'function' ? options.columns() : options.columns;
    const shapeNow = JSON.stringify([answer.data.columns, columns.map(({ name }) => name)]);
    if (shapeNow !== shape || !table) {
      table = new DataTable({
        caption: options.title,
        columns: columns.map((column) => tableColumn(answer, column)),
        order: options.order,
        state: options.state,
        name: `${options.id}-order`,
        key: options.key ?? ((row) => String(row[columns[0]?.name ?? ''] ?? '')),
        ...(options.inner ? { inner: options.inner } : {}),
        ...(options.mark ? { mark: options.mark } : {}),
        ...(options.none ? { none: options.none } : {}),
      });
      shape = shapeNow;
      panel.body.replaceChildren(table.root);
    }
    const rows = tableRows(answer);
    table.setRows(options.rows?.(rows) ?? rows, options.total?.(rows) ?? null);
  };
  for (const each of [feed, ...others]) panel.onDestroy(each.onAnswer(show));
  // A step that asks anew is shown once it is answered.
  options.state.onChange(() => {
    if (!panel.loading) show();
  });
  show();
  return panel;
}

function tableColumn(answer: TableAnswer, { name, title, text, made, words, href, action }: ShownColumn): TableColumn<TableRow> {
  const given = answer.data.columns.find((each) => each.name === name);
  if (!given && made === undefined) throw new Error(`the answer has no column ${name}`);
  const column = given ?? { name, type: made ? 'number' : 'text', ...(made ? { unit: made } : {}) };
  const number = column.type === 'number' || column.type === 'integer';
  return {
    id: name,
    title,
    ...('unit' in column && column.unit ? { unit: column.unit === 'share' ? '%' : column.unit } : {}),
    number: number || column.type === 'time',
    ...(words ? { words } : {}),
    ...(href ? { href } : {}),
    ...(action ? { action } : {}),
    text: (row) => (text ? text(row[name] ?? null, row) : cellText(row[name] ?? null, column.type, 'unit' in column ? column.unit : undefined)),
    value: (row) => {
      const cell = row[name];
      return typeof cell === 'boolean' ? Number(cell) : cell;
    },
  };
}

function cellText(cell: Cell, type: string, unit: string | undefined): string {
  if (cell === null || cell === '') return NONE;
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  if (typeof cell === 'string') return cell;
  return type === 'time' ? full(cell) : byUnit(unit)(cell);
}
