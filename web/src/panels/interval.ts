// One interval: the price of each region, and the links with their flows and limits, which are where prices part.

import { findSeries, valueAt, type SeriesAnswer } from '../data/api';
import type { Feed } from '../data/feeds';
import { LINK_NAMES, REGIONS, atLimit, priceBand, type Flow } from '../market';
import { el } from '../ui/dom';
import { isNumber, megawatts, price, type Value } from '../ui/format';
import { Panel } from '../ui/panel';

/** [words] says which interval it is. */
export function createInterval(prices: Feed, links: Feed, words: () => string): Panel {
  const panel = new Panel({
    id: 'interval',
    title: 'Prices and links',
    note: words,
    feeds: [prices, links],
    empty: 'No prices collected yet',
  });
  const show = () => {
    const { answer } = prices;
    if (answer) panel.body.replaceChildren(el('div', { class: 'table-scroll interval-tables', tabindex: 0, role: 'region', 'aria-label': 'Prices and links' }, priceTable(answer), linkTable(links.answer)));
  };
  for (const feed of [prices, links]) panel.onDestroy(feed.onAnswer(show));
  show();
  return panel;
}

function cell(text: string, name: string, value: Value): HTMLElement {
  return el('td', { class: 'number', 'data-testid': name, 'data-value': isNumber(value) ? value : '' }, text);
}

function priceTable(answer: SeriesAnswer): HTMLElement {
  const at = answer.data.time.at(-1) ?? null;
  const cells = REGIONS.map((region) => {
    const value = valueAt(answer, findSeries(answer, region), at);
    const node = cell(price(value), `then-${region}`, value);
    node.dataset['band'] = priceBand(value).name;
    return node;
  });
  return el(
    'table',
    { class: 'data' },
    el('caption', { class: 'hidden' }, 'Price by region in $/MWh'),
    el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, '$/MWh'), ...REGIONS.map((region) => el('th', { scope: 'col', class: 'number' }, region)))),
    el('tbody', {}, el('tr', {}, el('th', { scope: 'row' }, 'Price'), ...cells)),
  );
}

const HEADS = ['Target', 'Metered', 'Import limit', 'Export limit', 'Marginal value'];

function linkTable(answer: SeriesAnswer | null): HTMLElement {
  const at = answer?.data.time.at(-1) ?? null;
  const ids = [...new Set(answer?.data.series.map(({ id }) => id) ?? [])];
  const rows = ids.map((id) => {
    const of = (measure: string) => (answer ? valueAt(answer, findSeries(answer, id, measure), at) : null);
    const { from = '', to = '' } = answer?.data.series.find((each) => each.id === id) ?? {};
    const flow: Flow = {
      id, from, to,
      meteredmwflow: of('meteredmwflow'), mwflow: of('mwflow'), exportlimit: of('exportlimit'), importlimit: of('importlimit'), marginalvalue: of('marginalvalue'),
    };
    return el(
      'tr',
      { 'data-mark': atLimit(flow) ? 'strong' : null, 'data-link': id },
      el('th', { scope: 'row' }, `${from} → ${to} `, el('span', { class: 'note' }, [LINK_NAMES.get(id) ?? id, atLimit(flow) ? 'at limit' : ''].filter(Boolean).join(', '))),
      cell(megawatts(flow.mwflow), `then-${id}`, flow.mwflow),
      cell(megawatts(flow.meteredmwflow), `metered-${id}`, flow.meteredmwflow),
      cell(megawatts(flow.importlimit), `import-${id}`, flow.importlimit),
      cell(megawatts(flow.exportlimit), `export-${id}`, flow.exportlimit),
      cell(price(flow.marginalvalue), `worth-${id}`, flow.marginalvalue),
    );
  });
  return el(
    'table',
    { class: 'data' },
    el('caption', { class: 'hidden' }, 'Links: flow and limits in MW, marginal value in $/MWh'),
    el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'MW'), ...HEADS.map((head) => el('th', { scope: 'col', class: 'number' }, head)))),
    el('tbody', {}, ...rows),
  );
}
