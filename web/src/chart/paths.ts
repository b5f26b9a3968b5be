// The lines and areas of a chart. A value is drawn over the whole interval that it belongs to, (t − step, t], as
// a level line joined to its neighbour's; where intervals are narrower than a pixel or two, from point to point.

import type uPlot from 'uplot';

import { isNumber, type Value } from '../ui/format';
import type { Layer } from './stack';

/** uPlot's number for the scale of prices. */
const ASINH = 4;

/** Below this many pixels an interval's level can't be seen any more. */
const LEVEL_PIXELS = 2;

interface Place {
  x: (time: number) => number;
  y: (value: number) => number;
  levels: boolean;
}

function placeOf(u: uPlot, step: number): Place {
  const exact = linear(u, 'x');
  const width = exact(step) - exact(0);
  return {
    // Several corners within a pixel take a browser many times as long, and look the same.
    x: width < 1 ? (time) => Math.round(exact(time)) : exact,
    y: u.scales['y']?.distr === ASINH ? (value) => u.valToPos(value, 'y', true) : linear(u, 'y'),
    levels: width >= LEVEL_PIXELS * devicePixelRatio,
  };
}

/** What valToPos does for each of thousands of points, from two of them. */
function linear(u: uPlot, scale: 'x' | 'y'): (value: number) => number {
  const { min, max } = u.scales[scale] ?? {};
  const [low, high] = [min ?? 0, max ?? 1];
  const start = u.valToPos(low, scale, true);
  const slope = (u.valToPos(high, scale, true) - start) / (high - low);
  return (value) => start + (value - low) * slope;
}

