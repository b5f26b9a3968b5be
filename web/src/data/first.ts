// What the first screen of Today is made of. No range is named: all of it is of the last 24 hours.

export const META = 'v1/meta';

export const FLOW_MEASURES = 'meteredmwflow,mwflow,exportlimit,importlimit,marginalvalue';

export const QUESTIONS = {
  prices: 'v1/prices?nem=weighted&firmness=yes',
  demand: 'v1/demand?measure=target,underlying',
  gauges: 'v1/gauges/today?limit=500',
  flows: `v1/transmission?measure=${FLOW_MEASURES}`,
  forecast: 'v1/prices/forecast?before=yes',
} as const;

/** Of a region, or of the NEM. */
export function mixQuestion(region: string): string {
  return `v1/generation?by=fuel${region === 'NEM' ? '' : `&region=${region}`}`;
}
