// How much of the time, and of what energy cost, fell into which band of price: a row a band, two columns a region.

import { tableRows, type TableAnswer, type TableRow } from '../data/api';
import type { Feed } from '../data/feeds';
import { el } from '../ui/dom';
import { isNumber, share, type Value } from '../ui/format';
import { Panel } from '../ui/panel';

export function createBands(feed: Feed<TableAnswer>): Panel {
  const panel = new Panel({
    id: 'bands',
    title: 'Bands',
    note: 'per cent of the time, and of what energy cost',
    feeds: [feed],
    empty: 'No prices collected yet',
  });
  const show = () => {
    const { answer } = feed;
    if (answer) panel.body.replaceChildren(table(tableRows(answer)));
  };
  panel.onDestroy(feed.onAnswer(show));
  show();
  return panel;
}

function table(rows: TableRow[]): HTMLElement {
  const names = (column: string) => [...new Set(rows.map((row) => String(row[column])))];
  const regions = names('region');
  const heads = regions.map((region) => el('th', { scope: 'colgroup', colspan: 2, class: 'number' }, region));
  const kinds = regions.flatMap(() => ['time', 'value'].map((kind) => el('th', { scope: 'col', class: 'number' }, kind)));
  const lines = names('band').map((band) => {
    const cells = regions.flatMap((region) => {
      const row = rows.find((each) => each['region'] === region && each['band'] === band);
      return [cell(row?.['time_share'], `time-${region}-${band}`), cell(row?.['revenue_share'], `value-${region}-${band}`)];
    });
    return el('tr', {}, el('th', { scope: 'row' }, band), ...cells);
  });
  return el(
    'div',
    { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': 'Bands of price' },
    el(
      'table',
      { class: 'data' },
      el('caption', { class: 'hidden' }, 'Share of time and of value by band of price, in per cent'),
      el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, '$/MWh'), ...heads), el('tr', {}, el('td'), ...kinds)),
      el('tbody', {}, ...lines),
    ),
  );
}

/** What never happened is a dash that the eye passes over. */
function cell(value: unknown, testid: string): HTMLElement {
  const known = value as Value;
  const node = el('td', { class: 'number', 'data-testid': testid, 'data-value': isNumber(known) ? known : '' });
  node.textContent = known === 0 ? '·' : share(known);
  return node;
}
