// Batteries by region: what is stored, and what they give or take now.

import { tableRows, type TableAnswer, type TableRow } from '../data/api';
import type { Feed } from '../data/feeds';
import { REGIONS } from '../market';
import { el, setText, setValue } from '../ui/dom';
import { NONE, isNumber, megawatts, type Value } from '../ui/format';
import { Panel } from '../ui/panel';

export function createStorage(feed: Feed<TableAnswer>): Panel {
  const panel = new Panel({
    id: 'storage',
    title: 'Batteries',
    note: 'stored, of the most ever; MW now',
    feeds: [feed],
    empty: 'No battery collected yet',
  });
  const rows = new Map([...REGIONS, 'NEM'].map((region) => [region, new Row(region)]));
  const heads = ['Region', 'Stored', 'MWh', 'Discharge', 'Charge'];
  panel.body.append(
    el(
      'table',
      { class: 'storage' },
      el('caption', { class: 'hidden' }, 'Batteries by region: energy stored in MWh, discharge and charge in MW'),
      el('thead', {}, el('tr', {}, ...heads.map((head, i) => el('th', { scope: 'col', class: i > 1 ? 'number' : null }, head)))),
      el('tbody', {}, ...[...rows.values()].map((row) => row.root)),
    ),
  );
  panel.offerPicture('newest');
  const show = () => {
    if (!feed.answer) return;
    const all = tableRows(feed.answer);
    for (const [region, row] of rows) row.show(all.filter((each) => each['region'] === region));
  };
  panel.onDestroy(feed.onAnswer(show));
  show();
  return panel;
}

class Row {
  readonly root: HTMLElement;
  #fill = el('span', { class: 'storage-fill' });
  #stored = el('td', { class: 'number' }, NONE);
  #discharge = el('td', { class: 'number' }, NONE);
  #charge = el('td', { class: 'number' }, NONE);

  constructor(readonly region: string) {
    const bar = el('td', { class: 'storage-cell', 'aria-hidden': 'true' }, el('span', { class: 'storage-bar' }, this.#fill));
    this.root = el('tr', {}, el('th', { scope: 'row' }, region), bar, this.#stored, this.#discharge, this.#charge);
    this.#stored.dataset['testid'] = `stored-${region}`;
  }

  show(measures: TableRow[]): void {
    const of = (measure: string) => measures.find((row) => row['measure'] === measure);
    const [stored, discharge, charge] = ['stored', 'discharge', 'charge'].map((measure) => of(measure)?.['value'] as Value);
    const row = of('stored');
    const most = Math.max(Number(row?.['record_max'] ?? 0), Number(row?.['max'] ?? 0));
    setValue(this.#stored, megawatts(stored));
    this.#stored.dataset['value'] = isNumber(stored) ? String(stored) : '';
    this.#fill.style.width = isNumber(stored) && most > 0 ? `${Math.min(100, (stored / most) * 100)}%` : '0';
    this.root.title = most > 0 ? `${this.region}: at most ${megawatts(most)} MWh have been stored` : '';
    setText(this.#discharge, megawatts(discharge));
    setText(this.#charge, megawatts(isNumber(charge) ? -charge : charge));
  }
}
