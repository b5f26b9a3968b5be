// What a chart draws, as a table: for who can't see the drawing, or wants the numbers.

import type { Drawn } from './series-panel';
import { el } from './dom';
import type { Value } from './format';
import { openDialog } from './sources';

/** More lines than a reader goes through, or a page should hold. */
const MOST_LINES = 600;

/** [heading] writes a place on the horizontal axis. The newest comes first. */
export function showSheet(title: string, unit: string, time: readonly number[], drawn: readonly Drawn[], format: (value: Value) => string, heading: (at: number) => string): void {
  const lines: HTMLElement[] = [];
  for (let i = time.length - 1; i >= 0 && lines.length < MOST_LINES; i--) {
    const cells = drawn.map(({ values }) => el('td', { class: 'number' }, format(values[i])));
    lines.push(el('tr', {}, el('th', { scope: 'row' }, heading(time[i] ?? 0)), ...cells));
  }
  const left = time.length - lines.length;
  const table = el(
    'table',
    { class: 'data' },
    el('caption', {}, `${title}, ${unit}${left > 0 ? `; the newest ${lines.length} of ${time.length} lines: CSV has all` : ''}`),
    el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, ''), ...drawn.map(({ label }) => el('th', { scope: 'col', class: 'number' }, label)))),
    el('tbody', {}, ...lines),
  );
  openDialog(title, 'data-sheet', el('div', { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': title }, table));
}
