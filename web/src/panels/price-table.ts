// The last seven intervals' prices by region, the newest in bold, with the means of the last hour and of the day below: what
// readers look at first, so nothing of it moves.

import { findSeries } from '../data/api';
import type { Feed } from '../data/feeds';
import { REGIONS, priceBand } from '../market';
import { el, setText, setValue } from '../ui/dom';
import { NONE, isNumber, price, type Value } from '../ui/format';
import { Panel } from '../ui/panel';
import { clock } from '../ui/time';

const INTERVALS = 7;
const HOUR_INTERVALS = 12;

interface Line {
  head: HTMLElement;
  cells: HTMLElement[];
  row: HTMLElement;
}

export function createPriceTable(feed: Feed): Panel {
  const panel = new Panel({
    id: 'price-table',
    title: 'Price',
    note: '$/MWh, last seven intervals and means',
    feeds: [feed],
    empty: 'No prices collected yet',
  });
  const intervals = Array.from({ length: INTERVALS }, (_, i) => line(i === INTERVALS - 1 ? 'newest' : ''));
  const hour = line('mean', '1 h mean');
  const day = line('mean', '24 h mean');
  const heads = REGIONS.map((region) => el('th', { scope: 'col', class: 'number' }, region));
  panel.body.append(
    el(
      'table',
      { class: 'data price-table' },
      el('caption', { class: 'hidden' }, 'Price by region in $/MWh: the last seven intervals, then means over an hour and a day'),
      el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'AEST'), ...heads)),
      el('tbody', {}, ...intervals.map(({ row }) => row)),
      el('tbody', {}, hour.row, day.row),
    ),
  );
  const show = () => {
    const { answer } = feed;
    if (!answer) return;
    const { time } = answer.data;
    const values = REGIONS.map((region) => findSeries(answer, region)?.values ?? []);
    intervals.forEach((each, i) => {
      const at = time.length - INTERVALS + i;
      const end = time[at];
      setText(each.head, end === undefined ? NONE : clock(end));
      each.cells.forEach((cell, k) => showPrice(cell, values[k]?.[at]));
    });
    hour.cells.forEach((cell, k) => showPrice(cell, mean(values[k]?.slice(-HOUR_INTERVALS) ?? [])));
    day.cells.forEach((cell, k) => showPrice(cell, mean(values[k] ?? [])));
  };
  panel.onDestroy(feed.onAnswer(show));
  show();
  return panel;
}

function line(kind: string, title = NONE): Line {
  const head = el('th', { scope: 'row' }, title);
  const cells = REGIONS.map(() => el('td', { class: 'number' }, NONE));
  return { head, cells, row: el('tr', { class: kind || null }, head, ...cells) };
}

function showPrice(cell: HTMLElement, value: Value): void {
  setValue(cell, price(value));
  cell.dataset['band'] = priceBand(value).name;
  cell.dataset['value'] = isNumber(value) ? String(value) : '';
}

/** Over the intervals that have a price. */
function mean(values: Value[]): Value {
  const known = values.filter(isNumber);
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}
