// What the reader can choose in a view. Each control reads its value from the address and writes it there, and follows
// when "back" changes it.

import { REGIONS } from '../market';
import type { UrlState } from '../shell/state';
import { el } from './dom';
import { RANGES, chosenRange, givenDates, givenZoom, zoomText } from './range';
import { now } from '../data/clock';
import { DAY, floorTo, iso } from './time';

export interface Choice {
  value: string;
  label: string;
}

/** A row of buttons of which one is pressed. [name] is the parameter in the address, the first choice the default. */
export function buttons(state: UrlState, label: string, name: string, choices: readonly Choice[]): HTMLElement {
  const first = choices[0]?.value ?? '';
  const nodes = choices.map(({ value, label: text }) => {
    const button = el('button', { type: 'button', 'data-value': value }, text);
    button.addEventListener('click', () => state.set({ [name]: value === first ? null : value }, 'step'));
    return button;
  });
  const show = () => press(nodes, picked(state, name, choices));
  state.onChange(show);
  show();
  return el('div', { class: 'choices', role: 'group', 'aria-label': label }, ...nodes);
}

/** The value of [name], or the first choice where it is none of them. */
export function picked(state: UrlState, name: string, choices: readonly Choice[]): string {
  const value = state.get(name);
  return choices.find((choice) => choice.value === value)?.value ?? choices[0]?.value ?? '';
}

function press(nodes: HTMLElement[], value: string | null): void {
  for (const node of nodes) node.setAttribute('aria-pressed', String(node.dataset['value'] === value));
}

/** A list to choose from, where buttons would take too much room. */
export function select(state: UrlState, label: string, name: string, choices: readonly Choice[]): HTMLElement {
  const first = choices[0]?.value ?? '';
  const node = el('select', {}, ...choices.map(({ value, label: text }) => el('option', { value }, text)));
  node.addEventListener('change', () => state.set({ [name]: node.value === first ? null : node.value }, 'step'));
  const show = () => {
    node.value = picked(state, name, choices);
  };
  state.onChange(show);
  show();
  return el('label', { class: 'select' }, el('span', {}, label), node);
}

/** Which of [choices] are shown, as a list to tick; all of them where the address names none. */
export function checks(state: UrlState, label: string, name: string, choices: readonly Choice[]): HTMLElement {
  const boxes = choices.map(({ value, label: text }) => {
    const box = el('input', { type: 'checkbox', value });
    box.addEventListener('change', () => {
      const wanted = boxes.filter(({ box: each }) => each.checked).map(({ box: each }) => each.value);
      state.set({ [name]: wanted.length === choices.length ? null : wanted }, 'step');
    });
    return { box, line: el('label', {}, box, text) };
  });
  const show = () => {
    const wanted = checked(state, name, choices);
    for (const { box } of boxes) box.checked = wanted.includes(box.value);
  };
  state.onChange(show);
  show();
  const root = el('details', { class: 'menu checks' }, el('summary', {}, label), el('div', { class: 'menu-list' }, ...boxes.map(({ line }) => line)));
  root.addEventListener('focusout', (event) => {
    if (!root.contains(event.relatedTarget as Node | null) && event.relatedTarget !== null) root.removeAttribute('open');
  });
  return root;
}

/** The values of [name] that are ticked, in the order of [choices]. */
export function checked(state: UrlState, name: string, choices: readonly Choice[]): string[] {
  const given = state.list(name);
  return choices.map(({ value }) => value).filter((value) => given?.includes(value) ?? true);
}

export const REGION_CHOICES: readonly Choice[] = [
  { value: 'NEM', label: 'NEM' },
  ...REGIONS.map((region) => ({ value: region, label: region })),
];

/** The key r goes from each region to the next one. */
export function regionButtons(state: UrlState): HTMLElement {
  const root = buttons(state, 'Region', 'region', REGION_CHOICES);
  const show = () => {
    const at = REGION_CHOICES.findIndex(({ value }) => value === chosenRegion(state));
    for (const node of root.children) node.removeAttribute('data-key');
    root.children[(at + 1) % REGION_CHOICES.length]?.setAttribute('data-key', 'r');
  };
  state.onChange(show);
  show();
  return root;
}

/** "NEM" or a region. */
export function chosenRegion(state: UrlState): string {
  return picked(state, 'region', REGION_CHOICES);
}

