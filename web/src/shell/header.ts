// The page's head: name, views, the newest interval and how current it is.

import { now } from '../data/clock';
import { afterFrame, el, setText } from '../ui/dom';
import type { Poller } from '../data/feeds';
import type { Router } from './router';
import { linkTo } from './state';
import type { ViewEntry } from './view';
import { theme, toggleTheme, onTheme } from './theme';
import { HOUR, clockSeconds, duration, full } from '../ui/time';

type Status = 'wait' | 'live' | 'stale' | 'old' | 'offline';

export interface Header {
  tick(): void;
}

export function createHeader(root: HTMLElement, poller: Poller, router: Router, views: readonly ViewEntry[]): Header {
  const badge = el('strong', { class: 'badge', hidden: true }, 'SIMULATED');
  const interval = el('span', { class: 'interval', 'data-testid': 'interval' }, 'no data yet');
  const dot = el('span', { class: 'dot', 'aria-hidden': 'true' });
  const word = el('span', { class: 'status-word', role: 'status' });
  const age = el('span', { class: 'age', 'data-testid': 'age' });
  const themeButton = el('button', { type: 'button', class: 'theme-button' });

  root.append(
    el('h1', { class: 'name' }, 'nemd'),
    nav(router, views),
    badge,
    el(
      'p',
      { class: 'freshness' },
      interval,
      el('span', { class: 'state' }, dot, word, age),
    ),
    themeButton,
  );

  const showTheme = () => {
    const other = theme() === 'dark' ? 'light' : 'dark';
    themeButton.setAttribute('aria-label', `Use the ${other} theme`);
    themeButton.title = `Use the ${other} theme`;
  };
  themeButton.addEventListener('click', toggleTheme);
  onTheme(showTheme);
  showTheme();

  const tick = () => {
    const freshness = readFreshness(poller);
    badge.hidden = !poller.meta?.meta.simulated;
    setText(interval, freshness.latest === null ? 'no data yet' : `${full(freshness.latest)} AEST`);
    dot.dataset['status'] = freshness.status;
    setText(word, freshness.word);
    word.title = freshness.reason ?? '';
    setText(age, freshness.text);
    if (freshness.latest === null) delete age.dataset['value'];
    else age.dataset['value'] = String(Math.floor(now() - freshness.latest));
    document.documentElement.classList.toggle('offline', freshness.status === 'offline');
  };
  poller.subscribe(tick);
  return { tick };
}

/** The links carry what the reader has chosen for all views, so they are made anew when they are about to be used. */
function nav(router: Router, views: readonly ViewEntry[]): HTMLElement {
  const links = views.map(({ id, title }) => {
    const link = el('a', { href: `#${id}`, 'data-view': id }, title);
    for (const moment of ['pointerenter', 'focus', 'click']) {
      link.addEventListener(moment, () => link.setAttribute('href', linkTo(id)));
    }
    return link;
  });
  router.onOpen((entry) => {
    for (const link of links) {
      const current = link.dataset['view'] === entry.id;
      link.toggleAttribute('aria-current', current);
      if (current) {
        link.setAttribute('aria-current', 'page');
        // Where views don't fit beside each other. Not at once: it would lay out a page that isn't filled yet.
        afterFrame(() => link.scrollIntoView({ block: 'nearest', inline: 'nearest' }));
      }
    }
  });
  return el('nav', { 'aria-label': 'Views' }, ...links);
}

interface Freshness {
  status: Status;
  /** The newest interval of any dataset. */
  latest: number | null;
  word: string;
  text: string;
  /** Behind the words, for the pointer. */
  reason?: string;
}

/**
 * Live: everything the page shows is younger than its dataset's limit. Stale: something is not. Old: even the
 * newest interval is long past. An interval's data comes while it still runs, so its age begins below zero.
 */
function readFreshness(poller: Poller): Freshness {
  const shown = new Set(poller.feeds.map((feed) => feed.name));
  const held = (poller.meta?.data.datasets ?? []).flatMap((dataset) =>
    dataset.latest !== null && shown.has(dataset.name) ? [{ ...dataset, latest: dataset.latest }] : [],
  );
  const newest = held.reduce<(typeof held)[number] | null>(
    (best, dataset) => (best === null || dataset.latest > best.latest ? dataset : best),
    null,
  );
  const latest = newest?.latest ?? null;
  const at = now();

  if (poller.problem) {
    const text = `since ${clockSeconds(poller.problem.since)}, retrying`;
    return { status: 'offline', latest, word: 'offline', text, reason: poller.problem.text };
  }
  if (newest === null || latest === null) {
    return { status: 'wait', latest, word: poller.meta ? 'waiting for data' : 'connecting', text: '' };
  }
  const age = at - latest;
  const text = age < 0 ? `ends in ${duration(-age + 1)}` : `ended ${duration(age)} ago`;
  if (age > Math.max(HOUR, 4 * newest.stale_after)) return { status: 'old', latest, word: 'old', text };
  const late = held.filter((dataset) => at - dataset.latest > dataset.stale_after);
  if (late.length === 0) return { status: 'live', latest, word: 'live', text };
  const word = late.length === held.length ? 'stale' : `${late.length} of ${held.length} datasets stale`;
  return { status: 'stale', latest, word, text };
}
