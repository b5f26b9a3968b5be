// The price of the five regions on one axis that shows a negative afternoon and a spike alike.

import { findSeries, valueAt } from '../api';
import { TimeChart, type ChartGroup } from '../chart';
import { el } from '../dom';
import type { Feed } from '../feeds';
import { dollars, price } from '../format';
import { Legend } from '../legend';
import { REGIONS, regionColor } from '../market';
import { Panel } from '../panel';
import type { UrlState } from '../state';
import { clock, date } from '../time';

export function createPrices(feed: Feed, group: ChartGroup, state: UrlState): Panel {
  const panel = new Panel({
    id: 'prices',
    title: 'Price',
    note: '$/MWh, last 24 h',
    feeds: [feed],
    empty: 'No prices collected yet',
  });
  const side = el('div', { class: 'side' });
  const area = el('div', { class: 'chart-area' });
  panel.body.classList.add('with-side');
  panel.body.append(area, side);
  const chart = new TimeChart(
    area,
    {
      label: 'Chart of prices by region. Arrow keys move the cursor, Escape leaves it',
      axis: 'price',
      series: REGIONS.map((region) => ({ id: region, label: region, color: regionColor(region) })),
    },
    group,
  );
  const legend = new Legend(side, chart, {
    caption: 'Price by region in $/MWh: at the cursor or latest, and the low, mean and high of the 24 hours',
    unit: '$/MWh',
    format: price,
    mean: true,
    hint: true,
  });

  const readVisible = () => chart.setVisible(state.get('show')?.split(',') ?? null);
  readVisible();
  chart.onVisible(() => state.set('show', chart.visibleIds?.join() ?? null));
  state.onChange(readVisible);

  feed.subscribe(() => {
    const { answer } = feed;
    if (!answer) {
      chart.setData([], REGIONS.map(() => []), [0, 1]);
      return legend.update(null);
    }
    const { from, to, latest } = answer.meta;
    const all = REGIONS.map((region) => findSeries(answer, region));
    chart.setData(answer.data.time, all.map((series) => series?.values ?? []), [from, to]);
    legend.update(latest);
    const now = REGIONS.map((region, i) => `${region} ${dollars(valueAt(answer, all[i], latest))}`);
    if (latest !== null) chart.describe(`At ${clock(latest)} ${date(latest)}: ${now.join(', ')} per MWh`);
  });
  return panel;
}
