// Charts over time: a thin layer over uPlot, which draws.
//
// A value is drawn over the whole interval that it belongs to, (t − step, t], as a level line; a missing one
// leaves a gap. A value with gaps on both sides would be a line three pixels long, so it also gets a dot.
//
// The charts of a view share a ChartGroup: one cursor and one zoom for all of them. They may show different
// days, so both are passed on as times, and a chart that does not hold the time shows its latest values.

import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

import { linearTicks, priceTicks, timeLabel, timeTicks } from './axis';
import { el } from './dom';
import { isNumber, tick, type Value } from './format';
import { cssColor, onTheme } from './theme';

export interface ChartSeries {
  id: string;
  label: string;
  /** A CSS variable, such as "--nsw1". */
  color: string;
  /** Fills the area down to zero with this CSS variable. */
  fill?: string;
}

export interface ChartOptions {
  /** What the chart is, for a screen reader. */
  label: string;
  /** `price` is linear near zero and logarithmic beyond, on both sides. */
  axis: 'linear' | 'price';
  series: ChartSeries[];
}

export type Range = [from: number, to: number];

/** Below this price the axis is nearly linear, above it nearly logarithmic, $/MWh. */
const PRICE_LINEAR = 50;
const AXIS_WIDTH = 56;
const AXIS_HEIGHT = 26;
const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

export class ChartGroup {
  #charts: TimeChart[] = [];
  #zoomListeners: ((zoom: Range | null) => void)[] = [];
  zoom: Range | null = null;

  add(chart: TimeChart): void {
    this.#charts.push(chart);
  }

