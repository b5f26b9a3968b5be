// Alerts: the rules and what they hold armed, what was decided and what became of it, what is muted, and the ways out. A
// decision is acknowledged, and a rule muted, from here.

import { post, tableRows, type Cell, type TableAnswer } from '../data/api';
import { now } from '../data/clock';
import type { Feed } from '../data/feeds';
import type { Board, Part } from '../ui/board';
import { el, setText } from '../ui/dom';
import { NONE, count } from '../ui/format';
import { isStanding, toAcknowledge } from './standing';
import { createTablePanel, type ShownColumn } from '../ui/table-panel';
import { clock, dayShort, durationCoarse, full } from '../ui/time';

const MOST_DECISIONS = 200;
const TIMES: readonly (readonly [value: string, label: string])[] = [
  ['30m', '30 minutes'],
  ['2h', '2 hours'],
  ['1d', 'a day'],
  ['7d', 'a week'],
];
const EMPTY = 'Nothing collected yet';

/** Puts the panels on [board]; returns their feeds, which hang on no dataset and are to be refreshed. */
export function addAlerts(board: Board): Feed<TableAnswer>[] {
  const { state } = board;
  const table = (path: string, event: string | null = null) => board.feed<TableAnswer>('prices5', () => path, event);
  const rules = table('v1/alerts?limit=1000', 'alert');
  const history = table(`v1/alerts/history?limit=${MOST_DECISIONS}`, 'alert');
  const mutes = table('v1/alerts/mutes?limit=1000');
  const sinks = table('v1/alerts/sinks');
  const feeds = [rules, history, mutes, sinks];
  const said = el('p', { class: 'said', role: 'status' });
  /** Does it, says how it went, and looks again. */
  const change = async (path: string, body: Record<string, string | number>, done: string) => {
    try {
      await post(path, body);
      setText(said, done);
      said.classList.remove('failed');
    } catch (error) {
      setText(said, error instanceof Error ? error.message : String(error));
      said.classList.add('failed');
    }
    for (const feed of feeds) feed.refresh();
  };
  const mute = (rule: string, key: string, until: string) =>
    change('v1/alerts/mute', { rule, key, until }, until === '0m' ? `${rule} ${key} is told again` : `${rule} ${key} is muted`);

  board.add(
    createTablePanel({
      id: 'rules',
      title: 'Alert rules',
      note: 'and what each holds armed',
      feed: rules,
      state,
      order: '-level',
      key: (row) => `${row['rule']} ${row['key'] ?? ''}`.trim(),
      columns: [
        { name: 'rule', title: 'Rule' },
        { name: 'summary', title: 'Tells of', words: true },
        { name: 'key', title: 'Of' },
        { name: 'level', title: 'State', text: (_, row) => (isStanding(row) ? String(row['name'] ?? 'active') : 'quiet') },
        { name: 'since', title: 'Since', text: lateText },
        { name: 'peak', title: 'Most extreme' },
        { name: 'peak_at', title: 'at', text: lateText },
        { name: 'acknowledged', title: 'Acknowledged' },
        { name: 'judged', title: 'Judged up to', text: lateText },
      ],
      mark: (row) => (isStanding(row) ? 'strong' : null),
      none: 'None: no collector has run on this store yet',
      empty: EMPTY,
    }),
  );
  let waiting = new Set<unknown>();
  const acknowledge: ShownColumn = {
    name: 'acknowledged',
    title: 'Acknowledged',
    text: (value, row) => (waiting.has(row['id']) ? 'Acknowledge' : timeText(value)),
    action: (row) => (waiting.has(row['id']) ? () => void change('v1/alerts/acknowledge', { id: Number(row['id']) }, `No. ${row['id']} is acknowledged`) : null),
  };
  const decisions = board.add(
    createTablePanel({
      id: 'history',
      title: 'Alerts',
      note: `what was decided, the newest ${MOST_DECISIONS}`,
      feed: history,
      others: [rules],
      state,
      rows: (rows) => {
        waiting = toAcknowledge(rules.answer ? tableRows(rules.answer) : [], rows);
        return rows;
      },
      order: '-id',
      key: (row) => String(row['id']),
      columns: [
        { name: 'id', title: 'No.' },
        { name: 'at', title: 'Interval', text: timeText },
        { name: 'severity', title: 'Severity' },
        { name: 'rule', title: 'Rule' },
        { name: 'key', title: 'Of' },
        { name: 'kind', title: 'Kind' },
        { name: 'text', title: 'Words', words: true },
        { name: 'deliveries', title: 'Sent', text: (value, row) => String(value ?? row['not_sent'] ?? NONE), words: true },
        acknowledge,
      ],
      mark: (row) => (row['severity'] === 'critical' ? 'strong' : null),
      none: 'None yet',
      empty: EMPTY,
    }),
  );
  decisions.body.before(said);
  const muted = board.add(
    createTablePanel({
      id: 'mutes',
      title: 'Muted',
      note: 'recorded and not sent; what still stands when it ends is told then',
      feed: mutes,
      state,
      order: 'until',
      key: (row) => `${row['rule']} ${row['key']}`,
      columns: [
        { name: 'rule', title: 'Rule', text: anyText },
        { name: 'key', title: 'Of', text: anyText },
        { name: 'until', title: 'Until', text: timeText },
        { name: 'end', title: 'Told again', made: '', text: () => 'End', action: (row) => () => void mute(String(row['rule']), String(row['key']), '0m') },
      ],
      none: 'Nothing is muted',
      empty: EMPTY,
    }),
  );
  muted.body.before(muteForm(rules, mute));
  board.add(sinkPanel(board, sinks));
  return feeds;
}

