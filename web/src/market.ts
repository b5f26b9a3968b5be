// What the dashboard knows about the market itself; docs/market.md is the long form.

import { findSeries, type SeriesAnswer } from './data/api';
import { isNumber, type Value } from './ui/format';
import type { Drawn } from './ui/series-panel';

export const REGIONS = ['NSW1', 'QLD1', 'SA1', 'TAS1', 'VIC1'] as const;
export type Region = (typeof REGIONS)[number];

/** The CSS variable that holds a region's colour. */
export function regionColor(region: Region): string {
  return `--${region.toLowerCase()}`;
}

/** Names in use for the links whose id does not say it. A link that is not here is shown by its id alone. */
export const LINK_NAMES = new Map([
  ['N-Q-MNSP1', 'Terranora'],
  ['NSW1-QLD1', 'QNI'],
  ['T-V-MNSP1', 'Basslink'],
  ['V-S-MNSP1', 'Murraylink'],
  ['V-SA', 'Heywood'],
]);

/** What is said of a line beside its values. */
const BESIDE = ['min', 'max', 'not_firm'];

/**
 * The lines of regional series, each in its region's colour, and one of the NEM. Extremes are left to their tables; prices
 * that aren't firm are marked.
 */
export function drawRegions(answer: SeriesAnswer): Drawn[] {
  return answer.data.series
    .filter(({ measure }) => !BESIDE.includes(measure ?? ''))
    .map(({ id, values }) => {
      const region = isRegion(id);
      const marked = findSeries(answer, id, 'not_firm')?.values.map((count) => isNumber(count) && count > 0);
      return { id, label: id, color: region ? regionColor(id) : '--ink', dashed: !region, values, ...(marked ? { marked } : {}) };
    });
}

function isRegion(id: string): id is Region {
  return (REGIONS as readonly string[]).includes(id);
}

export interface PriceBand {
  name: 'negative' | 'normal' | 'high' | 'very-high' | 'extreme';
  /** The words beside the price, so that colour is never the only sign. */
  mark: string;
}

/** The bands have no holes: each begins where the one below it ends. */
export function priceBand(value: Value): PriceBand {
  if (!isNumber(value)) return { name: 'normal', mark: '' };
  if (value >= 10000) return { name: 'extreme', mark: '≥ 10,000' };
  if (value >= 1000) return { name: 'very-high', mark: '≥ 1,000' };
  if (value >= 300) return { name: 'high', mark: '≥ 300' };
  if (value < 0) return { name: 'negative', mark: 'negative' };
  return { name: 'normal', mark: '' };
}

export interface Flow {
  id: string;
  /** Positive flow runs from [from] to [to]. */
  from: string;
  to: string;
  meteredmwflow: Value;
  mwflow: Value;
  exportlimit: Value;
  importlimit: Value;
  marginalvalue: Value;
}

const AT_LIMIT_MW = 1;

/**
 * Whether dispatch holds [flow] at a limit. Both limits are signed in the direction of positive flow and can
 * have the same sign, and the metered flow can exceed them: a quotient of flow and limit means nothing.
 */
export function atLimit(flow: Flow): boolean {
  const { mwflow, exportlimit, importlimit, marginalvalue } = flow;
  const near = (limit: Value) =>
    isNumber(mwflow) && isNumber(limit) && Math.abs(mwflow - limit) <= AT_LIMIT_MW;
  return near(exportlimit) || near(importlimit) || (isNumber(marginalvalue) && marginalvalue !== 0);
}
