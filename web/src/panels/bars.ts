// Who has most of something: the largest rows of a table by one of its columns, as bars from zero.

import { tableRows, type TableAnswer, type TableRow } from '../data/api';
import type { Feed } from '../data/feeds';
import type { UrlState } from '../shell/state';
import { buttons, picked, type Choice } from '../ui/controls';
import { el } from '../ui/dom';
import { isNumber, type Value } from '../ui/format';
import { Panel } from '../ui/panel';

/** A column to rank by. */
export interface Metric extends Choice {
  unit: string;
  format: (value: Value) => string;
}

export interface BarsOptions {
  id: string;
  title: string;
  feed: Feed<TableAnswer>;
  state: UrlState;
  metrics: readonly Metric[];
  /** The row's name, and what is said beside it. */
  label: (row: TableRow) => string;
  note: (row: TableRow) => string;
  color: (row: TableRow) => string;
  /** A click on a bar. */
  take?: (row: TableRow) => void;
  empty: string;
}

const MOST = 15;

export function createBars(options: BarsOptions): Panel {
  const { feed, state, metrics } = options;
  const name = `${options.id}-by`;
  const metric = () => metrics.find(({ value }) => value === picked(state, name, metrics));
  const panel = new Panel({
    id: options.id,
    title: options.title,
    note: () => `${metric()?.unit ?? ''}, the largest ${MOST}`,
    feeds: [feed],
    empty: options.empty,
  });
  const body = el('tbody');
  panel.choose(buttons(state, 'Ranked by', name, metrics));
  panel.body.append(el('table', { class: 'bars' }, el('caption', { class: 'hidden' }, options.title), body));
  panel.offerPicture();
  const show = () => {
    const { answer } = feed;
    const by = metric();
    if (!answer || !by) return;
    const known = tableRows(answer).filter((row) => isNumber(row[by.value] as Value));
    const shown = known.sort((a, b) => Number(b[by.value]) - Number(a[by.value])).slice(0, MOST);
    const [high, low] = [Math.max(0, ...shown.map((row) => Number(row[by.value]))), Math.min(0, ...shown.map((row) => Number(row[by.value])))];
    const lines = shown.map((row) => line(options, row, by, low, high));
    if (lines.length === 0) lines.push(el('tr', {}, el('td', { class: 'none' }, 'None in this range')));
    body.replaceChildren(...lines);
  };
  panel.onDestroy(feed.onAnswer(show));
  state.onChange(show);
  show();
  return panel;
}

function line({ label, note, color, take }: BarsOptions, row: TableRow, metric: Metric, low: number, high: number): HTMLElement {
  const value = Number(row[metric.value]);
  const place = (at: number) => ((at - low) / (high - low || 1)) * 100;
  const bar = el('span', { class: 'bar' });
  bar.style.marginLeft = `${place(Math.min(0, value))}%`;
  bar.style.width = `${place(Math.max(0, value)) - place(Math.min(0, value))}%`;
  bar.style.background = `var(${color(row)})`;
  const name = take ? el('button', { type: 'button' }, label(row)) : el('span', {}, label(row));
  name.addEventListener('click', () => take?.(row));
  return el(
    'tr',
    { 'data-row': label(row) },
    el('th', { scope: 'row' }, name, el('span', { class: 'note' }, ` ${note(row)}`)),
    el('td', { class: 'bar-cell', 'aria-hidden': 'true' }, bar),
    el('td', { class: 'number', 'data-value': value }, metric.format(value)),
  );
}
