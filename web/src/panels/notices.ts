// Market notices by what they are about: a forecast lack of reserve, the actual one and its cancellation are one story. A story
// opens into its notices, the newest first, with AEMO's words as they stand.

import { tableRows, type TableAnswer, type TableRow } from '../data/api';
import type { Feed } from '../data/feeds';
import { el } from '../ui/dom';
import { Panel } from '../ui/panel';
import type { UrlState } from '../shell/state';
import { buttons, picked, type Choice } from '../ui/controls';
import { full } from '../ui/time';

const MOST_STORIES = 100;
const ALL: Choice = { value: '', label: 'All types' };

interface Story {
  key: string;
  type: string;
  /** The newest notice first. */
  notices: TableRow[];
}

export function createNotices(feed: Feed<TableAnswer>, state: UrlState): Panel {
  const panel = new Panel({
    id: 'notices',
    title: 'Market notices',
    note: 'of the range, by what they are about; times of their creation, AEST',
    feeds: [feed],
    empty: 'No notices collected yet',
  });
  const list = el('ul', { class: 'stories' });
  const types = el('div', { class: 'story-types' });
  panel.body.append(types, list);
  const opened = new Set<string>();
  let known = '';

  const show = () => {
    const { answer } = feed;
    if (!answer) return;
    const all = stories(tableRows(answer));
    const choices = [ALL, ...[...new Set(all.map(({ type }) => type))].sort().map((type) => ({ value: type, label: type.toLowerCase() }))];
    const names = choices.map(({ value }) => value).join('\n');
    if (names !== known) types.replaceChildren(buttons(state, 'Type of notice', 'notice', choices));
    known = names;
    const wanted = picked(state, 'notice', choices);
    const shown = all.filter(({ type }) => !wanted || type === wanted);
    const items = shown.slice(0, MOST_STORIES).map((story) => item(story, opened));
    if (items.length === 0) items.push(el('li', { class: 'none' }, 'None in this range'));
    list.replaceChildren(...items);
  };
  panel.onDestroy(feed.onAnswer(show));
  state.onChange(show);
  show();
  return panel;
}

function item(story: Story, opened: Set<string>): HTMLElement {
  const [newest] = story.notices;
  const count = story.notices.length;
  const body = el('div', { class: 'story-body' });
  const root = el(
    'details',
    { 'data-story': story.key },
    el(
      'summary',
      {},
      el('span', { class: 'story-time' }, timeText(newest?.['created'])),
      el('span', { class: 'story-type' }, story.type.toLowerCase()),
      el('span', { class: 'story-about' }, about(newest)),
      el('span', { class: 'story-count' }, count > 1 ? `${count} notices` : ''),
    ),
    body,
  );
  const fill = () => {
    if (root.open && !body.childElementCount) body.append(...story.notices.map(noticeOf));
  };
  root.addEventListener('toggle', () => {
    if (root.open) opened.add(story.key);
    else opened.delete(story.key);
    fill();
  });
  root.open = opened.has(story.key);
  fill();
  return el('li', {}, root);
}

function noticeOf(row: TableRow): HTMLElement {
  const words = String(row['reason'] ?? '').replace(/\r\n?/g, '\n').trim();
  return el(
    'article',
    { 'data-notice': row['noticeid'] },
    el('h3', {}, `${timeText(row['created'])} · No. ${row['noticeid']}`),
    el('p', { class: 'story-reference' }, about(row)),
    el('p', { class: 'story-words' }, words),
  );
}

function timeText(time: unknown): string {
  return typeof time === 'number' ? full(time) : '–';
}

function about(row: TableRow | undefined): string {
  return String(row?.['external_reference'] ?? '') || String(row?.['description'] ?? '');
}

/** In the order of their newest notices, as these come. */
function stories(rows: TableRow[]): Story[] {
  const found = new Map<string, Story>();
  for (const row of rows) {
    const type = String(row['type'] ?? '');
    const key = storyOf(type, about(row));
    const story = found.get(key) ?? { key, type, notices: [] };
    story.notices.push(row);
    found.set(key, story);
  }
  return [...found.values()];
}

/**
 * What all notices of a story have in common: AEMO's event id, or the kind of thing with the region and the date that are spoken
 * of; else the reference without the words that say how things stand.
 */
export function storyOf(type: string, reference: string): string {
  const event = /EventId:([0-9A-Za-z]+)/.exec(reference)?.[1];
  if (event) return `${type} ${event}`;
  const date = /\b\d\d\/\d\d\/\d{4}\b/.exec(reference)?.[0] ?? '';
  const region = /\b(NSW|QLD|SA|TAS|VIC)1?\b/.exec(reference)?.[1] ?? '';
  if (type.toUpperCase() === 'RESERVE NOTICE' && (date || region)) return `${type} ${region} ${date}`;
  const plain = reference.replace(/\b(cancell?ation of( the)?|cancelled|update|started|completed|ended|-|–)\b/gi, ' ');
  return `${type} ${plain.replace(/[^0-9A-Za-z/]+/g, ' ').trim()}`;
}
