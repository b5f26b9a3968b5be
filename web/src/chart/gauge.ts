// A half circle with a needle, for a number that readers know the range of, and marks on its rim for records. The words
// below say the same; the drawing is hidden from screen readers.

import { el, setAttributes, setText, svg } from '../ui/dom';
import { isNumber, type Value } from '../ui/format';

export interface GaugeMark {
  label: string;
  value: Value;
  /** When it was, in words. */
  when: string;
  /** A CSS variable. */
  color: string;
}

export interface GaugeOptions {
  title: string;
  unit: string;
  format: (value: Value) => string;
  testid: string;
}

const WIDTH = 240;
const RADIUS = 100;
const CENTRE = { x: WIDTH / 2, y: 112 };
const HEIGHT = 120;
const RIM = 16;

export class Gauge {
  readonly root: HTMLElement;
  #arc = svg('path', { class: 'gauge-value' });
  #needle = svg('line', { class: 'gauge-needle' });
  #marks = svg('g');
  #ends = [svg('text', { class: 'gauge-end' }), svg('text', { class: 'gauge-end' })];
  #value: HTMLElement;
  #note = el('span', { class: 'gauge-note' });
  #list = el('ul', { class: 'gauge-marks' });

  constructor(private readonly options: GaugeOptions) {
    this.#value = el('strong', { class: 'gauge-number', 'data-testid': options.testid, 'data-value': '' }, '–');
    const drawing = svg(
      'svg',
      { class: 'gauge', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, 'aria-hidden': 'true' },
      svg('path', { class: 'gauge-rim', d: arc(0, 1) }),
      this.#arc,
      this.#marks,
      this.#needle,
      svg('circle', { class: 'gauge-hub', cx: CENTRE.x, cy: CENTRE.y, r: 5 }),
      ...this.#ends,
    );
    this.root = el(
      'div',
      { class: 'gauge-box' },
      drawing,
      el('p', { class: 'gauge-words' }, this.#value, el('span', { class: 'gauge-unit' }, ` ${options.unit}`)),
      el('h3', { class: 'gauge-title' }, options.title),
      this.#note,
      this.#list,
    );
  }

  /** [low] and [high] are the ends of the scale. */
  show(value: Value, low: number, high: number, marks: GaugeMark[], note = ''): void {
    const place = (each: number) => Math.min(1, Math.max(0, (each - low) / (high - low || 1)));
    const known = isNumber(value);
    setText(this.#value, this.options.format(value));
    this.#value.dataset['value'] = known ? String(value) : '';
    setText(this.#note, note);
    setAttributes(this.#arc, { d: known ? arc(place(Math.min(0, low)), place(value)) : null });
    const [tip, tail] = known ? [point(place(value), RADIUS - 4), point(place(value), 0)] : [CENTRE, CENTRE];
    setAttributes(this.#needle, { x1: tail.x, y1: tail.y, x2: tip.x, y2: tip.y, visibility: known ? null : 'hidden' });
    this.#ends.forEach((end, i) => {
      setAttributes(end, { x: CENTRE.x + (i ? 1 : -1) * (RADIUS - RIM / 2), y: HEIGHT, 'text-anchor': 'middle', visibility: known ? null : 'hidden' });
      end.textContent = this.options.format(i ? high : low);
    });
    const shown = marks.filter((mark) => isNumber(mark.value));
    this.#marks.replaceChildren(...shown.map((mark) => markLine(place(mark.value as number), mark.color)));
    this.#list.replaceChildren(...marks.map((mark) => this.#markItem(mark)));
  }

  #markItem({ label, value, when, color }: GaugeMark): HTMLElement {
    const swatch = el('span', { class: 'swatch', 'aria-hidden': 'true' });
    swatch.style.background = `var(${color})`;
    return el(
      'li',
      {},
      swatch,
      el('span', { class: 'gauge-mark-label' }, label),
      el('b', {}, `${this.options.format(value)} ${isNumber(value) ? this.options.unit : ''}`),
      el('span', { class: 'gauge-when' }, when),
    );
  }
}

/** A place on the half circle: 0 is left, 1 is right. */
function point(share: number, radius: number): { x: number; y: number } {
  const angle = Math.PI * (1 - share);
  return { x: CENTRE.x + radius * Math.cos(angle), y: CENTRE.y - radius * Math.sin(angle) };
}

function arc(from: number, to: number): string {
  const radius = RADIUS - RIM / 2;
  const [start, end] = [point(Math.min(from, to), radius), point(Math.max(from, to), radius)];
  return `M${start.x.toFixed(2)} ${start.y.toFixed(2)}A${radius} ${radius} 0 0 1 ${end.x.toFixed(2)} ${end.y.toFixed(2)}`;
}

function markLine(share: number, color: string): SVGLineElement {
  const [inner, outer] = [point(share, RADIUS - RIM - 3), point(share, RADIUS + 5)];
  const line = svg('line', { class: 'gauge-mark', x1: inner.x, y1: inner.y, x2: outer.x, y2: outer.y });
  line.style.stroke = `var(${color})`;
  return line;
}