/** The first of [time], which ascends, that is not before [at]; its length where all are. */
export function indexAtOrAfter(time: number[], at: number): number {
  let [low, high] = [0, time.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((time[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where interval [i] begins: where the one before it ends. Months differ in length. */
function begin(time: number[], i: number, step: number): number {
  return time[i - 1] ?? (time[0] ?? 0) - step;
}

/** [first, last] of the intervals that the plot shows, with one more on each side. */
function visible(u: uPlot, time: number[]): [number, number] {
  const { min, max } = u.scales['x'] ?? {};
  if (min == null || max == null) return [0, -1];
  return [Math.max(0, indexAtOrAfter(time, min) - 1), Math.min(time.length - 1, indexAtOrAfter(time, max) + 1)];
}

function paths(stroke: Path2D, fill: Path2D | null): uPlot.Series.Paths {
  return { stroke, fill, clip: null, band: null, gaps: [], flags: 0 };
}

/** A line; with [toZero] also the area between it and zero; [joined] from point to point, however far they are apart. */
export function linePaths(
  u: uPlot,
  time: number[],
  values: Value[],
  step: number,
  { toZero, joined }: { toZero: boolean; joined: boolean },
): uPlot.Series.Paths {
  const stroke = new Path2D();
  const area = toZero ? new Path2D() : null;
  const { x, y, levels: wide } = placeOf(u, step);
  const levels = wide && !joined;
  const zero = y(0);
  const [first, last] = visible(u, time);
  let open = false;
  for (let i = first; i <= last; i++) {
    const value = values[i];
    if (!isNumber(value)) {
      open = false;
      continue;
    }
    const [left, right, top] = [x(begin(time, i, step)), x(time[i] ?? 0), y(value)];
    if (!open) stroke.moveTo(joined ? right : left, top);
    else if (levels) stroke.lineTo(left, top);
    stroke.lineTo(right, top);
    area?.rect(left, Math.min(top, zero), right - left, Math.abs(top - zero));
    open = true;
  }
  return paths(stroke, area);
}

/** The band of a stacked layer from interval [since] on, and the line along its outer edge. */
export function bandPaths(u: uPlot, time: number[], layer: Layer, step: number, since = 0): uPlot.Series.Paths {
  const stroke = new Path2D();
  const area = new Path2D();
  const place = placeOf(u, step);
  const [first, last] = visible(u, time);
  for (let i = Math.max(first, since); i <= last; ) {
    if (!isNumber(layer.to[i])) {
      i++;
      continue;
    }
    let end = i;
    while (end < last && isNumber(layer.to[end + 1]) && layer.below[end + 1] === layer.below[i]) end++;
    edge(stroke, place, time, layer.to, step, i, end, true);
    edge(area, place, time, layer.to, step, i, end, true);
    edge(area, place, time, layer.from, step, end, i, false);
    area.closePath();
    i = end + 1;
  }
  return paths(stroke, area);
}

/** One edge from interval [first] to [last], either way; [begins] a new outline. */
function edge(path: Path2D, place: Place, time: number[], values: Value[], step: number, first: number, last: number, begins: boolean): void {
  const { x, y, levels } = place;
  const way = first <= last ? 1 : -1;
  for (let i = first; i !== last + way; i += way) {
    const height = y(values[i] ?? 0);
    const [start, end] = [x(begin(time, i, step)), x(time[i] ?? 0)];
    const [near, far] = way > 0 ? [start, end] : [end, start];
    if (begins && i === first) path.moveTo(near, height);
    else if (levels || i === first) path.lineTo(near, height);
    path.lineTo(far, height);
  }
}

/** Indices of the values that have none on either side: a line three pixels long, so they also get a dot. */
export function isolated(values: Value[]): number[] {
  return values.flatMap((value, i) =>
    isNumber(value) && !isNumber(values[i - 1]) && !isNumber(values[i + 1]) ? [i] : [],
  );
}

/** The line of zero, stronger than the grid: which side a value is on matters. */
export function drawZero(u: uPlot, color: string): void {
  const { min, max } = u.scales['y'] ?? {};
  if (min == null || max == null || min > 0 || max < 0) return;
  const { ctx, bbox } = u;
  const at = Math.round(u.valToPos(0, 'y', true)) + 0.5;
  ctx.save();
  ctx.strokeStyle = color;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(bbox.left, at);
  ctx.lineTo(bbox.left + bbox.width, at);
  ctx.stroke();
  ctx.restore();
}

/** Lines across what [layer] has from the interval [since] on: an estimate. */
export function drawHatch(u: uPlot, time: number[], layer: Layer, step: number, since: number, color: string): void {
  const from = indexAtOrAfter(time, since);
  if (from >= time.length) return;
  const { ctx, bbox } = u;
  const left = Math.max(bbox.left, u.valToPos((time[from] ?? since) - step, 'x', true));
  const right = Math.min(bbox.left + bbox.width, u.valToPos(time[time.length - 1] ?? since, 'x', true));
  const band = bandPaths(u, time, layer, step, from).fill;
  if (!(band instanceof Path2D) || right <= left) return;
  const gap = 6 * devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, bbox.top, right - left, bbox.height);
  ctx.clip();
  ctx.clip(band);
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.beginPath();
  for (let x = left - bbox.height; x < right; x += gap) {
    ctx.moveTo(x, bbox.top + bbox.height);
    ctx.lineTo(x + bbox.height, bbox.top);
  }
  ctx.stroke();
  ctx.restore();
}

/** A ring around each value that is marked; a few hundred at most can be told apart, more are not drawn. */
export function drawRings(u: uPlot, time: number[], values: Value[], marked: boolean[], color: string, paper: string): void {
  const [first, last] = visible(u, time);
  const { ctx } = u;
  ctx.save();
  ctx.strokeStyle = color;
  ctx.fillStyle = paper;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  let drawn = 0;
  for (let i = last; i >= first && drawn < MOST_RINGS; i--) {
    const value = values[i];
    if (!marked[i] || !isNumber(value)) continue;
    ctx.beginPath();
    ctx.arc(u.valToPos(time[i] ?? 0, 'x', true), u.valToPos(value, 'y', true), 3 * devicePixelRatio, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
    drawn++;
  }
  ctx.restore();
}

const MOST_RINGS = 300;
