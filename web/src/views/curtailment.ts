// The view "Curtailment": sun and wind that could have been had, by region live, and by unit from the next day on.

import { spreadColumns } from '../chart/legend';
import type { SeriesAnswer, TableAnswer } from '../data/api';
import { groupColor, groupLabel } from '../fuels';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { RESOLUTIONS, rangeControl, regionButtons, regionQuery, resolutionQuery, select } from '../ui/controls';
import { isNumber, megawatts, percent, type Value } from '../ui/format';
import { createSeriesPanel, type Drawn } from '../ui/series-panel';
import { createTablePanel } from '../ui/table-panel';

const FIRST_RANGE = '7d';

export function create(state: UrlState): View {
  const board = new Board(state, 'curtailment');
  board.control(regionButtons(state), rangeControl(state, FIRST_RANGE), select(state, 'Resolution', 'resolution', RESOLUTIONS));
  const query = board.query(FIRST_RANGE, () => regionQuery(state));
  const curtailed = board.feed('regions5', (dataset) => `v1/curtailment?${query(dataset)}${resolutionQuery(state)}`);
  const units = board.feed<TableAnswer>('dispatch5', (dataset) => `v1/curtailment/units?limit=500&${query(dataset)}`);
  board.add(
    createSeriesPanel({
      id: 'curtailed',
      title: 'Not taken',
      note: 'MW of semi-scheduled units: offered out and curtailed together',
      feed: curtailed,
      group: board.group,
      state,
      axis: 'linear',
      stacked: true,
      unit: 'MW',
      format: megawatts,
      draw: drawFuels,
      columns: spreadColumns(megawatts, true),
      empty: 'No dispatch collected yet',
      hint: true,
    }),
  );
  board.add(
    createTablePanel({
      id: 'units',
      title: 'By unit',
      note: 'offered out: beyond what was offered; curtailed: offered and not cleared. Known on the next day',
      feed: units,
      state,
      order: '-curtailed',
      columns: [
        { name: 'duid', title: 'DUID' },
        { name: 'station', title: 'Station' },
        { name: 'region', title: 'Region' },
        { name: 'fuel', title: 'Fuel', text: (value) => groupLabel(String(value)) },
        { name: 'possible', title: 'Possible' },
        { name: 'offered_out', title: 'Offered out' },
        { name: 'curtailed', title: 'Curtailed' },
        { name: 'share', title: 'of possible', text: (value) => percent(value as Value) },
      ],
      empty: 'No next-day dispatch collected yet',
    }),
  );
  return board;
}

/** Over the regions that were asked for: sun, and wind. */
function drawFuels(answer: SeriesAnswer): Drawn[] {
  const kinds = [...new Set(answer.data.series.map(({ measure }) => measure ?? ''))];
  return kinds.map((kind) => {
    const own = answer.data.series.filter(({ measure }) => measure === kind);
    const name = kind.toLowerCase().includes('wind') ? 'Wind' : 'Solar';
    const values = answer.data.time.map((_, i) => {
      const known = own.map((series) => series.values[i]).filter(isNumber);
      return known.length ? known.reduce((sum, value) => sum + value, 0) : null;
    });
    return { id: kind, label: groupLabel(name), color: groupColor(name), values };
  });
}
