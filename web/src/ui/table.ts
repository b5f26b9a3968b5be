// A table that sorts by a click on a heading. Rows may have rows of their own, which open below them; the address keeps
// the order. Text only ever enters as text.

import type { UrlState } from '../shell/state';
import { el, setText } from './dom';
import { isNumber, type Value } from './format';

export interface TableColumn<R> {
  id: string;
  title: string;
  /** Below the title, small. */
  unit?: string;
  text: (row: R) => string;
  /** Where the cell leads, null for nowhere. */
  href?: (row: R) => string | null;
  /** What a button in the cell does, null where there is none. */
  action?: (row: R) => (() => void) | null;
  /** What it is sorted by; without it the column doesn't sort. */
  value?: (row: R) => Value | string;
  /** Numbers stand to the right. */
  number?: boolean;
  /** Sentences, which may take several lines. */
  words?: boolean;
}

export interface TableOptions<R> {
  caption: string;
  columns: readonly TableColumn<R>[];
  /** Ids of columns; a minus before one sorts from the largest down. */
  order: string;
  state: UrlState;
  /** The parameter of the address that holds the order. */
  name: string;
  /** What keeps a row's opened state from one answer to the next. */
  key: (row: R) => string;
  inner?: (row: R) => R[];
  mark?: (row: R) => string | null;
  /** In place of rows, where there are none. */
  none?: string;
}

export class DataTable<R> {
  readonly root: HTMLElement;
  #rows: R[] = [];
  #total: R | null = null;
  #opened = new Set<string>();
  #body = el('tbody');
  #foot = el('tfoot');
  #headings: HTMLElement[];
  #cells = new Map<string, HTMLElement[]>();
  #shownOrder = '';

  constructor(private readonly options: TableOptions<R>) {
    this.#headings = options.columns.map((column) => this.#heading(column));
    this.root = el(
      'div',
      { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': options.caption },
      el(
        'table',
        { class: 'data' },
        el('caption', { class: 'hidden' }, options.caption),
        el('thead', {}, el('tr', {}, ...this.#headings)),
        this.#body,
        this.#foot,
      ),
    );
    options.state.onChange(() => {
      if (this.#orderText !== this.#shownOrder) this.#show();
    });
  }

  setRows(rows: R[], total: R | null = null): void {
    this.#rows = rows;
    this.#total = total;
    this.#show();
  }

  get #orderText(): string {
    return this.options.state.get(this.options.name) ?? this.options.order;
  }

  get #order(): { id: string; down: boolean } {
    const text = this.#orderText;
    return { id: text.replace(/^-/, ''), down: text.startsWith('-') };
  }

  #heading(column: TableColumn<R>): HTMLElement {
    const unit = column.unit ? el('span', { class: 'unit' }, column.unit) : null;
    const attributes = { scope: 'col', class: column.number ? 'number' : null };
    if (!column.value) return el('th', attributes, column.title, unit);
    const button = el('button', { type: 'button' }, column.title);
    button.addEventListener('click', () => {
      const { id, down } = this.#order;
      // Numbers are looked at from the largest down first, names from A.
      const next = id === column.id ? !down : column.number === true;
      const order = `${next ? '-' : ''}${column.id}`;
      this.options.state.set({ [this.options.name]: order === this.options.order ? null : order }, 'silent');
      this.#show();
    });
    return el('th', attributes, button, unit);
  }

  #show(): void {
    const { columns } = this.options;
    const { id, down } = this.#order;
    this.#shownOrder = this.#orderText;
    columns.forEach((column, i) => {
      const sorted = column.id === id ? (down ? 'descending' : 'ascending') : null;
      if (sorted) this.#headings[i]?.setAttribute('aria-sort', sorted);
      else this.#headings[i]?.removeAttribute('aria-sort');
    });
    const before = this.#cells;
    this.#cells = new Map();
    const lines = this.#sorted(this.#rows).flatMap((row) => this.#lines(row, '', 0, before));
    if (lines.length === 0) lines.push(el('tr', {}, el('td', { colspan: columns.length, class: 'none' }, this.options.none ?? 'None in this range')));
    this.#body.replaceChildren(...lines);
    this.#foot.replaceChildren(...(this.#total ? [this.#line(this.#total, 'total', 0, before)] : []));
  }

  #sorted(rows: R[]): R[] {
    const { id, down } = this.#order;
    const value = this.options.columns.find((column) => column.id === id)?.value;
    if (!value) return rows;
    return [...rows].sort((a, b) => compare(value(a), value(b), down));
  }

  #lines(row: R, path: string, depth: number, before: Map<string, HTMLElement[]>): HTMLElement[] {
    const key = `${path}/${this.options.key(row)}`;
    const line = this.#line(row, key, depth, before);
    if (!this.#opened.has(key)) return [line];
    const inner = this.#sorted(this.options.inner?.(row) ?? []);
    return [line, ...inner.flatMap((each) => this.#lines(each, key, depth + 1, before))];
  }

  #line(row: R, key: string, depth: number, before: Map<string, HTMLElement[]>): HTMLElement {
    const { columns, inner, mark } = this.options;
    const kept = before.get(key);
    const cells = columns.map((column, i) => {
      const text = column.text(row);
      const cell = kept?.[i] ?? el(i === 0 ? 'th' : 'td', { class: column.number ? 'number' : column.words ? 'words' : null, scope: i === 0 ? 'row' : null });
      const opens = i === 0 && key !== 'total' && (inner?.(row).length ?? 0) > 0;
      const href = column.href?.(row) ?? null;
      if (opens) cell.replaceChildren(this.#opener(key, text));
      else if (href !== null) cell.replaceChildren(el('a', { href }, text));
      else if (column.action) this.#act(cell, text, column.action(row));
      else setText(cell, text);
      if (i === 0) cell.style.paddingLeft = depth ? `${depth * 16 + 8}px` : '';
      return cell;
    });
    this.#cells.set(key, cells);
    return el('tr', { 'data-mark': mark?.(row) ?? null, 'data-row': this.options.key(row) }, ...cells);
  }

  /** A button that stays the same one, and focused, as long as its words do. */
  #act(cell: HTMLElement, text: string, run: (() => void) | null): void {
    let button = cell.querySelector('button');
    if (!run) return setText(cell, text);
    if (button?.textContent !== text) {
      button = el('button', { type: 'button', class: 'act' }, text);
      cell.replaceChildren(button);
    }
    button.onclick = run;
  }

  #opener(key: string, text: string): HTMLElement {
    const open = this.#opened.has(key);
    const button = el('button', { type: 'button', class: 'opener', 'aria-expanded': String(open) }, text);
    button.addEventListener('click', () => {
      if (!this.#opened.delete(key)) this.#opened.add(key);
      this.#show();
    });
    return button;
  }
}

/** What is missing stands last, whichever way it is sorted. */
function compare(a: Value | string, b: Value | string, down: boolean): number {
  const [known, other] = [a, b].map((value) => typeof value === 'string' || isNumber(value));
  if (!known || !other) return Number(other) - Number(known);
  const order = typeof a === 'string' || typeof b === 'string' ? String(a).localeCompare(String(b), 'en-AU') : Number(a) - Number(b);
  return down ? -order : order;
}
