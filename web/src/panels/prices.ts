// Prices over time, a line a region, on an axis that shows a negative afternoon and a spike alike.

import { spreadColumns } from '../chart/legend';
import type { Feed } from '../data/feeds';
import { drawRegions } from '../market';
import type { Board } from '../ui/board';
import { price } from '../ui/format';
import type { Panel } from '../ui/panel';
import { createSeriesPanel } from '../ui/series-panel';

/** Prices, with how many of each step may be revised: they get rings. */
export const PRICES = 'v1/prices?firmness=yes&';

interface PricesOptions {
  id?: string;
  hint?: boolean;
  region?: () => string;
  pick?: (time: number) => void;
}

export function createPrices(board: Board, feed: Feed, note: string, { id = 'prices', hint = false, region, pick }: PricesOptions = {}): Panel {
  return createSeriesPanel({
    id,
    title: 'Price',
    note,
    feed,
    group: board.group,
    state: board.state,
    axis: 'price',
    unit: '$/MWh',
    format: price,
    draw: drawRegions,
    columns: spreadColumns(price, true),
    empty: 'No prices collected yet',
    hint,
    ...(region ? { region } : {}),
    ...(pick ? { pick } : {}),
  });
}
