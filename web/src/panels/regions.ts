// One tile a region: the price, what it did in the last interval and over the day, and target demand.
// There is no tile for the NEM: a mean of regional prices that is not weighted by demand says nothing.

import { findSeries, valueAt } from '../data/api';
import { el, hidden, setText, setValue } from '../ui/dom';
import type { Feed } from '../data/feeds';
import { NONE, dollars, isNumber, megawatts, price, priceSize, type Value } from '../ui/format';
import { spread } from '../chart/legend';
import { REGIONS, priceBand, regionColor, type Region } from '../market';
import { Panel } from '../ui/panel';
import { Spark } from '../chart/spark';
import { clock, date } from '../ui/time';

/** The same bend as the price chart's axis. */
const bend = (value: number) => Math.asinh(value / 50);

export function createRegions(prices: Feed, demand: Feed): Panel {
  const panel = new Panel({
    id: 'regions',
    title: 'Regions',
    note: 'dispatch price and target demand',
    feeds: [prices, demand],
    empty: 'No prices collected yet',
  });
  const tiles = REGIONS.map((region) => new Tile(region));
  panel.body.append(el('ul', { class: 'tiles' }, ...tiles.map((tile) => tile.root)));
  prices.onAnswer(() => tiles.forEach((tile) => tile.showPrice(prices)));
  // Both say whether the demand is of the price's interval.
  for (const feed of [prices, demand]) {
    feed.onAnswer(() => tiles.forEach((tile) => tile.showDemand(demand, prices)));
  }
  return panel;
}

class Tile {
  readonly root: HTMLElement;
  #price = el('span', { class: 'price' }, NONE);
  #mark = el('span', { class: 'mark' });
  #change = el('span', { class: 'change' }, NONE);
  #day = el('span', { class: 'day' }, NONE);
  #demand = el('span', { class: 'mw' }, NONE);
  #demandTime = el('span', { class: 'demand-time' });
  #spark: Spark;

  constructor(readonly region: Region) {
    this.#spark = new Spark({ color: regionColor(region), scale: bend });
    this.#price.dataset['testid'] = `price-${region}`;
    this.#demand.dataset['testid'] = `demand-${region}`;
    const swatch = el('span', { class: 'swatch', 'aria-hidden': 'true' });
    swatch.style.background = `var(${regionColor(region)})`;
    this.root = el(
      'li',
      { class: 'tile', 'data-band': 'normal' },
      el('div', { class: 'tile-head' }, el('h3', {}, swatch, region), this.#mark),
      el('div', { class: 'tile-price' }, this.#price, el('span', { class: 'per' }, '/MWh'), this.#change),
      this.#spark.root,
      el('div', { class: 'tile-day' }, el('span', {}, '24 h '), this.#day),
      el('div', { class: 'tile-demand' }, el('span', {}, 'target demand'), this.#demandTime, this.#demand),
    );
  }

  showPrice(feed: Feed): void {
    const { answer } = feed;
    if (!answer) return this.#show(null, null, []);
    const series = findSeries(answer, this.region);
    const { latest } = answer.meta;
    const step = (feed.dataset?.step_minutes ?? 5) * 60;
    this.#show(
      valueAt(answer, series, latest),
      valueAt(answer, series, latest === null ? null : latest - step),
      series?.values ?? [],
    );
  }

  #show(value: Value, before: Value, day: Value[]): void {
    const band = priceBand(value);
    this.root.dataset['band'] = band.name;
    setText(this.#mark, band.mark);
    setValue(this.#price, dollars(value));
    this.#price.dataset['value'] = isNumber(value) ? String(value) : '';
    this.#showChange(isNumber(value) && isNumber(before) ? value - before : null);
    setText(this.#day, spread(day, price));
    this.#spark.set(day);
  }

  #showChange(change: number | null): void {
    const shown = change === null ? NONE : Math.abs(change) < 0.005 ? 'unchanged' : priceSize(change);
    const way = change === null || shown === 'unchanged' ? '' : change > 0 ? 'up' : 'down';
    this.#change.dataset['way'] = way;
    this.#change.title = 'Change from the interval before';
    this.#change.replaceChildren(...(way ? [hidden(`${way} `)] : []), shown);
  }

  showDemand(feed: Feed, prices: Feed): void {
    const { answer } = feed;
    const latest = answer?.meta.latest ?? null;
    const value = answer ? valueAt(answer, findSeries(answer, this.region), latest) : null;
    setValue(this.#demand, isNumber(value) ? `${megawatts(value)} MW` : NONE);
    this.#demand.dataset['value'] = isNumber(value) ? String(value) : '';
    const priced = prices.answer?.meta.latest ?? null;
    const differs = latest !== null && priced !== null && latest !== priced;
    const otherDay = differs && date(latest) !== date(priced);
    setText(this.#demandTime, differs ? `at ${clock(latest)}${otherDay ? ` ${date(latest)}` : ''}` : '');
  }
}
