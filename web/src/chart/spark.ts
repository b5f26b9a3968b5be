// A sparkline: the shape of a day beside the numbers that say it. Screen readers skip it.

import { setAttributes, svg } from '../ui/dom';
import { isNumber, type Value } from '../ui/format';

const WIDTH = 240;
const HEIGHT = 36;
const PAD = 3;
const AHEAD = 1 / 6;

export interface SparkOptions {
  /** A CSS variable. */
  color: string;
  /** Bends the axis, so that a spike leaves the rest of the day visible. */
  scale?: (value: number) => number;
}

export class Spark {
  readonly root: SVGSVGElement;
  #line: SVGPathElement;
  #dots: SVGPathElement;
  #zero: SVGLineElement;
  #ahead = svg('path', { class: 'spark-line spark-ahead', 'vector-effect': 'non-scaling-stroke' });

  constructor(private readonly options: SparkOptions) {
    const stroke = `var(${options.color})`;
    this.#zero = svg('line', { class: 'spark-zero', x1: 0, x2: WIDTH, 'vector-effect': 'non-scaling-stroke' });
    this.#line = svg('path', { class: 'spark-line', 'vector-effect': 'non-scaling-stroke' });
    // A line of no length with round ends: a dot that keeps its shape however the drawing is stretched.
    this.#dots = svg('path', { class: 'spark-dots', 'vector-effect': 'non-scaling-stroke' });
    this.root = svg(
      'svg',
      { class: 'spark', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      this.#zero,
      this.#line,
      this.#ahead,
      this.#dots,
    );
    this.#line.style.stroke = stroke;
    this.#ahead.style.stroke = stroke;
    this.#dots.style.stroke = stroke;
  }

  /** [ahead] is what is expected after [values], in equal steps over the last sixth of the width. */
  set(values: Value[], ahead: Value[] = []): void {
    const scale = this.options.scale ?? ((value) => value);
    const bend = (value: Value) => (isNumber(value) ? scale(value) : null);
    const points = values.map(bend);
    const expected = ahead.map(bend).filter(isNumber);
    const known = [...points.filter(isNumber), ...expected];
    const width = expected.length ? WIDTH * (1 - AHEAD) : WIDTH;
    const low = Math.min(...known, 0);
    const high = Math.max(...known, 0, low + 1e-9);
    const x = (i: number) => ((i / points.length) * width).toFixed(1);
    const y = (value: number) => (HEIGHT - PAD - ((value - low) / (high - low)) * (HEIGHT - 2 * PAD)).toFixed(1);

    let line = '';
    let dots = '';
    let newest: number | null = null;
    points.forEach((value, i) => {
      if (value === null) return;
      const before = points[i - 1];
      line += `${isNumber(before) ? 'L' : 'M'}${x(i)} ${y(value)}L${x(i + 1)} ${y(value)}`;
      if (!isNumber(before) && !isNumber(points[i + 1])) dots += `M${x(i + 1)} ${y(value)}h0`;
      newest = i;
    });
    if (newest !== null && newest === points.length - 1) dots += `M${x(newest + 1)} ${y(points[newest] ?? 0)}h0`;
    const stride = (WIDTH - width) / expected.length;
    const path = expected.map((value, i) => `${i ? 'L' : 'M'}${(width + i * stride).toFixed(1)} ${y(value)}`).join('');
    setAttributes(this.#line, { d: line || null });
    setAttributes(this.#ahead, { d: path || null });
    setAttributes(this.#dots, { d: dots || null });
    setAttributes(this.#zero, { y1: y(0), y2: y(0), visibility: known.length ? null : 'hidden' });
  }
}
