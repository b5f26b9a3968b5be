// The view "Status": what the store holds, how fresh it is, and what is wrong with it.

import type { Dataset, MetaAnswer } from '../data/api';
import { now } from '../data/clock';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { NONE, count, isNumber } from '../ui/format';
import { Panel } from '../ui/panel';
import { DataTable } from '../ui/table';
import { durationCoarse, full } from '../ui/time';

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
      { id: 'step', title: 'Step', unit: 'min', number: true, text: (row) => count(row.step_minutes), value: (row) => row.step_minutes },
      { id: 'first', title: 'First', number: true, text: (row) => timeText(row.first), value: (row) => row.first },
      { id: 'latest', title: 'Latest', number: true, text: (row) => timeText(row.latest), value: (row) => row.latest },
      { id: 'age', title: 'Age', number: true, text: ageText, value: (row) => row.latest },
      { id: 'bytes', title: 'Size', unit: 'MB', number: true, text: (row) => megabytes(row.bytes), value: (row) => row.bytes },
      { id: 'state', title: 'State', text: stateText, value: stateText },
    ],
  });
  panel.body.append(table.root);
  const show = () => {
    if (meta.answer) table.setRows(meta.answer.data.datasets);
  };
  panel.onDestroy(meta.subscribe(show));
  show();
  board.add(panel);
  return board;
}

function timeText(time: number | null): string {
  return time === null ? NONE : full(time);
}

function ageText({ latest }: Dataset): string {
  return isNumber(latest) ? durationCoarse(now() - latest) : NONE;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toLocaleString('en-AU', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

function stateText({ latest, stale, damaged }: Dataset): string {
  if (damaged) return 'a file can’t be read';
  if (latest === null) return 'empty';
  return stale ? 'stale' : 'fresh';
}
