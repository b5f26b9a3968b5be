// The view "Transmission": flows and limits of the interconnectors over any range, how often each was at a limit, and what
// regions got from each other.

import { spreadColumns } from '../chart/legend';
import type { SeriesAnswer, TableAnswer } from '../data/api';
import { LINK_NAMES, drawRegions } from '../market';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { RESOLUTIONS, buttons, picked, rangeControl, resolutionQuery, select, type Choice } from '../ui/controls';
import { megawatts, percent } from '../ui/format';
import { createSeriesPanel, type Drawn } from '../ui/series-panel';
import { createTablePanel } from '../ui/table-panel';

const FIRST_RANGE = '1d';
const LINKS: readonly Choice[] = ['VIC1-NSW1', 'NSW1-QLD1', 'N-Q-MNSP1', 'V-SA', 'V-S-MNSP1', 'T-V-MNSP1'].map((value) => ({
  value,
  label: LINK_NAMES.get(value) ?? value,
}));
const LINES: readonly (readonly [measure: string, label: string, color: string, dashed: boolean])[] = [
  ['meteredmwflow', 'Metered', '--flow', false],
  ['mwflow', 'Target', '--ink', true],
  ['exportlimit', 'Export limit', '--limit', false],
  ['importlimit', 'Import limit', '--limit', true],
];

export function create(state: UrlState): View {
  const board = new Board(state, 'transmission');
  board.control(
    buttons(state, 'Interconnector', 'link', LINKS),
    rangeControl(state, FIRST_RANGE),
    select(state, 'Resolution', 'resolution', RESOLUTIONS),
  );
  const query = board.query(FIRST_RANGE, () => '');
  const measures = LINES.map(([measure]) => measure).join();
  const flows = board.feed('transmission5', (dataset) => `v1/transmission?measure=${measures}&${query(dataset)}${resolutionQuery(state)}`);
  const use = board.feed<TableAnswer>('transmission5', (dataset) => `v1/transmission/utilisation?${query(dataset)}`);
  const imports = board.feed('transmission5', (dataset) => `v1/transmission/net-import?${query(dataset)}${resolutionQuery(state)}`);

  board.add(
    createSeriesPanel({
      id: 'flow',
      title: 'Flow and limits',
      note: 'MW; positive is the direction in the table below. Limits are signed the same way',
      feed: flows,
      group: board.group,
      state,
      axis: 'linear',
      unit: 'MW',
      format: megawatts,
      draw: (answer) => drawLink(answer, picked(state, 'link', LINKS)),
      columns: spreadColumns(megawatts, true),
      empty: 'No flows collected yet',
      hint: true,
    }),
  );
  board.add(
    createTablePanel({
      id: 'use',
      title: 'Use of links',
      note: 'at a limit: the target within 1 MW of it, or a marginal value',
      feed: use,
      state,
      order: '-share_at_limit',
      columns: [
        { name: 'interconnector', title: 'Link', text: (value) => [value, LINK_NAMES.get(String(value))].filter(Boolean).join(' ') },
        { name: 'from', title: 'From' },
        { name: 'to', title: 'To' },
        { name: 'share_at_limit', title: 'At a limit', text: (value) => percent(value as number | null) },
        { name: 'at_export_limit', title: 'Export, intervals' },
        { name: 'at_import_limit', title: 'Import, intervals' },
        { name: 'forward', title: 'Forward' },
        { name: 'backward', title: 'Backward' },
        { name: 'largest_forward', title: 'Largest' },
        { name: 'largest_backward', title: 'Largest back' },
      ],
      empty: 'No flows collected yet',
    }),
  );
  board.add(
    createSeriesPanel({
      id: 'imports',
      title: 'Net import',
      note: 'MW by metered flow; below zero a region gives',
      feed: imports,
      group: board.group,
      state,
      axis: 'linear',
      unit: 'MW',
      format: megawatts,
      draw: drawRegions,
      columns: spreadColumns(megawatts, true),
      empty: 'No flows collected yet',
    }),
  );
  return board;
}

function drawLink(answer: SeriesAnswer, link: string): Drawn[] {
  return LINES.flatMap(([measure, label, color, dashed]) => {
    const series = answer.data.series.find((each) => each.id === link && each.measure === measure);
    return series ? [{ id: measure, label, color, dashed, values: series.values }] : [];
  });
}
