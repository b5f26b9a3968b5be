// The view "Today": the state of the market now and over the last 24 hours, for who keeps it open all day.

import { spreadColumns } from '../chart/legend';
import { alignTo, findSeries, type Dataset, type SeriesAnswer, type TableAnswer } from '../data/api';
import type { Feed } from '../data/feeds';
import { byRank, linkLayers, mixLayers } from '../fuels';
import { REGIONS } from '../market';
import { createAlerts } from '../panels/alerts';
import { createBulletin } from '../panels/bulletin';
import { createFlowMap, FLOW_MEASURES, createFlows } from '../panels/flows';
import { createDay } from '../panels/day';
import { createDemandGauge, createShareGauge } from '../panels/gauges';
import { createPriceTable } from '../panels/price-table';
import { createRegions } from '../panels/regions';
import { createStorage } from '../panels/storage';
import { createSummary } from '../panels/summary';
import { createUnits } from '../panels/units';
import { createPrices } from '../panels/prices';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { chosenRegion, regionButtons, regionQuery } from '../ui/controls';
import { isNumber, megawatts, type Value } from '../ui/format';
import { spanQuery } from '../ui/range';
import { createSeriesPanel, type Drawn } from '../ui/series-panel';

export function create(state: UrlState): View {
  const board = new Board(state, 'today');
  // What no range is named for is of the last 24 hours. What the first screen shows is asked for first.
  const prices = board.early('prices5', () => 'v1/prices?nem=weighted&firmness=yes');
  const mix = board.early('scada5', () => `v1/generation?by=fuel${regionQuery(state)}`);
  const demand = board.early('regions5', () => 'v1/demand?measure=target,underlying');
  const gauges = board.early<TableAnswer>('scada5', () => 'v1/gauges/today?limit=500');
  const flows = board.early('transmission5', () => `v1/transmission?measure=${FLOW_MEASURES}`);
  const forecast = board.early('p5min', () => 'v1/prices/forecast?before=yes');
  const summary = board.feed<TableAnswer>('scada5', () => 'v1/summary');
  const rules = board.early<TableAnswer>('prices5', () => 'v1/alerts?limit=1000', 'alert');
  const decisions = board.early<TableAnswer>('prices5', () => 'v1/alerts/history?limit=100', 'alert');
  const notices = board.feed<TableAnswer>('prices5', () => 'v1/notices?limit=60');
  const units = board.feed('scada5', (dataset) => `v1/generation?by=unit&${latestInterval(dataset)}`);

  board.add(createRegions({ prices, demand, forecast, gauges }));
  board.nextRow('overview');
  const generation = createSeriesPanel({
    id: 'generation',
    title: 'Generation',
    note: 'last 24 h, SCADA, MW at interval start',
    feed: mix,
    others: [flows, demand],
    group: board.group,
    state,
    axis: 'linear',
    stacked: true,
    unit: 'MW',
    format: megawatts,
    draw: (answer) => stackOf(answer, chosenRegion(state), flows, demand),
    columns: spreadColumns(megawatts, false).slice(1), // what runs is mostly above nothing: its highest says more
    empty: 'No generation collected yet',
  });
  generation.choose(regionButtons(state));
  board.add(generation, 'main');
  board.add(createPrices(board, prices, '$/MWh, last 24 h', { hint: true }), 'main');
  board.add(createShareGauge(gauges, state), 'middle');
  board.add(createDemandGauge(gauges, state), 'middle');
  board.add(createFlowMap(flows, prices), 'aside');
  board.add(createStorage(gauges), 'aside');
  board.nextRow('detail');
  board.add(createPriceTable(prices), 'middle');
  board.add(createSummary(summary, state), 'main');
  board.add(createAlerts(rules, decisions), 'aside');
  board.add(createBulletin(notices), 'main');
  board.add(createDay(gauges, state));
  board.nextRow();
  board.add(createUnits(units, state), 'main');
  board.add(createFlows(flows), 'aside');
  return board;
}

/** The mix, for a region with what comes and goes over its links, and what people used as a line on top. */
function stackOf(mix: SeriesAnswer, region: string, flows: Feed, demand: Feed): Drawn[] {
  const { time } = mix.data;
  const layers = mixLayers(mix);
  if (region !== 'NEM' && flows.answer) layers.push(...linkLayers(flows.answer, region, time));
  layers.sort(byRank);
  const used = demand.answer && underlying(demand.answer, region, time);
  if (used?.some(isNumber)) layers.push({ id: 'demand', label: 'Underlying demand', color: '--ink', line: true, values: used });
  return layers;
}

function underlying(answer: SeriesAnswer, region: string, time: readonly number[]): Value[] {
  const regions = region === 'NEM' ? REGIONS : [region];
  const parts = regions.map((id) => alignTo(time, answer, findSeries(answer, id, 'underlying')?.values ?? []));
  return time.map((_, i) => {
    const values = parts.map((part) => part[i]);
    return values.every(isNumber) ? values.reduce((sum, value) => sum + value, 0) : null;
  });
}

/** The range of one interval: five hundred units over a day would be a megabyte that nothing here shows. */
function latestInterval({ latest, step_minutes }: Dataset): string {
  const to = latest ?? 0;
  return spanQuery([to - step_minutes * 60, to]);
}
