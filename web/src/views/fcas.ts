// The view "FCAS": the prices of the ten ancillary services, side by side for all regions, and over time for one.

import { spreadColumns } from '../chart/legend';
import { type SeriesAnswer } from '../data/api';
import { createServices } from '../panels/services';
import { SERVICES, type Service } from '../services';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { RESOLUTIONS, oneRegion, rangeControl, regionButtons, resolutionQuery, select } from '../ui/controls';
import { price } from '../ui/format';
import { spanQuery } from '../ui/range';
import { createSeriesPanel, type Drawn } from '../ui/series-panel';
import { DAY } from '../ui/time';

const FIRST_RANGE = '1d';
const ALL = SERVICES.map(({ id }) => id).join();

export function create(state: UrlState): View {
  const board = new Board(state, 'fcas');
  board.control(regionButtons(state), rangeControl(state, FIRST_RANGE), select(state, 'Resolution', 'resolution', RESOLUTIONS));
  const region = () => oneRegion(state);
  const query = board.query(FIRST_RANGE, () => `&region=${region()}${resolutionQuery(state)}`);
  const day = board.feed('fcas5', ({ latest }) => `v1/fcas?service=${ALL}&${spanQuery([(latest ?? 0) - DAY, latest ?? 0])}`);
  const prices = board.feed('fcas5', (dataset) => `v1/fcas?service=${ALL}&${query(dataset)}`);

  board.add(createServices(day, state));
  for (const [way, title] of [['raise', 'Raise'], ['lower', 'Lower']] as const) {
    const services = SERVICES.filter(({ id }) => id.startsWith(way));
    board.add(
      createSeriesPanel({
        id: way,
        title: `${title} services`,
        note: () => `$/MW an hour, ${region()}`,
        feed: prices,
        group: board.group,
        region,
        state,
        axis: 'price',
        unit: '$/MW/h',
        format: price,
        draw: (answer) => drawServices(answer, services),
        columns: spreadColumns(price, true),
        empty: 'No prices collected yet',
        hint: way === 'raise',
      }),
    );
  }
  return board;
}

function drawServices({ data }: SeriesAnswer, services: readonly Service[]): Drawn[] {
  return services.flatMap(({ id, label, color }) => {
    const series = data.series.find(({ measure }) => measure === id);
    if (!series) return [];
    return [{ id, label, color, values: series.values }];
  });
}
