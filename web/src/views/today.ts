// The view "Today": the state of the market now and over the last 24 hours, for who keeps it open all day. What the first
// screen shows is asked for, and drawn, before all the rest.

import { spreadColumns } from '../chart/legend';
import { alignTo, findSeries, type SeriesAnswer, type TableAnswer } from '../data/api';
import type { Feed } from '../data/feeds';
import { QUESTIONS, mixQuestion } from '../data/first';
import { byRank, linkLayers, mixLayers } from '../fuels';
import { REGIONS } from '../market';
import { createFlowMap } from '../panels/flow-map';
import { createDemandGauge, createShareGauge } from '../panels/gauges';
import { createRegions } from '../panels/regions';
import { createStorage } from '../panels/storage';
import { createPrices } from '../panels/prices';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { chosenRegion, regionButtons } from '../ui/controls';
import { isNumber, megawatts, type Value } from '../ui/format';
import { createSeriesPanel, type Drawn } from '../ui/series-panel';

export function create(state: UrlState): View {
  const board = new Board(state, 'today');
  const prices = board.early('prices5', () => QUESTIONS.prices);
  const mix = board.early('scada5', () => mixQuestion(chosenRegion(state)));
  const demand = board.early('regions5', () => QUESTIONS.demand);
  const gauges = board.early<TableAnswer>('scada5', () => QUESTIONS.gauges);
  const flows = board.early('transmission5', () => QUESTIONS.flows);
  const forecast = board.early('p5min', () => QUESTIONS.forecast);

  board.await(prices, mix, demand, gauges, flows, forecast);

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
  board.later(mix, async () => {
    const { addRest } = await import('./today-rest');
    return () => addRest(board, { prices, gauges, flows });
  });
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
