// Day by day: the lowest and the highest of each, when, and how they changed from the day before.

import type { SeriesAnswer, TableRow } from '../data/api';
import type { Feed } from '../data/feeds';
import type { UrlState } from '../shell/state';
import { chosenRegion } from '../ui/controls';
import { NONE, isNumber, megawatts, type Value } from '../ui/format';
import { Panel } from '../ui/panel';
import { DataTable, type TableColumn } from '../ui/table';
import { DAY, clock, dayShort, floorTo } from '../ui/time';

/** [valuesOf] makes one line of an answer. */
export function createDays(feed: Feed, state: UrlState, valuesOf: (answer: SeriesAnswer) => Value[]): Panel {
  const panel = new Panel({
    id: 'days',
    title: 'Days',
    note: () => `lowest and highest of ${chosenRegion(state)}, and against the day before; the newest day is as far as it has come`,
    feeds: [feed],
    empty: 'No demand collected yet',
  });
  const mw = (id: string, title: string): TableColumn<TableRow> => ({
    id,
    title,
    unit: 'MW',
    number: true,
    text: (row) => megawatts(row[id] as Value),
    value: (row) => row[id] as Value,
  });
  const at = (id: string): TableColumn<TableRow> => ({
    id,
    title: 'at',
    number: true,
    text: (row) => (typeof row[id] === 'number' ? clock(row[id]) : NONE),
  });
  const table = new DataTable<TableRow>({
    caption: 'Lowest and highest demand of each day',
    state,
    order: '-day',
    name: 'days-order',
    key: (row) => String(row['name']),
    columns: [
      { id: 'day', title: 'Day', text: (row) => String(row['name']), value: (row) => row['day'] as Value },
      mw('min', 'Lowest'),
      at('min_at'),
      mw('min_change', 'against the day before'),
      mw('max', 'Highest'),
      at('max_at'),
      mw('max_change', 'against the day before'),
      mw('mean', 'Mean'),
      mw('mean_change', 'against the day before'),
    ],
  });
  panel.body.append(table.root);
  const show = () => {
    const { answer } = feed;
    if (answer) table.setRows(days(answer.data.time, valuesOf(answer)));
  };
  panel.onDestroy(feed.onAnswer(show));
  show();
  return panel;
}

function days(time: number[], values: Value[]): TableRow[] {
  const found = new Map<number, { at: number; value: number }[]>();
  time.forEach((end, i) => {
    const value = values[i];
    const day = floorTo(end - 1, DAY);
    if (isNumber(value)) found.set(day, [...(found.get(day) ?? []), { at: end, value }]);
  });
  const rows = [...found].map(([day, own]): TableRow => {
    const low = own.reduce((best, each) => (each.value < best.value ? each : best));
    const high = own.reduce((best, each) => (each.value > best.value ? each : best));
    const mean = own.reduce((sum, { value }) => sum + value, 0) / own.length;
    return { day, name: dayShort(day), min: low.value, min_at: low.at, max: high.value, max_at: high.at, mean };
  });
  return rows.map((row, i) => {
    const before = rows[i - 1]?.['day'] === Number(row['day']) - DAY ? rows[i - 1] : undefined;
    const change = (name: string) => (before ? Number(row[name]) - Number(before[name]) : null);
    return { ...row, min_change: change('min'), max_change: change('max'), mean_change: change('mean') };
  });
}
