// The view "Status": what the store holds, how fresh it is, what is wrong with it, and what alerts did.

import type { Cell, Dataset, MetaAnswer, TableAnswer } from '../data/api';
import { now } from '../data/clock';
import type { Feed } from '../data/feeds';
import { addAlerts } from '../panels/alert-tables';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { NONE, count, digits, isNumber } from '../ui/format';
import { Panel } from '../ui/panel';
import { DataTable } from '../ui/table';
import { createTablePanel } from '../ui/table-panel';
import { durationCoarse, full } from '../ui/time';

/** What hangs on no dataset is looked at so often. */
const REFRESH_MS = 15_000;

export function create(state: UrlState): View {
  const board = new Board(state, 'status');
  const meta = board.feed<MetaAnswer>('prices5', () => 'v1/meta');
  const panel = new Panel({
    id: 'datasets',
    title: 'Datasets',
    note: 'times name the end of an interval; of a forecast, its run',
    feeds: [meta],
    empty: 'Nothing collected yet',
  });
  const table = new DataTable<Dataset>({
    caption: 'Datasets of the store',
    state,
    order: '',
    name: 'order',
    key: (row) => row.name,
    mark: (row) => (row.damaged ? 'damaged' : row.stale ? 'stale' : null),
    columns: [
      { id: 'name', title: 'Dataset', text: (row) => row.name, value: (row) => row.name },
      { id: 'step', title: 'Step', unit: 'min', number: true, text: (row) => (isNumber(row.step_minutes) ? count(row.step_minutes) : ''), value: (row) => row.step_minutes },
      { id: 'first', title: 'First', number: true, text: (row) => (row.name === 'All' ? '' : timeText(row.first)), value: (row) => row.first },
      { id: 'latest', title: 'Latest', number: true, text: (row) => (row.name === 'All' ? '' : timeText(row.latest)), value: (row) => row.latest },
      { id: 'age', title: 'Age', number: true, text: ageText, value: (row) => row.latest },
      { id: 'bytes', title: 'Size', unit: 'MB', number: true, text: (row) => megabytes(row.bytes), value: (row) => row.bytes },
      { id: 'state', title: 'State', text: stateText, value: stateText },
    ],
  });
  panel.body.append(table.root);
  const show = () => {
    if (meta.answer) table.setRows(meta.answer.data.datasets, totalOf(meta.answer.data.datasets));
  };
  panel.onDestroy(meta.onAnswer(show));
  show();
  board.add(panel);
  const feeds = [...addCollecting(board, state), ...addAlerts(board)];
  const timer = window.setInterval(() => feeds.forEach((feed) => feed.refresh()), REFRESH_MS);
  panel.onDestroy(() => window.clearInterval(timer));
  return board;
}

/** Where rows come from, and which should have come and haven't; returns the feeds, which hang on no dataset. */
function addCollecting(board: Board, state: UrlState): Feed<TableAnswer>[] {
  const [feeds, gaps, failures] = (['feeds', 'gaps', 'failures'] as const).map((name) =>
    board.feed<TableAnswer>('prices5', () => `v1/status/${name}?limit=1000`),
  ) as [Feed<TableAnswer>, Feed<TableAnswer>, Feed<TableAnswer>];
  board.add(
    createTablePanel({
      id: 'feeds',
      title: 'Feeds',
      note: 'AEMO’s folders; files that are in the store, and those that were refused or not fetched',
      feed: feeds,
      state,
      order: '',
      columns: [
        { name: 'feed', title: 'Feed' },
        { name: 'folder', title: 'Folder' },
        { name: 'cadence', title: 'Every' },
        { name: 'done', title: 'Files', text: (value) => countText(value) },
        { name: 'failed', title: 'Failed', text: (value) => countText(value) },
        { name: 'last_listed', title: 'Last look', text: agoText },
        { name: 'last_fetch', title: 'Last file', text: agoText },
        { name: 'error', title: 'State', text: (value, row) => String(value ?? (row['last_listed'] === null ? 'not looked at yet' : 'well')), words: true },
      ],
      // A source may be without an optional feed's folder.
      mark: (row) => (row['error'] === null || (row['optional'] === true && String(row['error']).startsWith('not offered')) ? null : 'damaged'),
      empty: 'Nothing collected yet',
    }),
  );
  board.add(
    createTablePanel({
      id: 'gaps',
      title: 'Gaps',
      note: 'intervals of the last seven days that should have rows and have none; nemd repair fills them',
      feed: gaps,
      state,
      order: '-last',
      key: (row) => `${row['dataset']} ${row['key'] ?? ''} ${row['first']}`,
      columns: [
        { name: 'dataset', title: 'Dataset' },
        { name: 'key', title: 'Of', text: (value) => String(value ?? 'all') },
        { name: 'first', title: 'First' },
        { name: 'last', title: 'Last' },
        { name: 'intervals', title: 'Intervals', text: (value) => countText(value) },
        { name: 'cause', title: 'Cause', words: true },
        { name: 'file', title: 'File' },
      ],
      none: 'No gaps',
      empty: 'Nothing collected yet',
    }),
  );
  board.add(
    createTablePanel({
      id: 'failures',
      title: 'Refused or not fetched',
      note: 'files, the newest first; a bad one is tried five times',
      feed: failures,
      state,
      order: '-at',
      key: (row) => `${row['feed']} ${row['file']}`,
      columns: [
        { name: 'feed', title: 'Feed' },
        { name: 'file', title: 'File' },
        { name: 'reason', title: 'Why', words: true },
        { name: 'tries', title: 'Tries', text: (value) => countText(value) },
        { name: 'at', title: 'at' },
      ],
      none: 'None',
      empty: 'Nothing collected yet',
    }),
  );
  return [feeds, gaps, failures];
}

function countText(value: Cell): string {
  return typeof value === 'number' ? count(value) : NONE;
}

function agoText(value: Cell): string {
  return typeof value === 'number' ? `${durationCoarse(now() - value)} ago` : 'never';
}

/** The sum of all datasets, and how many are well. */
function totalOf(rows: Dataset[]): Dataset {
  return {
    name: 'All',
    step_minutes: NaN,
    first: null,
    latest: null,
    stale_after: 0,
    stale: false,
    bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0),
    damaged: rows.some(({ damaged }) => damaged),
  };
}

function timeText(time: number | null): string {
  return time === null ? NONE : full(time);
}

function ageText({ name, latest }: Dataset): string {
  if (name === 'All') return '';
  return isNumber(latest) ? durationCoarse(now() - latest) : NONE;
}

function megabytes(bytes: number): string {
  return digits(bytes / 1e6, 2);
}

function stateText({ name, latest, stale, damaged }: Dataset): string {
  if (name === 'All') return '';
  if (damaged) return 'a file can’t be read';
  if (latest === null) return 'empty';
  return stale ? 'stale' : 'fresh';
}
