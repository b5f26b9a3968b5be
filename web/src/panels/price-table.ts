// The last seven intervals' prices by region, the newest in bold, with the means of the last hour and of the day below: what
// readers look at first, so nothing of it moves.

import { findSeries } from '../data/api';
import type { Feed } from '../data/feeds';
import { REGIONS, priceBand, type Region } from '../market';
import { el, setText, setValue } from '../ui/dom';
import { NONE, isNumber, price, type Value } from '../ui/format';
import { Panel } from '../ui/panel';
import { showSources } from '../ui/sources';
import { clock } from '../ui/time';

const INTERVALS = 7;
const HOUR_INTERVALS = 12;

interface Line {
  /** In the row's heading. */
  button: HTMLButtonElement;
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
  const ends: (number | undefined)[] = [];
  const legend = el('p', { class: 'hint price-legend' }, 'Click a price or a time: its source files.');
  panel.body.append(legend);
  intervals.forEach((each, i) => {
    const open = (region?: Region) => {
      const end = ends[i];
      if (end !== undefined) showSources(['prices5'], end, region);
    };
    each.button.addEventListener('click', () => open());
    each.cells.forEach((cell, k) => cell.addEventListener('click', () => open(REGIONS[k])));
  });
  const show = () => {
    const { answer } = feed;
    if (!answer) return;
    const { time } = answer.data;
    const doubts = REGIONS.map((region) => findSeries(answer, region, 'not_firm')?.values ?? []);
    let doubted = false;
    const values = REGIONS.map((region) => findSeries(answer, region)?.values ?? []);
    intervals.forEach((each, i) => {
      const at = time.length - INTERVALS + i;
      const end = time[at];
      ends[i] = end;
      setText(each.button, end === undefined ? NONE : clock(end));
      each.cells.forEach((cell, k) => {
        const firm = !((doubts[k]?.[at] ?? 0) > 0);
        doubted ||= !firm;
        showPrice(cell, values[k]?.[at], firm);
      });
    });
    setText(legend, `${doubted ? '* not firm: may be revised. ' : ''}Click a price or a time: its source files.`);
    hour.cells.forEach((cell, k) => showPrice(cell, mean(values[k]?.slice(-HOUR_INTERVALS) ?? [])));
    day.cells.forEach((cell, k) => showPrice(cell, mean(values[k] ?? [])));
  };
  panel.onDestroy(feed.onAnswer(show));
  show();
  return panel;
}

/** One without a title is of an interval, and has sources. */
function line(kind: string, title = ''): Line {
  const button = el('button', { type: 'button' }, NONE);
  const head = el('th', { scope: 'row' }, title || button);
  const cells = REGIONS.map(() => el('td', { class: title ? 'number' : 'number sourced' }, NONE));
  return { button, cells, row: el('tr', { class: kind || null }, head, ...cells) };
}

function showPrice(cell: HTMLElement, value: Value, firm = true): void {
  setValue(cell, `${price(value)}${firm ? '' : '*'}`);
  cell.title = firm ? '' : 'Not firm: under review, may be revised';
  cell.dataset['band'] = priceBand(value).name;
  cell.dataset['value'] = isNumber(value) ? String(value) : '';
}

/** Over the intervals that have a price. */
function mean(values: Value[]): Value {
  const known = values.filter(isNumber);
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}
