// The view "Today": the state of the market now and over the last 24 hours, for who keeps it open all day.

import { spreadColumns } from '../chart/legend';
import type { Dataset, TableAnswer } from '../data/api';
import { mixLayers } from '../fuels';
import { createFlowMap, FLOW_MEASURES, createFlows } from '../panels/flows';
import { createDay } from '../panels/day';
import { createGauges } from '../panels/gauges';
import { createPriceTable } from '../panels/price-table';
import { createRegions } from '../panels/regions';
import { createUnits } from '../panels/units';
import { createPrices } from '../panels/prices';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { regionButtons, regionQuery } from '../ui/controls';
import { megawatts } from '../ui/format';
import { spanQuery } from '../ui/range';
import { createSeriesPanel } from '../ui/series-panel';

export function create(state: UrlState): View {
  const board = new Board(state, 'today');
  // What no range is named for is of the last 24 hours.
  const prices = board.early('prices5', () => 'v1/prices');
  const demand = board.early('regions5', () => 'v1/demand');
  const mix = board.early('scada5', () => `v1/generation?by=fuel${regionQuery(state)}`);
  const gauges = board.early<TableAnswer>('scada5', () => 'v1/gauges/today?limit=500');
  const flows = board.early('transmission5', () => `v1/transmission?measure=${FLOW_MEASURES}`);
  const units = board.feed('scada5', (dataset) => `v1/generation?by=unit&${latestInterval(dataset)}`);

  board.add(createRegions(prices, demand));
  const generation = createSeriesPanel({
    id: 'generation',
    title: 'Generation',
    note: 'last 24 h. SCADA, MW at interval start',
    feed: mix,
    group: board.group,
    state,
    axis: 'linear',
    stacked: true,
    unit: 'MW',
    format: megawatts,
    draw: mixLayers,
    columns: spreadColumns(megawatts, false),
    empty: 'No generation collected yet',
  });
  generation.head.querySelector('h2')?.after(regionButtons(state));
  board.add(generation, 'main');
  board.add(createPrices(board, prices, '$/MWh, last 24 h'), 'main');
  board.add(createGauges(gauges, state), 'aside');
  board.add(createFlowMap(flows, prices), 'aside');
  board.nextRow();
  board.add(createDay(gauges, state), 'main');
  board.add(createUnits(units, state), 'main');
  board.add(createPriceTable(prices), 'aside');
  board.add(createFlows(flows), 'aside');
  return board;
}

/** The range of one interval: five hundred units over a day would be a megabyte that nothing here shows. */
function latestInterval({ latest, step_minutes }: Dataset): string {
  const to = latest ?? 0;
  return spanQuery([to - step_minutes * 60, to]);
}
