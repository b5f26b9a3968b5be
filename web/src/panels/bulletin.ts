// The newest market notices, in few words: the newest of each matter, with AEMO's own words a click away.

import { tableRows, type TableAnswer, type TableRow } from '../data/api';
import type { Feed } from '../data/feeds';
import { linkTo } from '../shell/state';
import { el } from '../ui/dom';
import { Panel } from '../ui/panel';
import { clock, dayShort } from '../ui/time';

const MOST = 5;
const MOST_WORDS = 110;

export function createBulletin(feed: Feed<TableAnswer>): Panel {
  const panel = new Panel({
    id: 'bulletin',
    title: 'Market notices',
    note: 'the newest of each matter',
    feeds: [feed],
    empty: 'No notices collected yet',
  });
  const list = el('ul', { class: 'bulletin' });
  const more = el('a', { class: 'link bulletin-more' }, 'All notices');
  for (const moment of ['pointerenter', 'focus', 'click']) more.addEventListener(moment, () => more.setAttribute('href', linkTo('market')));
  more.setAttribute('href', linkTo('market'));
  panel.body.append(list, more);
  const opened = new Set<string>();
  const show = () => {
    if (!feed.answer) return;
    const items = newestOfEach(tableRows(feed.answer)).slice(0, MOST).map((row) => item(row, opened));
    list.replaceChildren(...(items.length ? items : [el('li', { class: 'none' }, 'None yet')]));
  };
  panel.onDestroy(feed.onAnswer(show));
  show();
  return panel;
}

/** AEMO names the matter of a notice by its external reference; one without is a matter of its own. */
function newestOfEach(rows: TableRow[]): TableRow[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const matter = String(row['external_reference'] ?? '').trim().toUpperCase() || `#${String(row['noticeid'])}`;
    if (seen.has(matter)) return false;
    seen.add(matter);
    return true;
  });
}

function item(row: TableRow, opened: Set<string>): HTMLElement {
  const id = String(row['noticeid']);
  const created = row['created'] as number | null;
  const text = String(row['reason'] ?? '').trim();
  const about = String(row['external_reference'] ?? '').trim() || firstWords(text);
  const root = el(
    'details',
    { open: opened.has(id) },
    el(
      'summary',
      {},
      el('span', { class: 'bulletin-time' }, created === null ? '' : `${dayShort(created)} ${clock(created)}`),
      el('span', { class: 'bulletin-type' }, String(row['type'] ?? '').toLowerCase()),
      el('span', { class: 'bulletin-about' }, about),
    ),
    el('pre', { class: 'notice-text', tabindex: 0 }, text),
  );
  root.addEventListener('toggle', () => (root.open ? opened.add(id) : opened.delete(id)));
  return el('li', { 'data-notice': id }, root);
}

function firstWords(text: string): string {
  const plain = text.replace(/\s+/g, ' ');
  return plain.length > MOST_WORDS ? `${plain.slice(0, MOST_WORDS)}…` : plain;
}
