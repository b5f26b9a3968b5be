// A panel that draws the series of an answer over time, with the table beside it. Which series there are may change from
// answer to answer; the drawing is made anew only then.

import { TimeChart, type Remark, type Across, type ChartSeries } from '../chart/chart';
import type { ChartGroup } from '../chart/group';
import { Legend, type Column } from '../chart/legend';
import type { RangeMeta, SeriesAnswer } from '../data/api';
import type { AnyFeed } from '../data/feeds';
import type { UrlState } from '../shell/state';
import { el } from './dom';
import { isNumber, shareTick, type Value } from './format';
import { Panel, type PanelOptions } from './panel';
import { showSheet } from './data-sheet';
import { hasSources, showSources } from './sources';
import { clock, date, full } from './time';

/** One line or layer: how it looks, and its values. */
export interface Drawn extends ChartSeries, Remark {
  values: Value[];
}

export interface SeriesPanelOptions extends Omit<PanelOptions, 'feeds'> {
  feed: AnyFeed;
  /** The series, where the feed's answer is not them by itself. */
  series?: () => SeriesAnswer | null;
  /** Further feeds whose answers [draw] looks at; the chart's time is that of [feed]. */
  others?: AnyFeed[];
  group: ChartGroup;
  axis: 'linear' | 'fit' | 'price';
  stacked?: boolean;
  /** The horizontal axis, where it is not time. */
  across?: Across;
  unit: string;
  format: (value: Value) => string;
  /** What to draw of an answer, in the order of the legend. */
  draw: (answer: SeriesAnswer) => Drawn[];
  columns: readonly Column[];
  hint?: boolean;
  /** Called with the time that is clicked on, or under the cursor when Enter is pressed. */
  pick?: (time: number) => void;
  /** Keeps which series are shown in the address; a step of it may change what [draw] draws. */
  state?: UrlState;
}

export function createSeriesPanel(options: SeriesPanelOptions): Panel {
  const { feed, others = [], group, across } = options;
  const panel = new Panel({ ...options, feeds: [feed, ...others] });
  const area = el('div', { class: 'chart-area' });
  const side = el('div', { class: 'side' });
  let chart: TimeChart | null = null;
  let legend: Legend | null = null;
  let shape = '';
  let drawnNow: Drawn[] = [];
  panel.body.classList.add('with-side');
  panel.body.append(area, side);
  let size: DOMRectReadOnly | null = null;
  // Known once the page is laid out: to ask for it before would have it laid out twice.
  const sizes = new ResizeObserver(([entry]) => {
    const first = size === null;
    size = entry?.contentRect.width ? entry.contentRect : size;
    if (first) show();
  });
  sizes.observe(area);
  panel.onDestroy(() => {
    sizes.disconnect();
    chart?.destroy();
  });

  const shown = `${options.id}-show`;
  const readShown = () => {
    if (options.state) chart?.setVisible(options.state.list(shown));
  };
  options.state?.onChange(readShown);

  const make = (series: Drawn[], { width, height }: DOMRectReadOnly) => {
    if (chart) group.remove(chart);
    chart?.destroy();
    area.replaceChildren();
    side.replaceChildren();
    const label = `Chart: ${options.title}. Arrow keys move the cursor, Escape leaves it`;
    chart = new TimeChart(area, { label, axis: options.axis, stacked: options.stacked ?? false, series, size: { width, height }, ...(across ? { across } : {}), ...(options.unit === '%' ? { tick: shareTick } : {}) }, group);
    if (options.pick) chart.onPick(options.pick);
    else if (!across) pickSources(chart, feed.name);
    legend = new Legend(side, chart, {
      caption: `${options.title} in ${options.unit}, by series: under the cursor or latest, then ${options.columns.map(({ title }) => title).join(', ')}`,
      unit: options.unit,
      format: options.format,
      columns: options.columns,
      hideEmpty: true,
      ...(across ? { heading: across.heading } : {}),
      hint: options.hint ?? false,
    });
    readShown();
    // Sources are of the interval that the cursor was at last.
    if (!across) chart.onCursor((index) => (panel.interval = index === null ? panel.interval : (chart?.time[index] ?? null)));
    chart.onVisible(() => options.state?.set({ [shown]: chart?.visibleIds ?? null }, 'silent'));
  };

  panel.offer('As a table', () => {
    if (chart) showSheet(options.title, options.unit, chart.time, drawnNow, options.format, options.across?.heading ?? full);
  });
  panel.offerPicture('range', () => (across ? null : group.zoom));

  const show = () => {
    const answer = options.series ? options.series() : (feed.answer as SeriesAnswer | null);
    if (!answer || !size) return;
    const drawn = options.draw(answer);
    drawnNow = drawn;
    const shapeNow = drawn.map(({ id, label, color }) => `${id} ${label} ${color}`).join('\n');
    if (shapeNow !== shape || !chart) make(drawn, size);
    shape = shapeNow;
    const { time } = answer.data;
    // A forecast's answer is of no range: it shows all of it.
    const { from = 2 * (time[0] ?? 0) - (time[1] ?? 0), to = time.at(-1) ?? 1 } = answer.meta as Partial<RangeMeta>;
    const last = lastOf(time, drawn);
    chart?.setData(time, drawn.map(({ values }) => values), [from, to], drawn);
    legend?.update(last);
    if (last !== null) {
      const now = drawn.map(({ label, values }) => `${label} ${options.format(values[time.lastIndexOf(last)])}`);
      chart?.describe(`At ${across ? across.heading(last) : `${clock(last)} ${date(last)}`}: ${now.join(', ')} ${options.unit}`);
    }
  };
  for (const each of [feed, ...others]) panel.onDestroy(each.onAnswer(show));
  // A step that asks anew is drawn once it is answered.
  options.state?.onChange(() => {
    if (!panel.loading) show();
  });
  show();
  return panel;
}

/** What the table shows without a cursor: the last place at which anything is known. */
function lastOf(time: number[], drawn: Drawn[]): number | null {
  let at = time.length - 1;
  while (at > 0 && !drawn.some(({ values }) => isNumber(values[at]))) at--;
  return time[at] ?? null;
}

/** A second click in this time ends a zoom, and asks for nothing. */
const DOUBLE_CLICK_MS = 300;

/** A click on a chart, or Enter, tells the files of the interval. A finger moves the cursor by that: there the menu does it. */
function pickSources(chart: TimeChart, dataset: string): void {
  if (!hasSources(dataset) || !window.matchMedia('(hover: hover)').matches) return;
  let timer = 0;
  chart.onPick((time) => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => showSources([dataset], time), DOUBLE_CLICK_MS);
  });
  chart.onReset(() => window.clearTimeout(timer));
}
