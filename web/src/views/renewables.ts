// The view "Renewables": the share by three definitions, which are never mixed, and the records of all time or of a range.

import { spreadColumns } from '../chart/legend';
import type { SeriesAnswer, TableAnswer } from '../data/api';
import { drawRegions } from '../market';
import { createByDay } from '../panels/by-day';
import { createRecords } from '../panels/records';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { RESOLUTIONS, buttons, picked, rangeControl, regionButtons, regionQuery, resolutionQuery, select, type Choice } from '../ui/controls';
import { share } from '../ui/format';
import { spanQuery } from '../ui/range';
import { createSeriesPanel, type Drawn } from '../ui/series-panel';
import { DAY } from '../ui/time';

const FIRST_RANGE = '7d';
const YEARS = 5;
/** A day of five years in each of the regions and the NEM. */
const MOST_ROWS = 12_000;
const SHARES: readonly Choice[] = [
  { value: 'generation', label: 'of generation' },
  { value: 'incl_storage', label: 'with storage' },
  { value: 'of_demand', label: 'of demand' },
];

export function create(state: UrlState): View {
  const board = new Board(state, 'renewables');
  board.control(
    regionButtons(state),
    buttons(state, 'Share', 'share', SHARES),
    rangeControl(state, FIRST_RANGE),
    select(state, 'Resolution', 'resolution', RESOLUTIONS),
  );
  const query = board.query(FIRST_RANGE, () => regionQuery(state));
  const shares = board.feed(
    'scada5',
    (dataset) => `v1/renewables?share=${picked(state, 'share', SHARES)}&${query(dataset)}${resolutionQuery(state)}`,
  );
  const days = board.feed<TableAnswer>('scada5', ({ latest }) => {
    const to = latest ?? 0;
    return `v1/renewables/by-day?limit=${MOST_ROWS}&${spanQuery([to - YEARS * 365 * DAY, to])}${regionQuery(state)}`;
  });
  board.add(
    createSeriesPanel({
      id: 'share',
      title: 'Renewable share',
      note: 'per cent: wind, solar, rooftop, hydro and biomass over what the choice above says',
      feed: shares,
      group: board.group,
      state,
      axis: 'linear',
      unit: '%',
      format: share,
      draw: drawShares,
      columns: spreadColumns(share, true),
      empty: 'No generation collected yet',
      hint: true,
    }),
  );
  board.add(createByDay(days, state, () => picked(state, 'share', SHARES)));
  board.add(createRecords(board, FIRST_RANGE));
  return board;
}

function drawShares(answer: SeriesAnswer): Drawn[] {
  return drawRegions({ ...answer, data: { ...answer.data, series: answer.data.series.map(({ measure: _, ...series }) => series) } });
}
