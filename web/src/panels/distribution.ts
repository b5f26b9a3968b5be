// The duration curve of prices: what price the market was at or above for how much of the time. The axis of time is stretched
// at both ends, and that of price bent, so that an hour at the cap and one below zero are as easy to read as the middle.

import { ChartGroup } from '../chart/group';
import type { Across } from '../chart/chart';
import { tableRows, type RangeMeta, type SeriesAnswer, type TableAnswer } from '../data/api';
import type { Feed } from '../data/feeds';
import { drawRegions } from '../market';
import type { UrlState } from '../shell/state';
import { NONE, isNumber, price, type Value } from '../ui/format';
import type { Panel } from '../ui/panel';
import { createSeriesPanel } from '../ui/series-panel';

/** Where the axis ends: the highest and the lowest price have no place on it otherwise. */
const LEAST = 0.00005;
/** Where two would touch, the one that stands first here is kept. */
const TICKS = [0.5, 0.01, 0.99, 0.0001, 0.9999, 0.1, 0.9, 0.001, 0.999, 0.25, 0.75];
const TICK_PIXELS = 46;
const QUANTILES = [0.01, 0.5, 0.99];

function place(share: number): number {
  const inside = Math.min(1 - LEAST, Math.max(LEAST, share));
  return Math.log(inside / (1 - inside));
}

function shareAt(at: number): number {
  return 1 / (1 + Math.exp(-at));
}

/** "0.01 %": as many digits as it takes. */
function shareText(share: number): string {
  return `${Number((share * 100).toPrecision(share > 0.99 ? 4 : 2))} %`;
}

function ticks(min: number, max: number, width: number): number[] {
  const kept: number[] = [];
  for (const at of TICKS.map(place)) {
    const apart = kept.every((other) => (Math.abs(other - at) / (max - min)) * width >= TICK_PIXELS);
    if (at >= min && at <= max && apart) kept.push(at);
  }
  return kept.sort((a, b) => a - b);
}

const ACROSS: Across = {
  ticks,
  label: (at) => shareText(shareAt(at)),
  heading: (at) => (shareAt(at) <= LEAST * 1.01 ? 'highest' : shareAt(at) >= 1 - LEAST * 1.01 ? 'lowest' : shareText(shareAt(at))),
};

export function createDistribution(feed: Feed<TableAnswer>, state: UrlState): Panel {
  return createSeriesPanel({
    id: 'distribution',
    title: 'Distribution',
    note: 'the price that this much of the time was at or above; both ends of the time stretched',
    feed,
    series: () => feed.answer && toSeries(feed.answer),
    group: new ChartGroup(),
    state,
    axis: 'price',
    across: ACROSS,
    unit: '$/MWh',
    format: price,
    draw: drawRegions,
    columns: QUANTILES.map((share) => ({ title: shareText(share), text: (values) => quantile(feed.answer, values, share) })),
    empty: 'No prices collected yet',
  });
}

function sharesOf(answer: TableAnswer): number[] {
  return [...new Set(tableRows(answer).map((row) => Number(row['share'])))].sort((a, b) => a - b);
}

function quantile(answer: TableAnswer | null, values: Value[], share: number): string {
  const value = answer ? values[sharesOf(answer).indexOf(share)] : null;
  return isNumber(value) ? price(value) : NONE;
}

function toSeries(answer: TableAnswer): SeriesAnswer {
  const rows = tableRows(answer);
  const shares = sharesOf(answer);
  const regions = [...new Set(rows.map((row) => String(row['region'])))];
  const series = regions.map((id) => {
    const own = new Map(rows.filter((row) => row['region'] === id).map((row) => [row['share'], row['price'] as Value]));
    return { id, unit: '$/MWh', values: shares.map((share) => own.get(share) ?? null) };
  });
  return { meta: { ...(answer.meta as RangeMeta), from: place(0), to: place(1) }, data: { time: shares.map(place), series } };
}
