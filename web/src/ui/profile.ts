// A day's shape: a table with a row for each time of day and key, drawn as lines from 00:00 to 24:00.

import { timeTicks } from '../chart/axis';
import type { Across } from '../chart/chart';
import { ChartGroup } from '../chart/group';
import { spreadColumns } from '../chart/legend';
import { tableRows, type RangeMeta, type Series, type SeriesAnswer, type TableAnswer } from '../data/api';
import type { Feed } from '../data/feeds';
import { groupColor, groupLabel } from '../fuels';
import { REGIONS, regionColor, type Region } from '../market';
import { isNumber, type Value } from './format';
import type { Panel } from './panel';
import { createSeriesPanel, type Drawn } from './series-panel';
import { DAY, clock, floorTo, fromIso } from './time';

export interface ProfileOptions {
  id: string;
  title: string;
  note: string;
  feed: Feed<TableAnswer>;
  /** The column that tells the lines apart, "region" or "fuel". */
  key: 'region' | 'fuel';
  /** The columns that are drawn, each a measure of its own. */
  values: readonly string[];
  /** Instead of a line for each key. */
  draw?: (answer: SeriesAnswer) => Drawn[];
  unit: string;
  axis: 'linear' | 'price';
  stacked?: boolean;
  format: (value: Value) => string;
  empty: string;
}

/** From 00:00 to 24:00, of no day in particular. */
export const TIME_OF_DAY: Across = {
  levels: true,
  ticks: timeTicks,
  label: (at) => (at === A_DAY + DAY ? '24:00' : clock(at)),
  heading: (at) => (at === A_DAY + DAY ? '24:00' : clock(at)),
};

/** Any day will do: only its times of day are shown. */
const A_DAY = fromIso('2001-01-01T00:00:00') ?? 0;

export function profileSeries(options: ProfileOptions): Panel {
  const { feed, key, values, draw } = options;
  return createSeriesPanel({
    ...options,
    series: () => feed.answer && toSeries(feed.answer, key, values),
    group: new ChartGroup(),
    across: TIME_OF_DAY,
    draw: draw ?? (({ data }) => data.series.map((series) => line(key, series.id, series.values))),
    columns: spreadColumns(options.format, true),
  });
}

function line(key: 'region' | 'fuel', id: string, values: Value[]): Drawn {
  if (key === 'fuel') return { id, label: groupLabel(id), color: groupColor(id), values };
  const known = (REGIONS as readonly string[]).includes(id);
  return { id, label: id, color: known ? regionColor(id as Region) : '--ink', values };
}

function toSeries(answer: TableAnswer, key: string, measures: readonly string[]): SeriesAnswer {
  const rows = tableRows(answer);
  const times = [...new Set(rows.map((row) => String(row['time_of_day'])))];
  const ids = [...new Set(rows.map((row) => String(row[key])))];
  const place = new Map(times.map((text, i) => [text, i]));
  const series = ids.flatMap((id) =>
    measures.map((measure) => {
      const values = new Array<Value>(times.length).fill(null);
      for (const row of rows) if (row[key] === id) values[place.get(String(row['time_of_day'])) ?? 0] = row[measure] as Value;
      return { id, measure, unit: answer.data.columns.find(({ name }) => name === measure)?.unit ?? '', values };
    }),
  );
  return dayAnswer(answer.meta as RangeMeta, times.length, series);
}

/** [steps] of a day as an answer. */
function dayAnswer(meta: RangeMeta, steps: number, series: Series[]): SeriesAnswer {
  const step = DAY / Math.max(1, steps);
  return {
    meta: { ...meta, from: A_DAY, to: A_DAY + DAY },
    data: { time: Array.from({ length: steps }, (_, i) => A_DAY + (i + 1) * step), series },
  };
}

/** The mean day of [answer], whose steps divide a day. */
export function meanDay(answer: SeriesAnswer): SeriesAnswer {
  const { time, series } = answer.data;
  const step = (time[1] ?? 0) - (time[0] ?? 0) || DAY;
  const steps = Math.round(DAY / step);
  const folded = series.map((each) => {
    const sums = new Array<number>(steps).fill(0);
    const counts = new Array<number>(steps).fill(0);
    each.values.forEach((value, i) => {
      if (!isNumber(value)) return;
      const at = slotOf(time[i] ?? 0, step);
      sums[at] = (sums[at] ?? 0) + value;
      counts[at] = (counts[at] ?? 0) + 1;
    });
    return { ...each, values: sums.map((sum, i) => (counts[i] ? sum / (counts[i] ?? 1) : null)) };
  });
  return dayAnswer(answer.meta, steps, folded);
}

/** Each day of [answer] by itself, the newest first: [name] says what a day is called. */
export function eachDay(answer: SeriesAnswer, values: Value[], name: (day: number, newest: number) => string | null): SeriesAnswer {
  const { time } = answer.data;
  const step = (time[1] ?? 0) - (time[0] ?? 0) || DAY;
  const steps = Math.round(DAY / step);
  const days = new Map<number, Value[]>();
  time.forEach((at, i) => {
    const day = floorTo(at - 1, DAY);
    const own = days.get(day) ?? new Array<Value>(steps).fill(null);
    own[slotOf(at, step)] = values[i];
    days.set(day, own);
  });
  const newest = Math.max(...days.keys());
  const series = [...days]
    .sort(([a], [b]) => b - a)
    .flatMap(([day, own]) => {
      const id = name(day, newest);
      return id === null ? [] : [{ id, unit: '', values: own }];
    });
  return dayAnswer(answer.meta, steps, series);
}

/** The step of its day that the interval ending at [at] is. */
function slotOf(at: number, step: number): number {
  return Math.ceil((at - floorTo(at - 1, DAY)) / step) - 1;
}
