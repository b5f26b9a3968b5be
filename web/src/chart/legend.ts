// The table beside a chart. Its values follow the cursor, and say the same as the chart to a screen reader.
// A click on a name shows that series alone, shift-click hides it.

import type { ChartSeries, TimeChart } from './chart';
import { el, setText } from '../ui/dom';
import { NONE, isNumber, type Value } from '../ui/format';
import { DAY, clock, date, dayMonth } from '../ui/time';

export interface Column {
  title: string;
  /** What the column says of series [index], whose values are [values]. */
  text: (values: Value[], index: number) => string;
}

export interface LegendOptions {
  caption: string;
  unit: string;
  format: (value: Value) => string;
  /** Beside the value under the cursor. */
  columns: readonly Column[];
  /** Leaves out the rows of series without a value. */
  hideEmpty?: boolean;
  /** Of the place that values are of, where it is no time. */
  heading?: (at: number) => string;
  /** Says below the table what mouse and keys do: once in a view is enough. */
  hint?: boolean;
}

/** Low, mean and high over the range, each as [format] writes it. */
export function spreadColumns(format: (value: Value) => string, mean: boolean): Column[] {
  const column = (title: string, of: (known: number[]) => number): Column => ({
    title,
    text: (values) => {
      const known = values.filter(isNumber);
      return known.length ? format(of(known)) : NONE;
    },
  });
  const low = column('low', (known) => known.reduce((a, b) => Math.min(a, b)));
  const high = column('high', (known) => known.reduce((a, b) => Math.max(a, b)));
  const middle = column('mean', (known) => known.reduce((a, b) => a + b, 0) / known.length);
  return mean ? [low, middle, high] : [low, high];
}

interface Row {
  button: HTMLButtonElement;
  cells: HTMLElement[];
}

export class Legend {
  #heading = el('th', { scope: 'col' }, NONE);
  #spoken = el('p', { class: 'hidden', 'aria-live': 'polite' });
  #rows: Row[];
  #latest: number | null = null;
  #cursor: number | null = null;

  constructor(
    parent: HTMLElement,
    private readonly chart: TimeChart,
    private readonly options: LegendOptions,
  ) {
    const { columns } = options;
    this.#rows = chart.series.map((series, index) => this.#row(series, index, columns.length + 1));
    parent.append(
      el(
        'table',
        { class: columns.length > 2 ? 'legend many' : 'legend' },
        el('caption', { class: 'hidden' }, options.caption),
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            el('th', { scope: 'col', class: 'unit' }, options.unit),
            this.#heading,
            ...columns.map(({ title }) => el('th', { scope: 'col' }, title)),
          ),
        ),
        el('tbody', {}, ...this.#rows.map((row) => row.button.closest('tr'))),
      ),
      options.hint
        ? el('p', { class: 'hint' }, 'Click a name: it alone. Shift-click: hide. Drag: zoom. Shift and wheel: pan. Double-click: back. Click in the drawing: source files.')
        : '',
      this.#spoken,
    );
    chart.onCursor((index) => {
      this.#cursor = index;
      this.#showValues();
    });
    chart.onVisible(() => this.#showVisible());
    this.#showVisible();
  }

  /** To be called after the chart got new data; [latest] is the interval shown while there is no cursor. */
  update(latest: number | null): void {
    this.#latest = latest;
    this.#showValues();
    this.chart.values.forEach((values, i) => {
      this.options.columns.forEach((column, k) => this.#setCell(i, k + 1, column.text(values, i)));
      // A series that has nothing at all in the range would only take room.
      this.#rows[i]?.button.closest('tr')?.toggleAttribute('hidden', this.options.hideEmpty === true && !values.some(isNumber));
    });
  }

  #row({ label, color, dashed }: ChartSeries, index: number, cells: number): Row {
    const swatch = el('span', { class: dashed ? 'swatch dashed' : 'swatch', 'aria-hidden': 'true' });
    swatch.style.color = `var(${color})`;
    const button = el('button', { type: 'button', class: 'series' }, swatch, label);
    button.addEventListener('click', (event) => {
      if (event.shiftKey) this.chart.toggle(index);
      else this.chart.isolate(index);
    });
    const row: Row = { button, cells: Array.from({ length: cells }, () => el('td', {}, NONE)) };
    el('tr', {}, el('th', { scope: 'row' }, button), ...row.cells);
    return row;
  }

  #showValues(): void {
    const { time, values } = this.chart;
    const at = this.#cursor !== null ? time[this.#cursor] : (this.#latest ?? undefined);
    const index = at === undefined ? -1 : time.lastIndexOf(at);
    const { heading } = this.options;
    setText(this.#heading, at === undefined ? NONE : heading ? heading(at) : shortTime(at, (time[1] ?? at) - (time[0] ?? at)));
    if (at !== undefined && !heading) this.#heading.title = `Interval that ends ${clock(at)} on ${date(at)}, AEST`;
    this.#heading.classList.toggle('at-cursor', this.#cursor !== null);
    this.#rows.forEach((_, i) => this.#setCell(i, 0, this.options.format(values[i]?.[index])));
    if (at !== undefined && this.#cursor !== null && this.chart.focused) this.#speak(at, index);
  }

  /** A cursor moved by keys is read aloud; one moved by a mouse would only chatter. */
  #speak(at: number, index: number): void {
    const { series, values } = this.chart;
    const shown = series.map(({ label }, i) => `${label} ${this.options.format(values[i]?.[index])}`);
    setText(this.#spoken, `${(this.options.heading ?? clock)(at)}: ${shown.join(', ')} ${this.options.unit}`);
  }

  #setCell(row: number, cell: number, text: string): void {
    const node = this.#rows[row]?.cells[cell];
    if (node) setText(node, text);
  }

  #showVisible(): void {
    this.#rows.forEach(({ button }, i) => {
      const visible = this.chart.isVisible(i);
      button.setAttribute('aria-pressed', String(visible));
      button.closest('tr')?.classList.toggle('off', !visible);
    });
  }
}

/** The end of an interval; of one that is a day or longer, the day with which it begins. */
function shortTime(at: number, step: number): string {
  return step < DAY ? clock(at) : dayMonth(at - step);
}

/** "−31.20 to 310.00" for a sentence. */
export function spread(values: Value[], format: (value: Value) => string): string {
  const known = values.filter(isNumber);
  return known.length ? `${format(Math.min(...known))} to ${format(Math.max(...known))}` : NONE;
}
