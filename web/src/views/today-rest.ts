// What "Today" shows below the first screen.

import type { Dataset, TableAnswer } from '../data/api';
import type { Feed } from '../data/feeds';
import { createAlerts } from '../panels/alerts';
import { createBulletin } from '../panels/bulletin';
import { createDay } from '../panels/day';
import { createFlows } from '../panels/flows';
import { createPriceTable } from '../panels/price-table';
import { createSummary } from '../panels/summary';
import { createUnits } from '../panels/units';
import type { Board } from '../ui/board';
import { spanQuery } from '../ui/range';

interface Shared {
  prices: Feed;
  gauges: Feed<TableAnswer>;
  flows: Feed;
}

export function addRest(board: Board, { prices, gauges, flows }: Shared): void {
  const { state } = board;
  const summary = board.feed<TableAnswer>('scada5', () => 'v1/summary');
  const rules = board.feed<TableAnswer>('prices5', () => 'v1/alerts?limit=1000', 'alert');
  const decisions = board.feed<TableAnswer>('prices5', () => 'v1/alerts/history?limit=100', 'alert');
  const notices = board.feed<TableAnswer>('prices5', () => 'v1/notices?limit=60');
  const units = board.feed('scada5', (dataset) => `v1/generation?by=unit&${latestInterval(dataset)}`);

  board.nextRow('detail');
  board.add(createPriceTable(prices), 'middle');
  board.add(createSummary(summary, state), 'main');
  board.add(createAlerts(rules, decisions), 'aside');
  board.add(createBulletin(notices), 'main');
  board.add(createDay(gauges, state));
  board.nextRow();
  board.add(createUnits(units, state), 'main');
  board.add(createFlows(flows), 'aside');
}

/** The range of one interval: five hundred units over a day would be a megabyte that nothing here shows. */
function latestInterval({ latest, step_minutes }: Dataset): string {
  const to = latest ?? 0;
  return spanQuery([to - step_minutes * 60, to]);
}
