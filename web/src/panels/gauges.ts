// Two gauges: how much of what is generated is renewable, and how much people use. On the rim are the records: of all time, and
// of this hour of the day.

import { tableRows, type TableAnswer, type TableRow } from '../data/api';
import type { Feed } from '../data/feeds';
import { Gauge, type GaugeMark } from '../chart/gauge';
import { buttons, chosenRegion, picked, type Choice } from '../ui/controls';
import { el } from '../ui/dom';
import { isNumber, megawatts, share, type Value } from '../ui/format';
import { Panel } from '../ui/panel';
import type { UrlState } from '../shell/state';
import { clock, date } from '../ui/time';

interface Kind {
  id: string;
  title: string;
  note: string;
  /** The first is shown unless the reader chooses another. */
  measures: readonly Choice[];
  unit: string;
  format: (value: Value) => string;
  /** The end of the scale. */
  high: (row: TableRow) => number;
  marks: readonly Mark[];
}

interface Mark {
  label: string;
  /** As the answer's columns begin. */
  name: string;
  color: string;
}

const RECORD: Mark = { label: 'record', name: 'record_max', color: '--record' };
const HOUR_RECORD: Mark = { label: 'this hour', name: 'hour_max', color: '--record-hour' };
const LOWEST: Mark = { label: 'lowest', name: 'record_min', color: '--record-low' };
const TODAY: Mark = { label: 'today', name: 'max', color: '--muted' };

const SHARE: Kind = {
  id: 'share',
  title: 'Renewable share',
  note: '',
  measures: [{ value: 'share_generation', label: 'Renewable share' }],
  unit: '%',
  format: share,
  high: () => 1,
  marks: [RECORD, HOUR_RECORD, TODAY],
};

const DEMAND: Kind = {
  id: 'demand',
  title: 'Demand',
  note: '',
  measures: [
    { value: 'underlying_demand', label: 'Underlying' },
    { value: 'operational_demand', label: 'Operational' },
  ],
  unit: 'MW',
  format: megawatts,
  // A round number above all that is marked, so that the scale stays.
  high: (row) => {
    const most = Math.max(...['value', 'max', 'record_max', 'hour_max'].map((name) => Number(row[name] ?? 0)));
    const step = most > 10000 ? 5000 : most > 2000 ? 1000 : 200;
    return Math.ceil((most * 1.02) / step) * step;
  },
  marks: [RECORD, HOUR_RECORD, TODAY, LOWEST],
};

export function createShareGauge(feed: Feed<TableAnswer>, state: UrlState): Panel {
  return createGauge(SHARE, feed, state);
}

/** Underlying demand is what people used, operational demand what was measured. */
export function createDemandGauge(feed: Feed<TableAnswer>, state: UrlState): Panel {
  const panel = createGauge(DEMAND, feed, state);
  panel.body.prepend(el('div', { class: 'gauge-choice' }, buttons(state, 'Which demand', 'demand', DEMAND.measures)));
  return panel;
}

function createGauge(kind: Kind, feed: Feed<TableAnswer>, state: UrlState): Panel {
  const panel = new Panel({
    id: `gauge-panel-${kind.id}`,
    title: kind.title,
    ...(kind.note ? { note: kind.note } : {}),
    feeds: [feed],
    region: () => chosenRegion(state),
    empty: 'No data collected yet',
  });
  const gauge = new Gauge({ title: kind.title, unit: kind.unit, format: kind.format, testid: `gauge-${kind.id}` });
  panel.body.append(gauge.root);
  panel.offerPicture('newest');
  const show = () => {
    const { answer } = feed;
    if (!answer) return;
    const region = chosenRegion(state);
    const measure = picked(state, kind.id, kind.measures);
    const row = tableRows(answer).find((each) => each['region'] === region && each['measure'] === measure);
    if (row) gauge.show(row['value'] as Value, 0, kind.high(row), marks(kind, row), noteOf(row, region));
    else gauge.show(null, 0, 1, [], `not known for ${region}`);
  };
  panel.onDestroy(feed.onAnswer(show));
  state.onChange(show);
  show();
  return panel;
}

/** Those that the answer has: no record is kept of what is partly estimated. */
function marks(kind: Kind, row: TableRow): GaugeMark[] {
  return kind.marks.flatMap(({ label, name, color }) => {
    const [value, at] = [row[name] as Value, row[`${name}_at`] as Value];
    if (!isNumber(value)) return [];
    const when = !isNumber(at) ? '' : name.startsWith('record') || name.startsWith('hour') ? date(at) : clock(at);
    return [{ label, value, when, color }];
  });
}

function noteOf(row: TableRow, region: string): string {
  const at = row['at'] as Value;
  return `${region} ${isNumber(at) ? clock(at) : ''}${row['provisional'] ? ', rooftop estimated' : ''}`;
}
