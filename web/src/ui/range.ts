// The range of time that a view shows: the last days before the newest interval, or dates that the reader gave.

import type { Dataset } from '../data/api';
import type { UrlState } from '../shell/state';
import { DAY, fromIso, iso } from './time';

export interface RangeChoice {
  value: string;
  label: string;
  days: number;
}

export const RANGES: readonly RangeChoice[] = [
  { value: '1d', label: '1 d', days: 1 },
  { value: '7d', label: '7 d', days: 7 },
  { value: '30d', label: '30 d', days: 30 },
  { value: '90d', label: '90 d', days: 90 },
  { value: '1y', label: '1 y', days: 365 },
  { value: 'all', label: 'All', days: Infinity },
];

export type Span = [from: number, to: number];

/** The dates in the address, each the beginning of its day; null unless both are there and in order. */
export function givenDates(state: UrlState): Span | null {
  const [from, to] = ['from', 'to'].map((name) => fromIso(`${state.get(name) ?? ''}T00:00:00`));
  return from != null && to != null && from < to ? [from, to] : null;
}

export function chosenRange(state: UrlState, fallback: string): string {
  const value = state.get('range');
  return RANGES.some((range) => range.value === value) ? (value as string) : fallback;
}

/** The zoom in the address, as two times; null where there is none. */
export function givenZoom(state: UrlState): Span | null {
  const [from, to] = (state.get('zoom') ?? '').split('/').map(fromIso);
  return from != null && to != null && from < to ? [from, to] : null;
}

export function zoomText(zoom: Span | null): string | null {
  return zoom && zoom.map((time) => iso(Math.round(time))).join('/');
}

/** What the view shows of [dataset], which holds something. */
export function shownSpan(state: UrlState, dataset: Dataset, fallback: string): Span {
  const given = givenDates(state);
  if (given) return given;
  const latest = dataset.latest ?? 0;
  const first = (dataset.first ?? latest) - dataset.step_minutes * 60;
  const chosen = chosenRange(state, fallback);
  const days = RANGES.find((range) => range.value === chosen)?.days ?? 1;
  return [days === Infinity ? first : latest - days * DAY, latest];
}

/** "from=…&to=…" for the API. */
export function spanQuery([from, to]: Span): string {
  return `from=${iso(from)}&to=${iso(to)}`;
}
