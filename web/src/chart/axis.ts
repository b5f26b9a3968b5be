// Ticks. uPlot's own depend on the browser's zone and know nothing of prices.

import { DAY, HOUR, MINUTE, ceilTo, clock, dayMonth, isMidnight, monthNumber, monthStart, monthYear } from '../ui/time';

const TIME_STEPS = [5, 10, 15, 30]
  .map((n) => n * MINUTE)
  .concat(
    [1, 2, 3, 6, 12].map((n) => n * HOUR),
    [1, 2, 7].map((n) => n * DAY),
  );
const MONTH_STEPS = [1, 3, 6, 12, 24, 60];
const MONTH = 30.44 * DAY;
const TIME_SPACE = 58;

/** Times between [min] and [max], on round AEST clock times or first days of months, for an axis [width] pixels wide. */
export function timeTicks(min: number, max: number, width: number): number[] {
  const most = Math.max(1, width / TIME_SPACE);
  const step = TIME_STEPS.find((candidate) => (max - min) / candidate <= most);
  if (step === undefined) return monthTicks(min, max, most);
  const ticks: number[] = [];
  for (let at = ceilTo(min, step); at <= max; at += step) ticks.push(at);
  return ticks;
}

function monthTicks(min: number, max: number, most: number): number[] {
  const step = MONTH_STEPS.find((months) => (max - min) / (months * MONTH) <= most) ?? 120;
  const ticks: number[] = [];
  let month = Math.ceil(monthNumber(min) / step) * step;
  for (let at = monthStart(month); at <= max; at = monthStart(month)) {
    if (at >= min) ticks.push(at);
    month += step;
  }
  return ticks;
}

/** [span] is that of the axis: over a few days a time of day says something, over years only the month does. */
export function timeLabel(time: number, span: number): string {
  if (!isMidnight(time)) return clock(time);
  return span > 120 * DAY ? monthYear(time) : dayMonth(time);
}

/** Round numbers from [min] to [max], about [space] pixels apart or more on an axis [height] pixels high. */
export function linearTicks(min: number, max: number, height: number, space = 32): number[] {
  const rough = ((max - min) * space) / Math.max(height, space);
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = magnitude * ([1, 2, 5].find((n) => n * magnitude >= rough) ?? 10);
  const ticks: number[] = [];
  for (let n = Math.ceil(min / step); n * step <= max; n++) ticks.push(n * step);
  return ticks;
}

// Zero first, then what the market counts in: the most important tick wins where two would touch.
const PRICE_TICKS = [0, 1000, -1000, 100, -100, 10000, 300, 50, -50, 3000, -300, 17500, 20, -20, 150, 200, 500, 100_000, 1_000_000, 300_000, 30_000];
const PRICE_SPACE = 17;

/** Ticks of the asinh price axis: [position] gives the pixel of a price. */
export function priceTicks(min: number, max: number, height: number, position: (price: number) => number): number[] {
  if (max - min < 400) return linearTicks(min, max, height);
  const kept: number[] = [];
  for (const candidate of PRICE_TICKS) {
    if (candidate < min || candidate > max) continue;
    const at = position(candidate);
    if (kept.every((other) => Math.abs(position(other) - at) >= PRICE_SPACE)) kept.push(candidate);
  }
  return kept.sort((a, b) => a - b);
}