/** For what only a single region has: the chosen one, of the whole NEM the first. */
export function oneRegion(state: UrlState): string {
  const region = chosenRegion(state);
  return region === 'NEM' ? REGIONS[0] : region;
}

/** "&region=SA1", or nothing for the whole NEM. */
export function regionQuery(state: UrlState): string {
  const region = chosenRegion(state);
  return region === 'NEM' ? '' : `&region=${region}`;
}

/** Range buttons, and two dates that take their place once both are given. [fallback] is the range at first. */
export function rangeControl(state: UrlState, fallback: string): HTMLElement {
  const nodes = RANGES.map(({ value, label }) => {
    const button = el('button', { type: 'button', 'data-value': value }, label);
    button.addEventListener('click', () =>
      state.set({ range: value === fallback ? null : value, from: null, to: null, zoom: null }, 'step'),
    );
    return button;
  });
  const from = el('input', { type: 'date', 'aria-label': 'First day' });
  const to = el('input', { type: 'date', 'aria-label': 'Last day' });
  const pick = () => {
    if (!from.value || !to.value || from.value > to.value) return;
    // The address holds the end as the API does, which the last day shown lies before.
    state.set({ range: null, from: from.value, to: iso(Date.parse(`${to.value}T00:00:00+10:00`) / 1000 + DAY).slice(0, 10), zoom: null }, 'step');
  };
  from.addEventListener('change', pick);
  to.addEventListener('change', pick);
  const show = () => {
    const given = givenDates(state);
    press(nodes, given ? null : chosenRange(state, fallback));
    from.value = given ? iso(given[0]).slice(0, 10) : '';
    to.value = given ? iso(given[1] - DAY).slice(0, 10) : '';
  };
  state.onChange(show);
  show();
  return el(
    'div',
    { class: 'range' },
    mover(state, fallback, -1, 'ArrowLeft', '‹', 'Earlier'),
    el('div', { class: 'choices', role: 'group', 'aria-label': 'Range' }, ...nodes),
    mover(state, fallback, 1, 'ArrowRight', '›', 'Later'),
    el('span', { class: 'dates' }, from, '–', to),
    newest(state),
  );
}

/** Moves the zoom, or else the dates, by their own length; a range of days up to now becomes dates first. */
function mover(state: UrlState, fallback: string, way: number, key: string, sign: string, label: string): HTMLElement {
  const button = el('button', { type: 'button', class: 'mover', 'data-key': key, 'aria-label': label, title: label }, sign);
  button.addEventListener('click', () => {
    const zoom = givenZoom(state);
    if (zoom) return state.set({ zoom: zoomText([zoom[0] + way * (zoom[1] - zoom[0]), zoom[1] + way * (zoom[1] - zoom[0])]) }, 'step');
    const given = givenDates(state);
    const days = RANGES.find(({ value }) => value === chosenRange(state, fallback))?.days ?? 1;
    if (!given && (days === Infinity || way > 0)) return;
    const end = given ? given[1] : floorTo(now(), DAY) + DAY;
    const length = given ? given[1] - given[0] : days * DAY;
    const [from, to] = [end - length + way * length, end + way * length];
    if (from > now()) return; // there is nothing yet
    state.set({ range: null, from: iso(from).slice(0, 10), to: iso(to).slice(0, 10), zoom: null }, 'step');
  });
  return button;
}

function newest(state: UrlState): HTMLElement {
  const button = el('button', { type: 'button', class: 'mover', 'data-key': 't' }, 'Now');
  button.addEventListener('click', () => state.set({ from: null, to: null, zoom: null }, 'step'));
  const show = () => {
    button.hidden = givenDates(state) === null;
  };
  state.onChange(show);
  show();
  return button;
}

export const RESOLUTIONS: readonly Choice[] = [
  { value: 'auto', label: 'Auto' },
  { value: '5m', label: '5 min' },
  { value: '30m', label: '30 min' },
  { value: '1h', label: 'Hour' },
  { value: '1d', label: 'Day' },
  { value: '1w', label: 'Week' },
  { value: '1mo', label: 'Month' },
];

export function resolutionQuery(state: UrlState): string {
  const value = picked(state, 'resolution', RESOLUTIONS);
  return value === 'auto' ? '' : `&resolution=${value}`;
}
