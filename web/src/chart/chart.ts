// Charts over time: a thin layer over uPlot, which draws.
//
// Values stay as they came in [values], for legends and tables; what is drawn of them, lines or the bands of a
// stack, is made in paths.ts and stack.ts.

import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

import { onTheme, cssColor } from '../shell/theme';
import { el } from '../ui/dom';
import { isNumber, tick, type Value } from '../ui/format';
import { linearTicks, priceTicks, timeLabel, timeTicks } from './axis';
import type { ChartGroup, GroupMember, Range } from './group';
import { bandPaths, drawHatch, drawRings, drawZero, indexAtOrAfter, isolated, linePaths } from './paths';
import { PRICE_LINEAR, fitRange, linearRange, pricePosition, priceRange } from './scale';
import { stack, type Layer } from './stack';

export interface ChartSeries {
  id: string;
  label: string;
  /** A CSS variable, such as "--nsw1". */
  color: string;
  /** Fills the area down to zero with this CSS variable. */
  fill?: string;
  /** Of a stacked chart: a line over the stack instead of a layer of it. */
  line?: boolean;
  /** Drawn dashed: a value that is not yet final, or of another period. */
  dashed?: boolean;
}

/** What of a series isn't final. */
export interface Remark {
  /** From this interval on it is an estimate: the layer is hatched. */
  estimatedFrom?: number | null;
  /** By value: whether it may still be revised. Such ones get a ring. */
  marked?: boolean[];
}

/** A horizontal axis that is no course of time: whatever [time] holds then, rising. */
export interface Across {
  /** Values hold for a whole step, as over time, and aren't joined from point to point. */
  levels?: boolean;
  ticks: (min: number, max: number, width: number) => number[];
  /** Of a tick. */
  label: (at: number) => string;
  /** Of the place under the cursor. */
  heading: (at: number) => string;
}

export interface ChartOptions {
  /** What the chart is, for a screen reader. */
  label: string;
  /** `price` is linear near zero and logarithmic beyond, on both sides; `linear` has zero in it, `fit` only what is drawn. */
  axis: 'linear' | 'fit' | 'price';
  /** Series are layers of a stack, negative values below zero. */
  stacked?: boolean;
  across?: Across;
  /** How a value is written beside the axis, where not as it is. */
  tick?: (value: number) => string;
  series: ChartSeries[];
  /** Of the place that it is put into. */
  size: { width: number; height: number };
}

/** A pointer that moved further than this has dragged. */
const CLICK_PIXELS = 4;
const AXIS_WIDTH = 64;
const AXIS_HEIGHT = 26;
const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

export class TimeChart implements GroupMember {
  readonly series: ChartSeries[];
  time: number[] = [];
  values: Value[][] = [];

