// The ten ancillary services by region: a row a service, the newest price, or what it was over the day.

import { type SeriesAnswer, type TableRow } from '../data/api';
import type { Feed } from '../data/feeds';
import { REGIONS } from '../market';
import { SERVICES } from '../services';
import type { UrlState } from '../shell/state';
import { buttons, picked, type Choice } from '../ui/controls';
import { isNumber, price, type Value } from '../ui/format';
import { Panel } from '../ui/panel';
import { DataTable } from '../ui/table';

const SHOWN: readonly Choice[] = [
  { value: 'newest', label: 'Newest' },
  { value: 'mean', label: '24 h mean' },
  { value: 'highest', label: '24 h highest' },
];

export function createServices(feed: Feed, state: UrlState): Panel {
  const panel = new Panel({
    id: 'services',
    title: 'Ancillary services',
    note: '$/MW an hour, by region',
    feeds: [feed],
    empty: 'No prices collected yet',
  });
  const table = new DataTable<TableRow>({
    caption: 'Prices of ancillary services by region, $/MW an hour',
    state,
    order: '',
    name: 'services-order',
    key: (row) => String(row['id']),
    columns: [
      { id: 'label', title: 'Service', text: (row) => String(row['label']) },
      ...REGIONS.map((region) => ({
        id: region,
        title: region,
        number: true,
        text: (row: TableRow) => price(row[region] as Value),
        value: (row: TableRow) => row[region] as Value,
      })),
    ],
  });
  panel.choose(buttons(state, 'Prices', 'services', SHOWN));
  panel.body.append(table.root);
  const show = () => {
    const { answer } = feed;
    if (answer) table.setRows(rows(answer, picked(state, 'services', SHOWN)));
  };
  panel.onDestroy(feed.onAnswer(show));
  state.onChange(show);
  show();
  return panel;
}

function rows({ data }: SeriesAnswer, shown: string): TableRow[] {
  return SERVICES.map(({ id, label }) => {
    const values = REGIONS.map((region) => {
      const series = data.series.find((each) => each.id === region && each.measure === id);
      return [region, of(series?.values ?? [], shown)] as const;
    });
    return { id, label, ...Object.fromEntries(values) };
  });
}

function of(values: Value[], shown: string): number | null {
  if (shown === 'newest') return values.at(-1) ?? null;
  const known = values.filter(isNumber);
  if (known.length === 0) return null;
  if (shown === 'mean') return known.reduce((sum, value) => sum + value, 0) / known.length;
  return known.reduce((a, b) => Math.max(a, b));
}
