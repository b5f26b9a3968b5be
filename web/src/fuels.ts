// Groups of generation as the dashboard shows them: their colours, their order in a stack, and how they come about from
// the mix of the API, which has generation and load of each fuel. A fuel that is not known here is drawn too, in the
// colour of "Other".

import { alignTo, type Series, type SeriesAnswer } from './data/api';
import { isNumber, type Value } from './ui/format';
import type { Drawn } from './ui/series-panel';

export interface Group {
  /** As the API names it. */
  name: string;
  /** A CSS variable, see ui/theme.css. */
  color: string;
}

/** From below: what runs steadily first, then what follows demand, then weather, then what was stored or came over a link. */
const ORDER = [
  'Brown coal',
  'Black coal',
  'CCGT',
  'OCGT',
  'Gas other',
  'Distillate',
  'Biomass',
  'Other',
  'Unknown',
  'Water',
  'Wind',
  'Solar',
  'Rooftop',
  'Battery discharge',
  'Imports',
  'Battery charge',
  'Load',
  'Exports',
];

export const GROUPS: readonly Group[] = ORDER.map((name) => ({ name, color: groupColor(name) }));

/** The CSS variable that holds a group's colour: "--fuel-black-coal". */
export function groupColor(name: string): string {
  const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return ORDER.includes(name) ? `--fuel-${slug}` : '--fuel-other';
}

/** The words for a group where its name alone is the trade's shorthand. */
export function groupLabel(name: string): string {
  return LABELS.get(name) ?? name;
}

const LABELS = new Map([
  ['CCGT', 'Gas (CCGT)'],
  ['OCGT', 'Gas (OCGT)'],
  ['Gas other', 'Gas (other)'],
  ['Water', 'Hydro'],
  ['Solar', 'Solar (utility)'],
  ['Rooftop', 'Solar (rooftop)'],
  ['Load', 'Pumps and loads'],
]);

/** Where a group stands in a stack; unknown ones after all others. */
export function groupRank(name: string): number {
  const at = ORDER.indexOf(name);
  return at < 0 ? ORDER.length : at;
}

/** The group that a series of the mix belongs to: a battery's two sides are told apart, what others take is a load. */
function groupOf({ id, measure }: Series): string {
  if (id === 'Battery') return measure === 'load' ? 'Battery charge' : 'Battery discharge';
  return measure === 'load' ? 'Load' : id;
}

/** The mix as layers of a stack, in its order: what is taken is below zero. Groups that are nothing throughout are left out. */
export function mixLayers(answer: SeriesAnswer): Drawn[] {
  const groups = new Map<string, Value[]>();
  for (const series of answer.data.series) {
    const name = groupOf(series);
    const sign = series.measure === 'load' ? -1 : 1;
    const before = groups.get(name);
    groups.set(name, series.values.map((value, i) => sum(before?.[i], isNumber(value) ? sign * value : null)));
  }
  return [...groups]
    .filter(([, values]) => values.some((value) => isNumber(value) && value !== 0))
    .map(([id, values]) => ({
      id,
      label: groupLabel(id),
      color: groupColor(id),
      values,
      ...(id === 'Rooftop' ? { estimatedFrom: answer.meta.provisional_from ?? null } : {}),
    }))
    .sort(byRank);
}

/** In the order of a stack. */
export function byRank(a: Drawn, b: Drawn): number {
  return groupRank(a.id) - groupRank(b.id);
}

/**
 * What comes to a region over its links and what leaves it, as layers at the times [time]: parted link by link, so that what
 * passes through is seen. [flows] has the metered flow of each link at five minutes.
 */
export function linkLayers(flows: SeriesAnswer, region: string, time: readonly number[]): Drawn[] {
  const own = flows.data.series.filter(({ measure, from, to }) => measure === 'meteredmwflow' && (from === region || to === region));
  let imports: Value[] = [];
  let exports: Value[] = [];
  for (const { from, values } of own) {
    const inward = alignTo(time, flows, values).map((value) => (isNumber(value) ? (from === region ? -value : value) : null));
    imports = inward.map((value, i) => sum(imports[i], isNumber(value) ? Math.max(0, value) : null));
    exports = inward.map((value, i) => sum(exports[i], isNumber(value) ? Math.min(0, value) : null));
  }
  const layer = (id: string, values: Value[]) => ({ id, label: groupLabel(id), color: groupColor(id), values });
  return own.length ? [layer('Imports', imports), layer('Exports', exports)] : [];
}

function sum(a: Value, b: Value): Value {
  if (!isNumber(a)) return b;
  return isNumber(b) ? a + b : a;
}
