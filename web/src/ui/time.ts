// Market time. It is AEST, UTC+10 all year, whatever the browser's own zone is: a time is Unix seconds, and
// its parts are read as UTC after adding ten hours. The Date object's local getters are never used.

import { count } from './format';

const AEST = 10 * 3600;
export const MINUTE = 60;
export const HOUR = 3600;
export const DAY = 86400;

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function aest(time: number): Date {
  return new Date((time + AEST) * 1000);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** "18:10" */
export function clock(time: number): string {
  const at = aest(time);
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
}

/** "18:10:05" */
export function clockSeconds(time: number): string {
  return `${clock(time)}:${two(aest(time).getUTCSeconds())}`;
}

/** "20 Aug 2025" */
export function date(time: number): string {
  return `${dayMonth(time)} ${aest(time).getUTCFullYear()}`;
}

/** "20 Aug" */
export function dayMonth(time: number): string {
  const at = aest(time);
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]}`;
}

/** "Wed 20 Aug" */
export function dayShort(time: number): string {
  return `${DAYS[aest(time).getUTCDay()]} ${dayMonth(time)}`;
}

/** "Wed 20 Aug 2025 18:10" */
export function full(time: number): string {
  return `${dayShort(time)} ${aest(time).getUTCFullYear()} ${clock(time)}`;
}

/** "Aug 2025", and in January the year alone, which is what the eye looks for. */
export function monthYear(time: number): string {
  const at = aest(time);
  return at.getUTCMonth() === 0 ? String(at.getUTCFullYear()) : `${MONTHS[at.getUTCMonth()]} ${two(at.getUTCFullYear() % 100)}`;
}

/** Months since the year 0, of the month that [time] lies in. */
export function monthNumber(time: number): number {
  const at = aest(time);
  return at.getUTCFullYear() * 12 + at.getUTCMonth();
}

/** The first midnight of a month by its number. */
export function monthStart(month: number): number {
  return Date.UTC(Math.floor(month / 12), month % 12) / 1000 - AEST;
}

/** For the API, which reads a time without a zone as AEST: "2025-08-20T18:10:00" */
export function iso(time: number): string {
  return aest(time).toISOString().slice(0, 19);
}

/** The reverse of [iso]; null where [text] is no such time. */
export function fromIso(text: string): number | null {
  const ms = Date.parse(`${text}+10:00`);
  return Number.isNaN(ms) ? null : ms / 1000;
}

export function isMidnight(time: number): boolean {
  return (time + AEST) % DAY === 0;
}

/** The first multiple of [step] seconds, counted from AEST midnight, that is not before [time]. */
export function ceilTo(time: number, step: number): number {
  return Math.ceil((time + AEST) / step) * step - AEST;
}

/** The last multiple of [step] seconds, counted from AEST midnight, that is not after [time]. */
export function floorTo(time: number, step: number): number {
  return Math.floor((time + AEST) / step) * step - AEST;
}

/** "24 s", "3 min 05 s", "2 h 10 min", "460 days" */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < MINUTE) return `${s} s`;
  if (s < HOUR) return `${Math.floor(s / MINUTE)} min ${two(s % MINUTE)} s`;
  if (s < 2 * DAY) return `${Math.floor(s / HOUR)} h ${two(Math.floor((s % HOUR) / MINUTE))} min`;
  return `${count(Math.floor(s / DAY))} days`;
}

/** The same for text that does not tick: "3 min", "2 h", "460 days" */
export function durationCoarse(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < HOUR) return `${Math.floor(s / MINUTE)} min`;
  if (s < 2 * DAY) return `${Math.floor(s / HOUR)} h`;
  return duration(s);
}

/** "5m" to "5 min" */
export function resolutionText(resolution: string): string {
  const match = /^(\d+)(m|h|d)$/.exec(resolution);
  if (!match) return resolution;
  return `${match[1]} ${{ m: 'min', h: 'h', d: 'd' }[match[2] as 'm' | 'h' | 'd']}`;
}
