// The view "Batteries": what the fleets gave and took, what they hold, and what each battery earned.

import { spreadColumns } from '../chart/legend';
import { tableRows, type Cell, type SeriesAnswer, type TableAnswer, type TableRow } from '../data/api';
import type { Feed } from '../data/feeds';
import { drawRegions, regionColor, REGIONS, type Region } from '../market';
import { createBars, type Metric } from '../panels/bars';
import { PRICES, createPrices } from '../panels/prices';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { Board } from '../ui/board';
import { RESOLUTIONS, rangeControl, regionButtons, regionQuery, resolutionQuery, select } from '../ui/controls';
import { el } from '../ui/dom';
import { byUnit, isNumber, megawatts, percent, type Value } from '../ui/format';
import { searchBox } from '../ui/search-box';
import type { Panel } from '../ui/panel';
import { createSeriesPanel, type Drawn } from '../ui/series-panel';
import { createTablePanel } from '../ui/table-panel';

const FIRST_RANGE = '7d';

export function create(state: UrlState): View {
  const board = new Board(state, 'batteries');
  board.control(regionButtons(state), rangeControl(state, FIRST_RANGE), select(state, 'Resolution', 'resolution', RESOLUTIONS));
  const query = board.query(FIRST_RANGE, () => regionQuery(state));
  const power = board.feed('scada5', (dataset) => `v1/batteries/power?${query(dataset)}${resolutionQuery(state)}`);
  const stored = board.feed('regions5', (dataset) => `v1/batteries/stored?${query(dataset)}${resolutionQuery(state)}`);
  const prices = board.feed('prices5', (dataset) => `${PRICES}${query(dataset)}${resolutionQuery(state)}`);
  const units = board.feed<TableAnswer>('scada5', (dataset) => `v1/batteries?limit=500&${query(dataset)}`);

  const rows = () => (units.answer ? tableRows(units.answer) : []);
  /** The chosen one, or the largest. */
  const battery = () => rows().find((row) => row['duid'] === state.get('battery')) ?? largest(rows());
  const choose = (row: TableRow) => state.set({ battery: String(row['duid']) }, 'step');
  const one = (path: (duid: string, region: Cell) => string | null) => {
    const row = battery();
    return row ? path(encodeURIComponent(String(row['duid'])), row['region'] ?? null) : null;
  };
  const time = board.query(FIRST_RANGE, () => resolutionQuery(state));
  const ownPower = board.feed('scada5', (dataset) => one((duid) => `v1/generation?by=unit&duid=${duid}&${time(dataset)}`));
  // Known a day late: its axis is that of the drawings above it.
  const ownStored = board.feed('dispatch5', (dataset) => one((duid) => `v1/batteries/stored?duid=${duid}&${time(ownPower.dataset ?? dataset)}`));
  const ownPrice = board.feed('prices5', (dataset) => one((_, region) => (region === null ? null : `${PRICES}region=${region}&${time(dataset)}`)));
  units.onAnswer(() => board.reload());

  board.control(
    searchBox({
      label: 'Find a battery',
      placeholder: 'Battery or DUID',
      items: rows,
      texts: (row) => [String(row['station'] ?? row['duid']), String(row['duid'])],
      note: (row) => `${row['duid']} · ${row['region']} · ${megawatts(row['capacity'] as Value)} MW`,
      take: choose,
    }),
    batteryTag(state),
  );
  board.add(
    createBars({
      id: 'overview',
      title: 'Overview',
      feed: units,
      state,
      metrics: METRICS,
      label: (row) => String(row['duid']),
      note: (row) => String(row['station'] ?? ''),
      color: (row) => colorOf(String(row['region'])),
      take: choose,
      empty: 'No generation collected yet',
    }),
  );
  board.add(
    createSeriesPanel({
      id: 'power',
      title: 'Power',
      note: 'MW; discharge above zero, charge below, parted by unit before any sum',
      feed: power,
      group: board.group,
      state,
      axis: 'linear',
      stacked: true,
      unit: 'MW',
      format: megawatts,
      draw: drawPower,
      columns: spreadColumns(megawatts, true),
      empty: 'No generation collected yet',
      hint: true,
    }),
  );
  board.add(
    createSeriesPanel({
      id: 'stored',
      title: 'Stored energy',
      note: 'MWh in bidirectional units',
      feed: stored,
      group: board.group,
      state,
      axis: 'linear',
      stacked: true,
      unit: 'MWh',
      format: megawatts,
      draw: drawRegions,
      columns: spreadColumns(megawatts, true),
      empty: 'No state of charge collected yet',
    }),
  );
  board.add(createPrices(board, prices, '$/MWh, same time axis'));
  const [own, ownRegion] = addBattery(board, ownPower, ownStored, ownPrice, battery);
  units.onAnswer(() => {
    for (const panel of own) panel.lack(battery() ? null : 'No battery is registered yet');
    ownRegion.lack(battery()?.['region'] ? null : 'Its region isn’t registered yet');
  });
  board.add(
    createTablePanel({
      id: 'batteries',
      title: 'Batteries',
      note: 'spot market alone, without FCAS and contracts',
      feed: units,
      state,
      order: '-revenue',
      key: (row) => String(row['duid']),
      columns: COLUMNS,
      empty: 'No generation collected yet',
    }),
  );
  return board;
}

