// The day by region: where things stand now, side by side.

import type { TableAnswer, TableRow } from '../data/api';
import type { Feed } from '../data/feeds';
import { REGIONS } from '../market';
import type { UrlState } from '../shell/state';
import { byUnit, share, type Value } from '../ui/format';
import type { Panel } from '../ui/panel';
import { createTablePanel, type ShownColumn } from '../ui/table-panel';

const MEASURES: readonly (readonly [measure: string, title: string, unit: string])[] = [
  ['price', 'Price', '$/MWh'],
  ['operational_demand', 'Operational', 'MW'],
  ['generation', 'Generation', 'MW'],
  ['wind', 'Wind', 'MW'],
  ['solar', 'Solar', 'MW'],
  ['rooftop', 'Rooftop', 'MW'],
  ['hydro', 'Hydro', 'MW'],
  ['discharge', 'Discharge', 'MW'],
  ['charge', 'Charge', 'MW'],
  ['stored', 'Stored', 'MWh'],
  ['net_import', 'Net import', 'MW'],
  ['curtailed', 'Curtailed', 'MW'],
  ['share_generation', 'Renewable', '%'],
];

export function createDay(feed: Feed<TableAnswer>, state: UrlState): Panel {
  const columns: ShownColumn[] = MEASURES.map(([name, title, unit]) => ({
    name,
    title,
    made: unit,
    text: (value) => (name === 'share_generation' ? share(value as Value) : byUnit(unit)(value as Value)),
  }));
  return createTablePanel({
    id: 'day',
    title: 'Now by region',
    note: 'the newest of each; rooftop past its last half hour is an estimate',
    feed,
    state,
    order: '',
    columns: [{ name: 'region', title: 'Region' }, ...columns],
    rows: (rows) => [...REGIONS, 'NEM'].map((region) => pick(rows, region)),
    mark: (row) => (row['region'] === 'NEM' ? 'strong' : null),
    empty: 'No data collected yet',
  });
}

/** The rows of a region, a measure each, as one. */
function pick(rows: TableRow[], region: string): TableRow {
  const own = rows.filter((row) => row['region'] === region);
  return { region, ...Object.fromEntries(own.map((row) => [String(row['measure']), row['value'] ?? null])) };
}
