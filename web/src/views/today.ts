// The view "Today": the state of the market now and over the last 24 hours.

import type { Dataset } from '../api';
import { ChartGroup, type Range } from '../chart';
import { el } from '../dom';
import { Feed } from '../feeds';
import { FLOW_MEASURES, createFlows } from '../panels/flows';
import { createGeneration } from '../panels/generation';
import { createPrices } from '../panels/prices';
import { createRegions } from '../panels/regions';
import { createUnits } from '../panels/units';
import { UrlState } from '../state';
import { fromIso, iso } from '../time';

export interface View {
  /** What the poller has to keep current for this view. */
  feeds: Feed[];
  root: HTMLElement;
  /** Once a second. */
  tick(): void;
}

/** A route without a range answers with the 24 hours up to its dataset's latest interval. */
export function createToday(): View {
  const prices = new Feed('prices5', () => 'v1/prices');
  const demand = new Feed('regions5', () => 'v1/demand');
  const generation = new Feed('scada5', () => 'v1/generation?by=total');
  const units = new Feed('scada5', (dataset) => `v1/generation?by=unit&${latestInterval(dataset)}`);
  const flows = new Feed('transmission5', () => `v1/transmission?measure=${FLOW_MEASURES}`);

  const state = new UrlState('today');
  const group = new ChartGroup();
  const panels = {
    regions: createRegions(prices, demand),
    prices: createPrices(prices, group, state),
    generation: createGeneration(generation, group),
    flows: createFlows(flows),
    units: createUnits(units, state),
  };
  const back = el('button', { type: 'button', class: 'zoom-back', hidden: true }, 'Zoom out');
  back.addEventListener('click', () => group.setZoom(null));
  group.onZoom((zoom) => {
    back.hidden = zoom === null;
    state.set('zoom', zoom && zoom.map((time) => iso(Math.round(time))).join('/'));
  });
  panels.prices.head.querySelector('h2')?.after(back);
  const readZoom = () => group.setZoom(parseZoom(state.get('zoom')));
  readZoom();
  state.onChange(readZoom);

  const root = el(
    'div',
    { class: 'today', id: 'today' },
    panels.regions.root,
    el('div', { class: 'charts' }, panels.prices.root, panels.generation.root),
    el('div', { class: 'aside' }, panels.flows.root, panels.units.root),
  );
  return {
    feeds: [prices, demand, generation, units, flows],
    root,
    tick: () => Object.values(panels).forEach((panel) => panel.tick()),
  };
}

function parseZoom(text: string | null): Range | null {
  const [from, to] = (text ?? '').split('/').map(fromIso);
  return from != null && to != null && from < to ? [from, to] : null;
}

/** The range of one interval: five hundred units over a day would be a megabyte that nothing here shows. */
function latestInterval({ latest, step_minutes }: Dataset): string {
  const to = latest ?? 0;
  return `from=${iso(to - step_minutes * 60)}&to=${iso(to)}`;
}
