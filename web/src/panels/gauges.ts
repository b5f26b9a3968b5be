// Two gauges: how much of what is generated is renewable, and how much people use, each with the day's extremes.

import { tableRows, type TableAnswer, type TableRow } from '../data/api';
import type { Feed } from '../data/feeds';
import { Gauge, type GaugeMark } from '../chart/gauge';
import { chosenRegion } from '../ui/controls';
import { isNumber, megawatts, share, type Value } from '../ui/format';
import { Panel } from '../ui/panel';
import type { UrlState } from '../shell/state';
import { clock } from '../ui/time';

interface Kind {
  id: string;
  title: string;
  measure: string;
  unit: string;
  format: (value: Value) => string;
  /** The end of the scale. */
  high: (row: TableRow) => number;
}

const KINDS: readonly Kind[] = [
  {
    id: 'share',
    title: 'Renewable share',
    measure: 'share_generation',
    unit: '%',
    format: share,
    high: () => 1,
  },
  {
    id: 'demand',
    title: 'Underlying demand',
    measure: 'underlying_demand',
    unit: 'MW',
    format: megawatts,
    // A round number above the day's highest, so that the scale stays for most of a day.
    high: (row) => Math.ceil((Number(row['max'] ?? 0) * 1.2) / 1000) * 1000,
  },
];

export function createGauges(feed: Feed<TableAnswer>, state: UrlState): Panel {
  const panel = new Panel({
    id: 'gauges',
    title: 'Now',
    note: 'share of generation and rooftop; operational demand and rooftop',
    feeds: [feed],
    empty: 'No data collected yet',
  });
  const gauges = KINDS.map((kind) => ({ kind, gauge: new Gauge({ ...kind, testid: `gauge-${kind.id}` }) }));
  panel.body.classList.add('gauges');
  panel.body.append(...gauges.map(({ gauge }) => gauge.root));
  const show = () => {
    const { answer } = feed;
    if (!answer) return;
    const region = chosenRegion(state);
    const rows = tableRows(answer).filter((row) => row['region'] === region);
    for (const { kind, gauge } of gauges) {
      const row = rows.find((each) => each['measure'] === kind.measure);
      if (row) gauge.show(row['value'] as Value, 0, kind.high(row), marks(row), noteOf(row, region));
      else gauge.show(null, 0, 1, [], `not known for ${region}`);
    }
  };
  panel.onDestroy(feed.onAnswer(show));
  state.onChange(show);
  show();
  return panel;
}

function marks(row: TableRow): GaugeMark[] {
  const mark = (label: string, name: string, color: string): GaugeMark => {
    const at = row[`${name}_at`] as Value;
    return { label, value: row[name] as Value, when: isNumber(at) ? clock(at) : '', color };
  };
  return [mark('highest', 'max', '--high'), mark('lowest', 'min', '--focus')];
}

function noteOf(row: TableRow, region: string): string {
  const at = row['at'] as Value;
  return `${region} ${isNumber(at) ? clock(at) : ''}${row['provisional'] ? ', estimated' : ''}`;
}
