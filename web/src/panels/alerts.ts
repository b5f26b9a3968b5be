// What alerts hold armed now, and what was decided last; one that somebody knows of is acknowledged here.

import { post, tableRows, type TableAnswer, type TableRow } from '../data/api';
import type { Feed } from '../data/feeds';
import { isStanding, newestOf } from './standing';
import { el, setText } from '../ui/dom';
import { isNumber, type Value } from '../ui/format';
import { Panel } from '../ui/panel';
import { clock, dayShort } from '../ui/time';

const MOST_ACTIVE = 8;
const MOST_PAST = 4;

/** [rules] is what each rule holds, [history] what was decided, the newest first. */
export function createAlerts(rules: Feed<TableAnswer>, history: Feed<TableAnswer>): Panel {
  const panel = new Panel({ id: 'alerts', title: 'Alerts', note: 'active now, then what was decided last', feeds: [rules, history], empty: 'No data collected yet' });
  const list = el('ul', { class: 'bulletin alert-list' });
  const failed = el('p', { class: 'alert-failed', role: 'status' });
  panel.body.append(list, failed);

  const acknowledge = async (id: number) => {
    setText(failed, '');
    try {
      await post('v1/alerts/acknowledge', { id });
    } catch (error) {
      setText(failed, `Not acknowledged: ${error instanceof Error ? error.message : String(error)}`);
    }
    rules.refresh();
    history.refresh();
  };

  const show = () => {
    if (!rules.answer) return;
    const past = history.answer ? tableRows(history.answer) : [];
    const active = tableRows(rules.answer).filter(isStanding);
    const items = active.slice(0, MOST_ACTIVE).map((row) => activeItem(row, past, acknowledge));
    if (!items.length) items.push(el('li', { class: 'none' }, 'Nothing is active'));
    if (active.length > MOST_ACTIVE) items.push(el('li', { class: 'none' }, `and ${active.length - MOST_ACTIVE} more`));
    list.replaceChildren(...items, ...past.slice(0, MOST_PAST).map(pastItem));
  };
  for (const feed of [rules, history]) panel.onDestroy(feed.onAnswer(show));
  show();
  return panel;
}

function activeItem(row: TableRow, past: TableRow[], acknowledge: (id: number) => Promise<void>): HTMLElement {
  const decision = newestOf(row, past);
  const id = decision?.['id'];
  const since = row['since'] as Value;
  const button = el('button', { type: 'button', class: 'acknowledge' }, 'Acknowledge');
  button.addEventListener('click', () => {
    button.disabled = true;
    void acknowledge(Number(id));
  });
  return el(
    'li',
    { class: 'alert-active', 'data-alert': `${String(row['rule'])} ${String(row['key'])}` },
    el('span', { class: 'bulletin-time' }, isNumber(since) ? `since ${clock(since)}` : ''),
    el('span', { class: 'bulletin-type' }, `${String(row['rule'])} ${String(row['key'] ?? '')}`),
    about(String(decision?.['text'] ?? row['name'] ?? '')),
    row['acknowledged'] === true ? el('span', { class: 'acknowledged' }, 'acknowledged') : typeof id === 'number' ? button : null,
  );
}

function pastItem(row: TableRow): HTMLElement {
  const at = row['at'] as Value;
  return el(
    'li',
    { class: 'alert-past' },
    el('span', { class: 'bulletin-time' }, isNumber(at) ? `${dayShort(at)} ${clock(at)}` : ''),
    el('span', { class: 'bulletin-type' }, `${String(row['rule'])} ${String(row['key'] ?? '')}`),
    about(String(row['text'] ?? '')),
  );
}

/** Cut where it is long; all of it for the pointer. */
function about(text: string): HTMLElement {
  return el('span', { class: 'bulletin-about', title: text }, text);
}
