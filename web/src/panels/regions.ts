// One tile a region, and one for the NEM: the price, what it did in the last interval and over the day, what is expected of
// it, demand, and how much is renewable.

import { findSeries, tableRows, valueAt, type SeriesAnswer, type TableAnswer, type TableRow } from '../data/api';
import { el, hidden, setText, setValue } from '../ui/dom';
import type { Feed } from '../data/feeds';
import { NONE, dollars, isNumber, megawatts, percent, price, priceSize, type Value } from '../ui/format';
import { spread } from '../chart/legend';
import { REGIONS, priceBand, regionColor, type Region } from '../market';
import { Panel } from '../ui/panel';
import { Spark } from '../chart/spark';
import { HOUR, MINUTE, clock, date } from '../ui/time';

/** The same bend as the price chart's axis. */
const bend = (value: number) => Math.asinh(value / 50);

const SOON = 30 * MINUTE;
const AHEAD = 6 * HOUR;

/** Of the whole market: its price is the regions', weighted by demand. */
const NEM = 'NEM';
type Area = Region | typeof NEM;

export interface RegionFeeds {
  /** With the weighted price of the NEM, and which prices aren't firm. */
  prices: Feed;
  demand: Feed;
  /** With what the run before said. */
  forecast: Feed;
  gauges: Feed<TableAnswer>;
}

export function createRegions({ prices, demand, forecast, gauges }: RegionFeeds): Panel {
  const panel = new Panel({
    id: 'regions',
    title: 'Regions',
    note: 'dispatch price, what is expected, and the change since the run before',
    feeds: [prices, forecast, demand],
    empty: 'No prices collected yet',
  });
  const tiles = [...REGIONS, NEM].map((area) => new Tile(area as Area));
  panel.body.append(el('ul', { class: 'tiles' }, ...tiles.map((tile) => tile.root)));
  panel.offerPicture();
  const showForecast = () => tiles.forEach((tile) => tile.showForecast(forecast, prices));
  prices.onAnswer(() => tiles.forEach((tile) => tile.showPrice(prices)));
  // What is ahead begins where the prices end.
  for (const feed of [prices, forecast]) feed.onAnswer(showForecast);
  // Both say whether the demand is of the price's interval.
  for (const feed of [prices, demand]) feed.onAnswer(() => tiles.forEach((tile) => tile.showDemand(demand, prices)));
  gauges.onAnswer(() => tiles.forEach((tile) => tile.showShare(gauges)));
  return panel;
}

class Tile {
  readonly root: HTMLElement;
  #price = el('span', { class: 'price' }, NONE);
  #mark = el('span', { class: 'mark' });
  #firm = el('span', { class: 'not-firm' });
  #change = el('span', { class: 'change' }, NONE);
  #soon = new Expectation('in 30 min', 'The price expected in half an hour');
  #ahead = new Expectation('peak', 'The highest price expected in the next six hours');
  #day = el('span', { class: 'day' }, NONE);
  #demand = el('span', { class: 'mw' }, NONE);
  #demandTime = el('span', { class: 'demand-time' });
  #share = el('span', { class: 'mw' }, NONE);
  #spark: Spark;
  #past: Value[] = [];

