// The day so far by region, with one line on what stands out against the same hours of yesterday and of last year.

import { type TableAnswer, type TableRow } from '../data/api';
import type { Feed } from '../data/feeds';
import type { UrlState } from '../shell/state';
import { clock } from '../ui/time';
import { NONE, digits, dollars, isNumber, price, share, type Value } from '../ui/format';
import type { Panel } from '../ui/panel';
import { createTablePanel } from '../ui/table-panel';

export function createSummary(feed: Feed<TableAnswer>, state: UrlState): Panel {
  return createTablePanel({
    id: 'summary',
    title: 'Today by region',
    note: 'from 00:00; GWh and shares with rooftop, whose end is an estimate',
    feed,
    state,
    order: '',
    columns: [
      { name: 'region', title: 'Region' },
      { name: 'price', title: 'Mean' },
      { name: 'max', title: 'High', text: (value, row) => at(value, row['max_at']) },
      { name: 'min', title: 'Low', text: (value, row) => at(value, row['min_at']) },
      { name: 'gwh', title: 'Energy', made: 'GWh' },
      { name: 'share_generation', title: 'Renew.', text: percentText },
      { name: 'share_gas', title: 'Gas', text: percentText },
      { name: 'share_coal', title: 'Coal', text: percentText },
      { name: 'words', title: 'What stands out', made: '', text: (value) => String(value ?? '') },
    ],
    rows: (rows) =>
      rows
        .filter(({ period }) => period === 'day')
        .map((row) => {
          const of = (period: string) => rows.find((each) => each['region'] === row['region'] && each['period'] === period);
          const mwh = row['energy'] as Value;
          return { ...row, gwh: isNumber(mwh) ? mwh / 1000 : null, words: whatStandsOut(row, of('before'), of('year')) };
        }),
    mark: (row) => (row['region'] === 'NEM' ? 'strong' : null),
    empty: 'No data collected yet',
  });
}

function at(value: unknown, time: unknown): string {
  return isNumber(value as Value) ? `${price(value as Value)} ${isNumber(time as Value) ? clock(time as number) : ''}` : NONE;
}

function percentText(value: unknown): string {
  return isNumber(value as Value) ? `${share(value as Value)} %` : NONE;
}

/** Something worth saying, and how much: 1 is a change that a reader would mention. */
interface Remark {
  weight: number;
  words: string;
}

const HIGH_PRICE = 300;

/** One line on a region's day, of at most two remarks, the weightiest first. */
export function whatStandsOut(day: TableRow, before: TableRow | undefined, year: TableRow | undefined): string {
  const remarks = [...extremes(day), priceRemark(day, before, year), shareRemark(day, before, year), energyRemark(day, before, year)];
  const worth = remarks.filter((each): each is Remark => each !== null && each.weight >= 1).sort((a, b) => b.weight - a.weight);
  if (worth.length) return sentence(worth.slice(0, 2).map(({ words }) => words).join('; '));
  return before && isNumber(number(before, 'price')) ? 'Much like yesterday' : 'Nothing to compare with yet';
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function number(row: TableRow | undefined, name: string): Value {
  return row?.[name] as Value;
}

function extremes(day: TableRow): (Remark | null)[] {
  const [max, min] = [number(day, 'max'), number(day, 'min')];
  const when = (name: string) => (isNumber(number(day, name)) ? ` at ${clock(day[name] as number)}` : '');
  return [
    isNumber(max) && max >= HIGH_PRICE ? { weight: 2 + Math.log10(max / HIGH_PRICE), words: `${dollars(max)}${when('max_at')}` } : null,
    isNumber(min) && min <= -HIGH_PRICE ? { weight: 2, words: `${dollars(min)}${when('min_at')}` } : null,
  ];
}

/** "mean price +62 % on yesterday, −10 % on last year": by a quarter or more, and by more than a few dollars. */
function priceRemark(day: TableRow, before: TableRow | undefined, year: TableRow | undefined): Remark | null {
  return changes('mean price', [day, before, year].map((row) => number(row, 'price')), (now, then) => {
    const size = Math.abs(now - then);
    if (size < 10) return null;
    const words = then > 0 && now > 0 ? signedText((now / then - 1) * 100, 0, ' %') : `${dollars(now - then).replace('$', now > then ? '+$' : '$')}`;
    return { weight: Math.min(3, size / Math.max(20, Math.abs(then) / 4)), words };
  });
}

/** In points of per cent: by five or more. */
function shareRemark(day: TableRow, before: TableRow | undefined, year: TableRow | undefined): Remark | null {
  return changes('renewables', [day, before, year].map((row) => number(row, 'share_generation')), (now, then) => ({
    weight: Math.min(3, Math.abs(now - then) / 0.05),
    words: signedText((now - then) * 100, 1, ' points'),
  }));
}

/** By a twentieth or more. */
function energyRemark(day: TableRow, before: TableRow | undefined, year: TableRow | undefined): Remark | null {
  return changes('generation', [day, before, year].map((row) => number(row, 'energy')), (now, then) =>
    then > 0 ? { weight: Math.min(3, Math.abs(now / then - 1) / 0.05), words: signedText((now / then - 1) * 100, 0, ' %') } : null,
  );
}

function changes(what: string, [now, before, year]: Value[], compare: (now: number, then: number) => Remark | null): Remark | null {
  if (!isNumber(now)) return null;
  const against = [
    { words: 'on yesterday', change: isNumber(before) ? compare(now, before) : null },
    { words: 'on last year', change: isNumber(year) ? compare(now, year) : null },
  ].flatMap(({ words, change }) => (change ? [{ weight: change.weight, words: `${change.words} ${words}` }] : []));
  if (!against.length) return null;
  return { weight: Math.max(...against.map(({ weight }) => weight)), words: `${what} ${against.map(({ words }) => words).join(', ')}` };
}

function signedText(value: number, decimals: number, unit: string): string {
  return `${value < 0 ? '−' : '+'}${digits(Math.abs(value), decimals)}${unit}`;
}