  moveCursor(time: number | null, source: TimeChart): void {
    for (const chart of this.#charts) if (chart !== source) chart.showCursor(time);
  }

  setZoom(zoom: Range | null): void {
    this.zoom = zoom;
    for (const chart of this.#charts) chart.applyRange();
    for (const listener of this.#zoomListeners) listener(zoom);
  }

  onZoom(listener: (zoom: Range | null) => void): void {
    this.#zoomListeners.push(listener);
  }
}

export class TimeChart {
  readonly series: ChartSeries[];
  time: number[] = [];
  values: Value[][] = [];

  #plot: uPlot;
  #host: HTMLElement;
  #step = 300;
  #range: Range = [0, 1];
  #cursor: number | null = null;
  #isolated: number[][] = [];
  #visible: boolean[];
  #cursorListeners: ((index: number | null) => void)[] = [];
  #visibleListeners: (() => void)[] = [];

  constructor(
    parent: HTMLElement,
    private readonly options: ChartOptions,
    private readonly group: ChartGroup,
  ) {
    this.series = options.series;
    this.#visible = options.series.map(() => true);
    this.#host = el('div', { class: 'chart', tabindex: 0, role: 'img', 'aria-label': options.label });
    parent.append(this.#host);
    this.#plot = this.#create();
    group.add(this);

    this.#host.addEventListener('keydown', (event) => this.#onKey(event));
    this.#host.addEventListener('blur', () => this.#setCursor(null));
    new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = this.#host;
      if (width > 0 && height > 0) this.#plot.setSize({ width, height });
    }).observe(this.#host);
    onTheme(() => this.#plot.redraw(false, true));
  }

  /** Says what the drawing shows to who can't see it. */
  describe(text: string): void {
    this.#host.setAttribute('aria-label', `${this.options.label}. ${text}`);
  }

  /** [values] holds one list for each series; [range] is what the chart shows when it is not zoomed. */
  setData(time: number[], values: Value[][], range: Range): void {
    const [first, second] = time;
    this.time = time;
    this.values = values;
    this.#range = range;
    this.#step = first !== undefined && second !== undefined ? second - first : 300;
    this.#isolated = values.map(isolated);
    this.#plot.batch(() => {
      this.#plot.setData([time, ...values] as uPlot.AlignedData, false);
      this.applyRange();
    });
    if (this.#cursor === null) this.#tellCursor();
    else this.showCursor(this.#cursor);
  }

  /** Shows the group's zoom where this chart's day has any of it, else the whole range. */
  applyRange(): void {
    const [from, to] = this.#range;
    const zoom = this.group.zoom;
    const [min, max] = zoom && zoom[0] < to && zoom[1] > from ? zoom : this.#range;
    this.#plot.setScale('x', { min, max });
  }

  /** Whether it is the chart that keys act on. */
  get focused(): boolean {
    return document.activeElement === this.#host;
  }

  isVisible(index: number): boolean {
    return this.#visible[index] ?? false;
  }

  /** Shows [index] alone; a second time shows all again. */
  isolate(index: number): void {
    const alone = this.#visible.every((visible, i) => visible === (i === index));
    this.#show(this.#visible.map((_, i) => alone || i === index));
  }

  /** Shows the series with these ids; null, or none of them known, shows all. */
  setVisible(ids: string[] | null): void {
    const wanted = this.series.map(({ id }) => ids?.includes(id) ?? true);
    this.#show(wanted.some(Boolean) ? wanted : wanted.map(() => true));
  }

  /** The ids of what is shown, null where that is everything. */
  get visibleIds(): string[] | null {
    if (this.#visible.every(Boolean)) return null;
    return this.series.filter((_, i) => this.#visible[i]).map(({ id }) => id);
  }

  /** Hides or shows [index]. */
  toggle(index: number): void {
    this.#show(this.#visible.map((visible, i) => (i === index ? !visible : visible)));
  }

  /** [listener] gets the index of the interval under the cursor, null where the cursor is elsewhere. */
  onCursor(listener: (index: number | null) => void): void {
    this.#cursorListeners.push(listener);
  }

  onVisible(listener: () => void): void {
    this.#visibleListeners.push(listener);
  }

  /** Draws the cursor at [time] without telling the group. */
  showCursor(time: number | null): void {
    const { min, max } = this.#plot.scales['x'] ?? {};
    const held = time !== null && min != null && max != null && time >= min && time <= max;
    this.#cursor = held && this.#indexOf(time) !== null ? time : null;
    const left = this.#cursor === null ? -10 : this.#plot.valToPos(this.#cursor, 'x');
    this.#plot.setCursor({ left, top: this.#cursor === null ? -10 : 0 }, false);
    this.#tellCursor();
  }

  #setCursor(time: number | null): void {
    this.showCursor(time);
    this.group.moveCursor(time, this);
  }

  #tellCursor(): void {
    const index = this.#cursor === null ? null : this.#indexOf(this.#cursor);
    for (const listener of this.#cursorListeners) listener(index);
  }

  /** The interval that holds [time]: the first that does not end before it. */
  #indexOf(time: number): number | null {
    const first = this.time[0];
    if (first === undefined) return null;
    const index = Math.ceil((time - first - 1) / this.#step);
    return index >= 0 && index < this.time.length ? index : null;
  }

  #show(visible: boolean[]): void {
    this.#visible = visible;
    this.#plot.batch(() => visible.forEach((show, i) => this.#plot.setSeries(i + 1, { show })));
    for (const listener of this.#visibleListeners) listener();
  }

  #onKey(event: KeyboardEvent): void {
    const last = this.time.length - 1;
    const at = this.#cursor === null ? null : this.#indexOf(this.#cursor);
    const stride = event.shiftKey ? Math.round(3600 / this.#step) : 1;
    let next: number;
    if (event.key === 'ArrowLeft') next = (at ?? last + 1) - stride;
    else if (event.key === 'ArrowRight') next = (at ?? last) + stride;
    else if (event.key === 'Home') next = 0;
    else if (event.key === 'End') next = last;
    else if (event.key === 'Escape') {
      this.#setCursor(null);
      this.group.setZoom(null);
      return;
    } else return;
    event.preventDefault();
    const time = this.time[Math.min(last, Math.max(0, next))];
    if (time !== undefined) this.#setCursor(time);
  }

  #create(): uPlot {
    const price = this.options.axis === 'price';
    const stroke = () => cssColor('--muted');
    const lines = { stroke: () => cssColor('--grid'), width: 1 };
    const options: uPlot.Options = {
      width: this.#host.clientWidth || 600,
      height: this.#host.clientHeight || 240,
      padding: [8, 20, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: false, auto: false, min: 0, max: 1 },
        y: price
          ? { distr: 4, asinh: PRICE_LINEAR, range: (_, min, max) => priceRange(min, max) }
          : { range: (_, min, max) => linearRange(min, max) },
      },
      axes: [
        {
          size: AXIS_HEIGHT,
          font: FONT,
          stroke,
          grid: lines,
          ticks: { ...lines, size: 4 },
          splits: (u, _, min, max) => timeTicks(min, max, u.bbox.width / devicePixelRatio),
          values: (_, ticks) => ticks.map(timeLabel),
        },
        {
          size: AXIS_WIDTH,
          font: FONT,
          stroke,
          grid: lines,
          ticks: { show: false },
          filter: (_, ticks) => ticks,
          splits: (u, _, min, max) => {
            const height = u.bbox.height / devicePixelRatio;
            if (!price) return linearTicks(min, max, height);
            return priceTicks(min, max, height, (value) => pricePosition(value, min, max) * height);
          },
          values: (_, ticks) => ticks.map(tick),
        },
      ],
      series: [{}, ...this.series.map((series, i) => this.#seriesOptions(series, i))],
      cursor: {
        y: false,
        points: { size: 7 },
        drag: { x: true, y: false, setScale: false, dist: 4 },
        dataIdx: (u, seriesIndex, closest) => {
          const at = u.cursor.left === undefined ? null : this.#indexOf(u.posToVal(u.cursor.left, 'x'));
          const index = at ?? closest;
          return isNumber(this.values[seriesIndex - 1]?.[index]) ? index : null;
        },
        move: (u, left, top) => {
          const index = left < 0 ? null : this.#indexOf(u.posToVal(left, 'x'));
          const time = index === null ? undefined : this.time[index];
          return [time === undefined ? left : u.valToPos(time, 'x'), top];
        },
        bind: {
          dblclick: () => () => {
            this.group.setZoom(null);
            return null;
          },
        },
      },
      hooks: {
        setCursor: [
          (u) => {
            const left = u.cursor.left ?? -10;
            this.#cursor = left < 0 ? null : u.posToVal(left, 'x');
            this.#tellCursor();
            this.group.moveCursor(this.#cursor, this);
          },
        ],
        setSelect: [
          (u) => {
            const { left, width } = u.select;
            if (width <= 0) return;
            const from = u.posToVal(left, 'x');
            const to = u.posToVal(left + width, 'x');
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            if (to - from >= this.#step) this.group.setZoom([from, to]);
          },
        ],
        draw: [(u) => drawZero(u)],
      },
    };
    return new uPlot(options, [[], ...this.series.map(() => [])], this.#host);
  }

  #seriesOptions(series: ChartSeries, index: number): uPlot.Series {
    const { color, fill } = series;
    return {
      label: series.label,
      stroke: () => cssColor(color),
      width: fill === undefined ? 1.5 : 1,
      ...(fill === undefined ? {} : { fill: () => cssColor(fill) }),
      paths: (u, seriesIndex) => this.#levels(u, seriesIndex, fill !== undefined),
      points: {
        show: false,
        size: 6,
        width: 0,
        stroke: () => cssColor(color),
        fill: () => cssColor(color),
        filter: () => this.#isolated[index] ?? [],
      },
    };
  }

  /** Each value as a level line over its interval, joined to its neighbour's; [fill] down to zero. */
  #levels(u: uPlot, seriesIndex: number, fill: boolean): uPlot.Series.Paths {
    const values = this.values[seriesIndex - 1] ?? [];
    const stroke = new Path2D();
    const area = fill ? new Path2D() : null;
    const x = (time: number) => u.valToPos(time, 'x', true);
    const y = (value: number) => u.valToPos(value, 'y', true);
    const zero = y(0);
    let open = false;
    this.time.forEach((time, i) => {
      const value = values[i];
      if (!isNumber(value)) {
        open = false;
        return;
      }
      const [left, right, top] = [x(time - this.#step), x(time), y(value)];
      if (open) stroke.lineTo(left, top);
      else stroke.moveTo(left, top);
      stroke.lineTo(right, top);
      area?.rect(left, Math.min(top, zero), right - left, Math.abs(top - zero));
      open = true;
    });
    return { stroke, fill: area, clip: null, band: null, gaps: [], flags: 0 };
  }
}

/** Indices of the values that have none on either side. */
function isolated(values: Value[]): number[] {
  return values.flatMap((value, i) =>
    isNumber(value) && !isNumber(values[i - 1]) && !isNumber(values[i + 1]) ? [i] : [],
  );
}

function linearRange(min: number | null, max: number | null): [number, number] {
  const low = Math.min(min ?? 0, 0);
  const high = Math.max(max ?? 0, 0);
  if (low === high) return [0, 1000];
  return [low * 1.08, high * 1.08];
}

function toAxis(price: number): number {
  return Math.asinh(price / PRICE_LINEAR);
}

/** Always from zero to 100 at least, so that a quiet day looks quiet. */
function priceRange(min: number | null, max: number | null): [number, number] {
  const low = toAxis(Math.min(min ?? 0, 0));
  const high = toAxis(Math.max(max ?? 0, 100));
  const pad = (high - low) * 0.05;
  return [Math.sinh(low - pad) * PRICE_LINEAR, Math.sinh(high + pad) * PRICE_LINEAR];
}

/** Where [price] lies between [min], 0, and [max], 1. */
function pricePosition(price: number, min: number, max: number): number {
  return (toAxis(price) - toAxis(min)) / (toAxis(max) - toAxis(min));
}

/** The line of zero, stronger than the grid: which side a value is on matters. */
function drawZero(u: uPlot): void {
  const { min, max } = u.scales['y'] ?? {};
  if (min == null || max == null || min > 0 || max < 0) return;
  const { ctx, bbox } = u;
  const at = Math.round(u.valToPos(0, 'y', true)) + 0.5;
  ctx.save();
  ctx.strokeStyle = cssColor('--zero');
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(bbox.left, at);
  ctx.lineTo(bbox.left + bbox.width, at);
  ctx.stroke();
  ctx.restore();
}