  constructor(readonly area: Area) {
    const color = area === NEM ? '--ink' : regionColor(area);
    this.#spark = new Spark({ color, scale: bend });
    this.#price.dataset['testid'] = `price-${area}`;
    this.#demand.dataset['testid'] = `demand-${area}`;
    this.#share.dataset['testid'] = `share-${area}`;
    this.#soon.root.dataset['testid'] = `soon-${area}`;
    this.#ahead.root.dataset['testid'] = `ahead-${area}`;
    const swatch = el('span', { class: 'swatch', 'aria-hidden': 'true' });
    swatch.style.background = `var(${color})`;
    const expected =
      area === NEM
        ? [el('div', { class: 'tile-line' }, 'weighted by target demand'), el('div', { class: 'tile-line' }, 'the sum of five regions')]
        : [this.#soon.root, this.#ahead.root];
    this.root = el(
      'li',
      { class: 'tile', 'data-band': 'normal' },
      el('div', { class: 'tile-line tile-head' }, el('h3', {}, swatch, area), this.#firm, this.#mark),
      el('div', { class: 'tile-price' }, this.#price, el('span', { class: 'per' }, '/MWh'), this.#change),
      this.#spark.root,
      el('div', { class: 'tile-line' }, el('span', {}, '24 h '), this.#day),
      ...expected,
      el('div', { class: 'tile-line' }, el('span', {}, 'target demand'), this.#demandTime, this.#demand),
      el('div', { class: 'tile-line' }, el('span', {}, 'renewable'), this.#share),
    );
  }

  showPrice(feed: Feed): void {
    const { answer } = feed;
    if (!answer) return this.#show(null, null, []);
    const series = findSeries(answer, this.area);
    const { latest } = answer.meta;
    const step = (feed.dataset?.step_minutes ?? 5) * MINUTE;
    this.#show(
      valueAt(answer, series, latest),
      valueAt(answer, series, latest === null ? null : latest - step),
      series?.values ?? [],
    );
    const notFirm = valueAt(answer, findSeries(answer, this.area, 'not_firm'), latest);
    setText(this.#firm, isNumber(notFirm) && notFirm > 0 ? 'not firm' : '');
    this.#firm.title = 'This price is under review and may be revised';
  }

  #show(value: Value, before: Value, day: Value[]): void {
    const band = priceBand(value);
    this.root.dataset['band'] = band.name;
    setText(this.#mark, band.mark);
    setValue(this.#price, dollars(value));
    this.#price.dataset['value'] = isNumber(value) ? String(value) : '';
    showChange(this.#change, isNumber(value) && isNumber(before) ? value - before : null, 'Change from the interval before');
    setText(this.#day, spread(day, price));
    this.#past = day;
    this.#spark.set(day);
  }

  /** What P5MIN expects in half an hour, and the highest that is expected in the next hours. */
  showForecast(feed: Feed, prices: Feed): void {
    const { answer } = feed;
    const latest = prices.answer?.meta.latest ?? null;
    if (!answer || latest === null || this.area === NEM) return;
    const ahead = readAhead(answer, this.area, latest);
    this.#soon.show(ahead.find(({ time }) => time === latest + SOON) ?? null);
    const highest = ahead.reduce<Point | null>((best, each) => (best === null || each.value > best.value ? each : best), null);
    this.#ahead.show(highest, highest ? `peak ${clock(highest.time)}` : undefined);
    this.#spark.set(this.#past, ahead.map(({ value }) => value));
  }

  showShare(feed: Feed<TableAnswer>): void {
    const row = feed.answer && tableRows(feed.answer).find((each) => isShareOf(each, this.area));
    const value = row ? (row['value'] as Value) : null;
    setValue(this.#share, `${percent(value)}${row?.['provisional'] ? ' est.' : ''}`);
    this.#share.title = row?.['provisional'] ? 'With an estimate of rooftop' : '';
    this.#share.dataset['value'] = isNumber(value) ? String(value) : '';
  }

  showDemand(feed: Feed, prices: Feed): void {
    const { answer } = feed;
    const latest = answer?.meta.latest ?? null;
    const values = answer && areas(this.area).map((region) => valueAt(answer, findSeries(answer, region, 'target'), latest));
    const value = values?.every(isNumber) ? values.reduce((sum, each) => sum + each, 0) : null;
    setValue(this.#demand, isNumber(value) ? `${megawatts(value)} MW` : NONE);
    this.#demand.dataset['value'] = isNumber(value) ? String(value) : '';
    const priced = prices.answer?.meta.latest ?? null;
    const differs = latest !== null && priced !== null && latest !== priced;
    const otherDay = differs && date(latest) !== date(priced);
    setText(this.#demandTime, differs ? `at ${clock(latest)}${otherDay ? ` ${date(latest)}` : ''}` : '');
  }
}

function areas(area: Area): readonly Region[] {
  return area === NEM ? REGIONS : [area];
}

function isShareOf(row: TableRow, area: string): boolean {
  return row['region'] === area && row['measure'] === 'share_generation';
}

/** A price ahead, and what the run before said of it. */
interface Point {
  time: number;
  value: number;
  before: Value;
}

function readAhead(answer: SeriesAnswer, region: string, latest: number): Point[] {
  const now = answer.data.series.find(({ id, measure }) => id === region && measure === undefined);
  const before = findSeries(answer, region, 'before');
  return answer.data.time.flatMap((time, i) => {
    const value = now?.values[i];
    return time > latest && time <= latest + AHEAD && isNumber(value) ? [{ time, value, before: before?.values[i] }] : [];
  });
}

/** A line of a tile: "in 30 min $88.10 ▲ 4.20". */
class Expectation {
  readonly root: HTMLElement;
  #label = el('span');
  #value = el('span', { class: 'expected' }, NONE);
  #change = el('span', { class: 'change' });

  constructor(
    private readonly label: string,
    title: string,
  ) {
    setText(this.#label, label);
    this.#label.title = title;
    this.root = el('div', { class: 'tile-line tile-ahead' }, this.#label, this.#value, this.#change);
  }

  show(point: Point | null, label = this.label): void {
    setText(this.#label, label);
    setText(this.#value, point ? dollars(point.value) : NONE);
    this.root.dataset['value'] = point ? String(point.value) : '';
    this.root.dataset['before'] = point && isNumber(point.before) ? String(point.before) : '';
    showChange(this.#change, point && isNumber(point.before) ? point.value - point.before : null, 'Change since the run before', '', '=');
  }
}

function showChange(node: HTMLElement, change: number | null, title: string, none = NONE, unchanged = 'unchanged'): void {
  const same = change !== null && Math.abs(change) < 0.005;
  const shown = change === null ? none : same ? unchanged : priceSize(change);
  const way = change === null || same ? '' : change > 0 ? 'up' : 'down';
  node.dataset['way'] = way;
  node.title = title;
  const arrow = el('span', { class: 'arrow', 'aria-hidden': 'true' }, way === 'up' ? '▲ ' : '▼ ');
  node.replaceChildren(...(way ? [hidden(`${way} `), arrow] : []), shown);
}
