// The view "Stations": one or several stations, found by name or DUID: output, the price they met, what they earned, and
// their units.

import { ChartGroup } from '../chart/group';
import { spreadColumns } from '../chart/legend';
import { nameList, tableRows, type SeriesAnswer, type TableAnswer, type TableRow } from '../data/api';
import { groupLabel } from '../fuels';
import { PRICES, createPrices } from '../panels/prices';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { RESOLUTIONS, buttons, picked, rangeControl, resolutionQuery, select, type Choice } from '../ui/controls';
import { el } from '../ui/dom';
import { isNumber, megawatts, percent } from '../ui/format';
import { TIME_OF_DAY, meanDay } from '../ui/profile';
import { searchBox } from '../ui/search-box';
import type { Panel } from '../ui/panel';
import { createSeriesPanel, type Drawn } from '../ui/series-panel';
import { createTablePanel } from '../ui/table-panel';

const FIRST_RANGE = '7d';
const MOST_STATIONS = 6;
const MOST_DAYS = 366;
const COLORS = ['--nsw1', '--qld1', '--sa1', '--tas1', '--vic1', '--ink'];
const PARTS: readonly Choice[] = [
  { value: 'station', label: 'Stations' },
  { value: 'unit', label: 'Units' },
];

export function create(state: UrlState): View {
  const board = new Board(state, 'stations');
  const list = board.feed<TableAnswer>('scada5', () => 'v1/stations?limit=2000');
  const chosen = () => (state.list('station') ?? []).slice(0, MOST_STATIONS);
  const stations = (): TableRow[] => (list.answer ? tableRows(list.answer) : []);
  /** The largest station, until the reader has found another one. */
  const shown = () => {
    const names = chosen();
    if (names.length) return names;
    const largest = stations().reduce<TableRow | null>((best, row) => (capacity(row) > capacity(best) ? row : best), null);
    return largest ? [String(largest['station'])] : [];
  };
  const named = () => `station=${nameList(shown())}`;
  const put = (names: string[]) => state.set({ station: names.length ? names : null }, 'step');

  const tags = el('div', { class: 'tags' });
  const showTags = () =>
    tags.replaceChildren(
      ...shown().map((name) => {
        const button = el('button', { type: 'button', 'aria-label': `Leave out ${name}` }, name, ' ×');
        button.addEventListener('click', () => put(chosen().filter((other) => other !== name)));
        return button;
      }),
    );
  board.control(
    searchBox({
      label: 'Find a station or DUID',
      placeholder: 'Station or DUID',
      items: stations,
      texts: (row) => [String(row['station']), ...String(row['duids'] ?? '').split(' ')],
      note: (row) => `${row['region'] ?? ''} · ${groupLabel(String(row['fuel'] ?? ''))} · ${megawatts(row['capacity_mw'] as number | null)} MW`,
      take: (row) => put([...chosen().filter((name) => name !== row['station']), String(row['station'])].slice(-MOST_STATIONS)),
    }),
    tags,
    rangeControl(state, FIRST_RANGE),
    buttons(state, 'Lines', 'by', PARTS),
    select(state, 'Resolution', 'resolution', RESOLUTIONS),
  );

  const found = () => stations().filter((row) => shown().includes(String(row['station'])));
  const known = (path: string) => (found().length ? path : null);
  const query = board.query(FIRST_RANGE, () => `&${named()}`);
  const time = board.query(FIRST_RANGE, () => resolutionQuery(state));
  const by = () => picked(state, 'by', PARTS);
  const output = board.feed('scada5', (dataset) => known(`v1/generation?by=${by()}&${query(dataset)}${resolutionQuery(state)}`));
  const year = board.query(FIRST_RANGE, () => `&${named()}`, MOST_DAYS);
  const halves = board.feed('scada5', (dataset) => known(`v1/generation?by=${by()}&resolution=30m&${year(dataset)}`));
  const regionsShown = () => [...new Set(found().flatMap(({ region: own }) => (own ? [String(own)] : [])))];
  const region = () => regionsShown().join(', ');
  const prices = board.feed('prices5', (dataset) => (regionsShown().length ? `${PRICES}region=${regionsShown().join()}&${time(dataset)}` : null));
  const units = board.feed<TableAnswer>('scada5', (dataset) => known(`v1/pivot?by=station,owner,unit,fuel,region&limit=500&${query(dataset)}`));

  const panels: Panel[] = [];
  const show = () => {
    showTags();
    board.reload();
    const none = chosen().length ? 'No station is called that' : 'No station is registered yet: nemd units refresh fetches AEMO’s registry';
    if (!list.answer) return;
    const lack = found().length ? null : none;
    for (const panel of panels) panel.lack(lack);
    met.lack(lack ?? (regionsShown().length ? null : 'Its region isn’t registered yet'));
  };
  list.onAnswer(show);
  state.onChange(show);

  const add = (panel: Panel) => panels.push(board.add(panel));
  add(
    createSeriesPanel({
      id: 'output',
      title: 'Output',
      note: 'MW; what is taken is below zero',
      feed: output,
      region,
      group: board.group,
      state,
      axis: 'linear',
      unit: 'MW',
      format: megawatts,
      draw: drawStations,
      columns: spreadColumns(megawatts, true),
      empty: 'No generation collected yet',
      hint: true,
    }),
  );
  const met = board.add(createPrices(board, prices, '$/MWh of their regions', { region }));
  add(
    createSeriesPanel({
      id: 'time-of-day',
      title: 'Time of day',
      note: 'MW, mean of each half hour by its end',
      feed: halves,
      region,
      series: () => halves.answer && meanDay(halves.answer),
      group: new ChartGroup(),
      across: TIME_OF_DAY,
      axis: 'linear',
      unit: 'MW',
      format: megawatts,
      draw: drawStations,
      columns: spreadColumns(megawatts, true),
      empty: 'No generation collected yet',
    }),
  );
  add(
    createTablePanel({
      id: 'units',
      title: 'Units',
      note: 'revenue is spot revenue alone',
      feed: units,
      state,
      order: '-generation',
      key: (row) => String(row['duid']),
      columns: [
        { name: 'station', title: 'Station' },
        { name: 'duid', title: 'DUID' },
        { name: 'region', title: 'Region' },
        { name: 'fuel', title: 'Fuel', text: (value) => groupLabel(String(value)) },
        { name: 'owner', title: 'Owner' },
        { name: 'capacity', title: 'Capacity' },
        { name: 'generation', title: 'Energy' },
        { name: 'load', title: 'Taken' },
        { name: 'revenue', title: 'Revenue' },
        { name: 'cost', title: 'Paid' },
        { name: 'vwap', title: 'VWAP' },
        { name: 'utilisation', title: 'Capacity factor', text: (value) => percent(value as number | null) },
      ],
      empty: 'No generation collected yet',
    }),
  );
  return board;
}

function capacity(row: TableRow | null): number {
  const value = row?.['capacity_mw'];
  return isNumber(value as number) ? (value as number) : -1;
}

/** Output, and below zero what a station takes where it takes anything worth a line. */
function drawStations(answer: SeriesAnswer): Drawn[] {
  const names = [...new Set(answer.data.series.map(({ id }) => id))];
  return answer.data.series.map(({ id, measure, values }) => {
    const load = measure === 'load';
    return {
      id: load ? `${id} load` : id,
      label: load ? `${id}, taken` : id,
      color: COLORS[names.indexOf(id) % COLORS.length] ?? '--ink',
      dashed: load,
      values: load ? values.map((value) => (isNumber(value) ? -value : null)) : values,
    };
  });
}