  #plot: uPlot;
  /** Puts the plot on the page, with its first data: earlier it would only be drawn empty, and then again. */
  #begin: (() => void) | null = null;
  #host: HTMLElement;
  #step = 300;
  #range: Range = [0, 1];
  #cursor: number | null = null;
  #isolated: number[][] = [];
  #layers: Layer[] = [];
  #remarks: Remark[] = [];
  #visible: boolean[];
  #stopTheme: () => void;
  #resize = new ResizeObserver(() => {
    const { clientWidth: width, clientHeight: height } = this.#host;
    const changed = width !== this.#plot.width || height !== this.#plot.height;
    if (width > 0 && height > 0 && changed) this.#plot.setSize({ width, height });
  });
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
    this.#host.addEventListener('wheel', (event) => this.#pan(event), { passive: false });
    this.#resize.observe(this.#host);
    this.#stopTheme = onTheme(() => this.#plot.redraw(false, true));
  }

  /** Says what the drawing shows to who can't see it. */
  describe(text: string): void {
    this.#host.setAttribute('aria-label', `${this.options.label}. ${text}`);
  }

  /**
   * [values] holds one list for each series; [range] is what the chart shows when it is not zoomed. [remarks] say of each
   * series what of it isn't final.
   */
  setData(time: number[], values: Value[][], range: Range, remarks: Remark[] = []): void {
    const [first, second] = time;
    this.#remarks = remarks;
    this.time = time;
    this.values = values;
    this.#range = range;
    this.#step = first !== undefined && second !== undefined ? second - first : 300;
    this.#isolated = values.map(isolated);
    this.#plot.batch(() => {
      this.#begin?.();
      this.#setShape();
      this.applyRange();
    });
    if (this.#cursor === null) this.#tellCursor();
    else this.showCursor(this.#cursor);
  }

  /** Hands uPlot what decides the vertical range: the values, or the edges of the stack's layers. */
  #setShape(): void {
    const { time, values } = this;
    if (this.options.stacked) {
      const piled = this.series.map(({ line }, i) => !line && this.isVisible(i));
      this.#layers = stack(values, piled, time.length);
    }
    const shapes = values.map((list, i) => (this.#isLayer(i) ? (this.#layers[i]?.to ?? []) : list));
    this.#plot.setData([time, ...shapes] as uPlot.AlignedData, false);
  }

  #isLayer(index: number): boolean {
    return this.options.stacked === true && !this.series[index]?.line;
  }

  /** Ends it: the page that held it is gone. */
  destroy(): void {
    this.#resize.disconnect();
    this.#stopTheme();
    this.#plot.destroy();
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

  /** [listener] gets the time that is clicked on, or chosen with Enter. A drag is no click. */
  onPick(listener: (time: number) => void): void {
    let down = 0;
    const take = () => {
      if (this.#cursor !== null) listener(this.#cursor);
    };
    this.#host.classList.add('picks');
    this.#host.addEventListener('pointerdown', (event) => (down = event.clientX));
    this.#host.addEventListener('click', (event) => {
      if (Math.abs(event.clientX - down) < CLICK_PIXELS) take();
    });
    this.#host.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') take();
    });
  }

  /** Calls [listener] after a double click. */
  onReset(listener: () => void): void {
    this.#host.addEventListener('dblclick', listener);
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
    const index = indexAtOrAfter(this.time, time - 1);
    const first = this.time[0] ?? 0;
    return index < this.time.length && time > first - this.#step ? index : null;
  }

  #show(visible: boolean[]): void {
    if (visible.every((show, i) => show === this.#visible[i])) return;
    this.#visible = visible;
    if (!this.#begin) {
      this.#plot.batch(() => {
        this.#showSeries();
        if (this.options.stacked && this.time.length) {
          this.#setShape();
          this.applyRange();
        }
      });
    }
    for (const listener of this.#visibleListeners) listener();
  }

  #showSeries(): void {
    this.#visible.forEach((show, i) => this.#plot.setSeries(i + 1, { show }));
  }

  /** A wheel that is turned sideways, or with shift, moves the zoom, as far as there is something to see. */
  #pan(event: WheelEvent): void {
    const { zoom } = this.group;
    const pixels = event.deltaX || (event.shiftKey ? event.deltaY : 0);
    if (!zoom || !pixels) return;
    event.preventDefault();
    const [from, to] = this.#range;
    const by = (pixels / this.#plot.over.clientWidth) * (zoom[1] - zoom[0]);
    const held = Math.max(from - zoom[0], Math.min(to - zoom[1], by));
    if (held) this.group.setZoom([zoom[0] + held, zoom[1] + held]);
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
    const { across } = this.options;
    const stroke = () => cssColor('--muted');
    const lines = { stroke: () => cssColor('--grid'), width: 1 };
    const options: uPlot.Options = {
      ...this.options.size,
      padding: [8, 20, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: false, auto: false, min: 0, max: 1 },
        y: price
          ? { distr: 4, asinh: PRICE_LINEAR, range: (_, min, max) => priceRange(min, max) }
          : { range: (_, min, max) => (this.options.axis === 'fit' ? fitRange(min, max) : linearRange(min, max)) },
      },
      axes: [
        {
          size: AXIS_HEIGHT,
          font: FONT,
          stroke,
          grid: lines,
          ticks: { ...lines, size: 4 },
          splits: (u, _, min, max) => (across?.ticks ?? timeTicks)(min, max, u.bbox.width / devicePixelRatio),
          values: (u, ticks) => {
            if (across) return ticks.map(across.label);
            const { min, max } = u.scales['x'] ?? {};
            return ticks.map((time) => timeLabel(time, (max ?? 0) - (min ?? 0)));
          },
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
          values: (_, ticks) => ticks.map(this.options.tick ?? tick),
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
        draw: [
          (u) => {
            drawZero(u, cssColor('--zero'));
            this.#drawRemarks(u);
          },
        ],
      },
    };
    return new uPlot(options, [[], ...this.series.map(() => [])], (plot, begin) => {
      this.#begin = () => {
        this.#begin = null;
        this.#host.append(plot.root);
        begin();
        if (!this.#visible.every(Boolean)) this.#showSeries();
      };
    });
  }

  #drawRemarks(u: uPlot): void {
    this.#remarks.forEach(({ estimatedFrom, marked }, i) => {
      if (!this.isVisible(i)) return;
      const layer = this.#layers[i];
      if (estimatedFrom != null && layer && this.#isLayer(i)) drawHatch(u, this.time, layer, this.#step, estimatedFrom, cssColor('--paper'));
      if (marked) drawRings(u, this.time, this.values[i] ?? [], marked, cssColor(this.series[i]?.color ?? '--ink'), cssColor('--paper'));
    });
  }

  #seriesOptions(series: ChartSeries, index: number): uPlot.Series {
    const { color, fill, dashed } = series;
    const layer = this.#isLayer(index);
    const filling = layer ? color : fill;
    return {
      label: series.label,
      stroke: () => cssColor(layer ? '--paper' : color),
      width: layer ? 0.5 : fill === undefined ? 1.5 : 1,
      ...(dashed ? { dash: [5, 4] } : {}),
      ...(filling === undefined ? {} : { fill: () => cssColor(filling) }),
      paths: (u) => {
        const drawn = this.#layers[index];
        if (layer && drawn) return bandPaths(u, this.time, drawn, this.#step);
        return linePaths(u, this.time, this.values[index] ?? [], this.#step, { toZero: fill !== undefined, joined: this.options.across !== undefined && !this.options.across.levels });
      },
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
}
