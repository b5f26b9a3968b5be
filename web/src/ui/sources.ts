// Where a value came from: the files of AEMO that held it, in a dialog of its own. Any panel can show it, for its dataset and an
// interval.

import { get, tableRows, type TableAnswer } from '../data/api';
import { el } from './dom';
import { clock, date, full, iso } from './time';

/** What the route knows of: the columns of a dataset are from files, a table that is made of several isn't. */
const DATASETS = new Set([
  'prices5', 'prices30', 'pricestatus5', 'fcas5', 'scada5', 'scada30', 'dispatch5', 'transmission5', 'transmission30', 'regions5',
  'constraints5', 'demand5', 'demand30', 'rooftop30', 'rooftop_forecast', 'p5min', 'predispatch',
]);

export function hasSources(dataset: string): boolean {
  return DATASETS.has(dataset);
}

/** The files that hold the interval [time] of [datasets]; of one [key] (a region, a DUID) where it is given. */
export function showSources(datasets: readonly string[], time: number, key?: string): void {
  const body = el('div', { class: 'sources-body', 'aria-live': 'polite' }, 'Looking…');
  openDialog(`Sources of ${key ? `${key}, ` : ''}${clock(time)} ${date(time)}`, 'sources', body);
  void Promise.all(datasets.map((dataset) => readSources(dataset, time, key))).then((parts) => body.replaceChildren(...parts));
}

/** A dialog with a heading and a button that closes it. */
export function openDialog(title: string, kind: string, ...content: HTMLElement[]): void {
  const close = el('button', { type: 'button', class: 'mover' }, 'Close');
  const dialog = el('dialog', { class: `sheet ${kind}`, 'aria-label': title }, el('div', { class: 'sheet-head' }, el('h2', {}, title), close), ...content);
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

async function readSources(dataset: string, time: number, key?: string): Promise<HTMLElement> {
  const query = `dataset=${dataset}&at=${iso(time)}${key ? `&key=${encodeURIComponent(key)}` : ''}`;
  try {
    const fetched = await get<TableAnswer>(`v1/provenance?${query}`, null);
    if (!fetched.changed) throw new Error('no answer');
    return sourceTable(dataset, fetched.body);
  } catch (error) {
    return el('p', {}, `${dataset}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function sourceTable(dataset: string, answer: TableAnswer): HTMLElement {
  const rows = tableRows(answer);
  const version = (answer.meta as { lastchanged?: number | null }).lastchanged;
  const stored = typeof version === 'number' ? `, version of ${full(version)}` : '';
  const none = el('tr', {}, el('td', { colspan: 3, class: 'none' }, 'No file is known: the rows came another way, or the ledger was made anew'));
  const time = (cell: unknown) => (typeof cell === 'number' ? `${clock(cell)} ${date(cell)}` : '–');
  const lines = rows.map((row) =>
    el('tr', {}, el('th', { scope: 'row' }, String(row['file'])), el('td', {}, String(row['feed'])), el('td', {}, `${time(row['first'])} to ${time(row['last'])}`)),
  );
  return el(
    'table',
    { class: 'data' },
    el('caption', {}, `${dataset}${stored}`),
    el('thead', {}, el('tr', {}, ...['File', 'Feed', 'Intervals'].map((head) => el('th', { scope: 'col' }, head)))),
    el('tbody', {}, ...(lines.length ? lines : [none])),
  );
}