function sinkPanel(board: Board, feed: Feed<TableAnswer>): Part {
  return createTablePanel({
    id: 'sinks',
    title: 'Ways out',
    note: 'how messages get to people',
    feed,
    state: board.state,
    order: '',
    key: (row) => `${row['sink']} ${row['to']}`,
    columns: [
      { name: 'sink', title: 'Sink' },
      { name: 'to', title: 'To' },
      { name: 'waiting', title: 'Waiting', text: countText },
      { name: 'sent', title: 'Sent', text: countText },
      { name: 'failed', title: 'Failed', text: countText },
      { name: 'last_sent', title: 'Last', text: (value) => (typeof value === 'number' ? `${durationCoarse(now() - value)} ago` : 'never') },
      { name: 'error', title: 'State', text: (value) => String(value ?? 'well') },
    ],
    mark: (row) => (row['error'] === null ? null : 'damaged'),
    none: 'None is set up',
    empty: EMPTY,
  });
}

/** Which rule, of what, for how long. */
function muteForm(rules: Feed<TableAnswer>, mute: (rule: string, key: string, until: string) => Promise<void>): HTMLElement {
  const rule = el('select', { 'aria-label': 'Rule' }, el('option', { value: '*' }, 'every rule'));
  const key = el('input', { 'aria-label': 'Region, unit or feed; empty: all', placeholder: 'all regions, units, feeds', maxlength: 100 });
  const until = el('select', { 'aria-label': 'For how long' }, ...TIMES.map(([value, label]) => el('option', { value }, label)));
  const button = el('button', { type: 'submit', class: 'act' }, 'Mute');
  const form = el('form', { class: 'mute-form' }, rule, 'of', key, 'for', until, button);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void mute(rule.value, key.value.trim() || '*', until.value);
  });
  rules.onAnswer(() => {
    const names = rules.answer ? [...new Set(tableRows(rules.answer).map((row) => String(row['rule'])))] : [];
    if (names.length + 1 === rule.options.length) return;
    const chosen = rule.value;
    rule.replaceChildren(el('option', { value: '*' }, 'every rule'), ...names.map((name) => el('option', { value: name }, name)));
    rule.value = names.includes(chosen) ? chosen : '*';
  });
  return form;
}

/** Of lately: without the year. */
function lateText(value: Cell): string {
  return typeof value === 'number' ? `${dayShort(value)} ${clock(value)}` : NONE;
}

function timeText(value: Cell): string {
  return typeof value === 'number' ? full(value) : NONE;
}

function anyText(value: Cell): string {
  return value === '*' ? 'any' : String(value ?? NONE);
}

function countText(value: Cell): string {
  return typeof value === 'number' ? count(value) : NONE;
}
