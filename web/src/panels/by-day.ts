// The renewable share of each day over the year, a line a year: how this spring compares with the last ones.

import { ChartGroup } from '../chart/group';
import type { Across } from '../chart/chart';
import { tableRows, type RangeMeta, type SeriesAnswer, type TableAnswer } from '../data/api';
import type { Feed } from '../data/feeds';
import type { UrlState } from '../shell/state';
import { buttons, chosenRegion, picked, type Choice } from '../ui/controls';
import { spreadColumns } from '../chart/legend';
import { isNumber, share, type Value } from '../ui/format';
import type { Panel } from '../ui/panel';
import { createSeriesPanel } from '../ui/series-panel';

const DAYS = 366;
const MEANS: readonly Choice[] = [
  { value: '1', label: 'Each day' },
  { value: '7', label: '7-day mean' },
  { value: '30', label: '30-day mean' },
];
/** The newest year first. */
const COLORS = ['--ink', '--qld1', '--nsw1', '--tas1', '--sa1', '--vic1'];

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** The number in the year of the first of each month, where February has 28 days. */
const FIRSTS = MONTHS.map((_, month) => Math.round((Date.UTC(2025, month) - Date.UTC(2025, 0)) / 86_400_000) + 1);

const ACROSS: Across = {
  ticks: (min, max, width) => FIRSTS.filter((day, i) => day >= min && day <= max && (width > 500 || i % 2 === 0)),
  label: monthOf,
  heading: (day) => `${day - (FIRSTS.filter((first) => first <= day).at(-1) ?? 1) + 1} ${monthOf(day)}`,
};

function monthOf(day: number): string {
  return MONTHS[FIRSTS.filter((first) => first <= day).length - 1] ?? '';
}

/** [which] names the share, as the columns of the answer do. */
export function createByDay(feed: Feed<TableAnswer>, state: UrlState, which: () => string): Panel {
  const panel = createSeriesPanel({
    id: 'by-day',
    title: 'Day by day over the years',
    note: () => `renewable share of ${chosenRegion(state)}, %; after February a leap year is a day ahead`,
    feed,
    series: () => feed.answer && toSeries(feed.answer, chosenRegion(state), which(), Number(picked(state, 'mean', MEANS))),
    group: new ChartGroup(),
    state,
    axis: 'linear',
    across: ACROSS,
    unit: '%',
    format: share,
    draw: ({ data }) => data.series.map(({ id, values }, i) => ({ id, label: id, color: COLORS[i % COLORS.length] ?? '--ink', values })),
    columns: spreadColumns(share, true),
    empty: 'No generation collected yet',
  });
  panel.choose(buttons(state, 'Mean over', 'mean', MEANS));
  return panel;
}

function toSeries(answer: TableAnswer, region: string, which: string, window: number): SeriesAnswer {
  const rows = tableRows(answer).filter((row) => row['region'] === region);
  const years = [...new Set(rows.map((row) => Number(row['year'])))].sort((a, b) => b - a);
  const series = years.map((year) => {
    const values = new Array<Value>(DAYS).fill(null);
    for (const row of rows) if (row['year'] === year) values[Number(row['day_of_year']) - 1] = row[which] as Value;
    return { id: String(year), unit: 'share', values: trailing(values, window) };
  });
  return {
    meta: { ...(answer.meta as RangeMeta), from: 1, to: DAYS },
    data: { time: Array.from({ length: DAYS }, (_, i) => i + 1), series },
  };
}

/** The mean of the [window] days up to each one, of those that are known; none where that day isn't. */
function trailing(values: Value[], window: number): Value[] {
  return values.map((value, i) => {
    if (!isNumber(value)) return null;
    const known = values.slice(Math.max(0, i - window + 1), i + 1).filter(isNumber);
    return known.reduce((sum, each) => sum + each, 0) / known.length;
  });
}