function largest(rows: TableRow[]): TableRow | null {
  return rows.reduce<TableRow | null>((best, row) => (best === null || Number(row['capacity']) > Number(best['capacity']) ? row : best), null);
}

/** Power, price and state of charge of one battery, above each other. */
function addBattery(board: Board, power: Feed, stored: Feed, prices: Feed, battery: () => TableRow | null): [own: Panel[], region: Panel] {
  const words = () => [battery()?.['station'], battery()?.['duid']].filter(Boolean).join(', ');
  const line = (feed: Feed, id: string, title: string, unit: string, note: string, color: string) =>
    board.add(
      createSeriesPanel({
        id,
        title,
        note: () => `${words()}: ${unit}${note}`,
        feed,
        group: board.group,
        state: board.state,
        axis: 'linear',
        unit,
        format: megawatts,
        draw: ({ data }) => data.series.map((series) => ({ id: series.id, label: series.id, color, fill: color, values: series.values })),
        columns: spreadColumns(megawatts, true),
        empty: 'Not collected yet',
      }),
    );
  const output = line(power, 'own-power', 'One battery', 'MW', '; discharge above zero, charge below', '--fuel-battery-discharge');
  const region = board.add(createPrices(board, prices, '$/MWh of its region', { id: 'own-price', region: () => String(battery()?.['region'] ?? '–') }));
  const charge = line(stored, 'own-stored', 'State of charge', 'MWh', '; known on the next day', '--fuel-battery-charge');
  return [[output, charge], region];
}

/** The chosen battery, to be left out again. */
function batteryTag(state: UrlState): HTMLElement {
  const tags = el('div', { class: 'tags' });
  const show = () => {
    const duid = state.get('battery');
    const button = el('button', { type: 'button', 'aria-label': `Leave out ${duid}` }, `${duid} ×`);
    button.addEventListener('click', () => state.set({ battery: null }, 'step'));
    tags.replaceChildren(...(duid ? [button] : []));
  };
  state.onChange(show);
  show();
  return tags;
}

function colorOf(region: string): string {
  return (REGIONS as readonly string[]).includes(region) ? regionColor(region as Region) : '--ink';
}

const METRICS: readonly Metric[] = [
  { value: 'net', label: 'Net', unit: '$', format: byUnit('$') },
  { value: 'revenue', label: 'Revenue', unit: '$', format: byUnit('$') },
  { value: 'spread', label: 'Spread', unit: '$/MWh', format: byUnit('$/MWh') },
  { value: 'cycles', label: 'Cycles', unit: 'discharge over storage', format: byUnit('') },
  { value: 'discharged', label: 'Discharged', unit: 'MWh', format: megawatts },
  { value: 'state_of_charge', label: 'Charge', unit: 'per cent of storage, a day late', format: percent },
];
const asPercent = (value: unknown) => percent(value as Value);
const COLUMNS = [
  { name: 'duid', title: 'DUID' },
  { name: 'station', title: 'Station' },
  { name: 'region', title: 'Region' },
  { name: 'capacity', title: 'Capacity' },
  { name: 'storage', title: 'Storage' },
  { name: 'discharged', title: 'Discharged' },
  { name: 'charged', title: 'Charged' },
  { name: 'revenue', title: 'Revenue' },
  { name: 'cost', title: 'Paid' },
  { name: 'net', title: 'Net' },
  { name: 'discharge_vwap', title: 'VWAP out' },
  { name: 'charge_vwap', title: 'VWAP in' },
  { name: 'spread', title: 'Spread' },
  { name: 'cycles', title: 'Cycles' },
  { name: 'state_of_charge', title: 'Charge', text: asPercent },
];

function drawPower(answer: SeriesAnswer): Drawn[] {
  return answer.data.series.map(({ id, measure, values }) => {
    const charge = measure === 'charge' || measure === 'load';
    const color = colorOf(id);
    return {
      id: `${id}-${charge ? 'charge' : 'discharge'}`,
      label: `${id} ${charge ? 'charge' : 'discharge'}`,
      color,
      values: charge ? values.map((value) => (isNumber(value) ? -value : null)) : values,
    };
  });
}
