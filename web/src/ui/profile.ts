// A day's shape: a table with a row for each time of day and key, drawn as lines from 00:00 to 24:00.

import { ChartGroup } from '../chart/group';
import { spreadColumns } from '../chart/legend';
import { tableRows, type RangeMeta, type SeriesAnswer, type TableAnswer } from '../data/api';
import type { Feed } from '../data/feeds';
import { groupColor, groupLabel } from '../fuels';
import { REGIONS, regionColor, type Region } from '../market';
import type { Value } from './format';
import type { Panel } from './panel';
import { createSeriesPanel, type Drawn } from './series-panel';
import { DAY, fromIso } from './time';

export interface ProfileOptions {
  id: string;
  title: string;
  note: string;
  feed: Feed<TableAnswer>;
  /** The column that tells the lines apart, "region" or "fuel". */
  key: 'region' | 'fuel';
  /** The column that is drawn. */
  value: string;
  unit: string;
  axis: 'linear' | 'price';
  stacked?: boolean;
  format: (value: Value) => string;
  empty: string;
}

/** Any day will do: only its times of day are shown. */
const A_DAY = fromIso('2001-01-01T00:00:00') ?? 0;

export function profileSeries(options: ProfileOptions): Panel {
  const { feed, key, value } = options;
  return createSeriesPanel({
    ...options,
    series: () => feed.answer && toSeries(feed.answer, key, value),
    group: new ChartGroup(),
    draw: ({ data }) => data.series.map(({ id, values }) => line(key, id, values)),
    columns: spreadColumns(options.format, true),
  });
}

function line(key: 'region' | 'fuel', id: string, values: Value[]): Drawn {
  if (key === 'fuel') return { id, label: groupLabel(id), color: groupColor(id), values };
  const known = (REGIONS as readonly string[]).includes(id);
  return { id, label: id, color: known ? regionColor(id as Region) : '--ink', values };
}

function toSeries(answer: TableAnswer, key: string, value: string): SeriesAnswer {
  const times = new Map<string, number>();
  const lines = new Map<string, Value[]>();
  const rows = tableRows(answer);
  for (const row of rows) {
    const text = String(row['time_of_day']);
    if (!times.has(text)) times.set(text, times.size);
  }
  for (const row of rows) {
    const id = String(row[key]);
    const values = lines.get(id) ?? new Array<Value>(times.size).fill(null);
    values[times.get(String(row['time_of_day'])) ?? 0] = row[value] as Value;
    lines.set(id, values);
  }
  const step = DAY / Math.max(1, times.size);
  const unit = answer.data.columns.find(({ name }) => name === value)?.unit ?? '';
  return {
    meta: { ...(answer.meta as RangeMeta), from: A_DAY, to: A_DAY + DAY },
    data: {
      time: [...times.values()].map((i) => A_DAY + (i + 1) * step),
      series: [...lines].map(([id, values]) => ({ id, unit, values })),
    },
  };
}
