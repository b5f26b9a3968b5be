// What all units of the NEM put out, above zero, and what pumps and batteries take, below. A SCADA reading is
// the power at the start of the interval that it names.

import { findSeries, valueAt } from '../api';
import { TimeChart, type ChartGroup } from '../chart';
import { el, setValue } from '../dom';
import type { Feed } from '../feeds';
import { NONE, isNumber, megawatts, type Value } from '../format';
import { Legend } from '../legend';
import { Panel } from '../panel';
import { clock, date } from '../time';

export function createGeneration(feed: Feed, group: ChartGroup): Panel {
  const panel = new Panel({
    id: 'generation',
    title: 'Generation',
    note: 'NEM, last 24 h. SCADA, MW at interval start',
    feeds: [feed],
    empty: 'No generation collected yet',
  });
  const generation = total('generation-total');
  const load = total('load-total');
  const area = el('div', { class: 'chart-area' });
  const side = el('div', { class: 'side' });
  panel.body.classList.add('with-side');
  panel.body.append(area, side);
  side.append(
    el(
      'dl',
      { class: 'totals' },
      el('div', {}, el('dt', {}, 'generation'), generation),
      el('div', {}, el('dt', {}, 'load'), load),
    ),
  );
  const chart = new TimeChart(
    area,
    {
      label: 'Chart of generation and load of the NEM. Arrow keys move the cursor, Escape leaves it',
      axis: 'linear',
      series: [
        { id: 'generation', label: 'Generation', color: '--generation', fill: '--generation-fill' },
        { id: 'load', label: 'Load', color: '--load', fill: '--load-fill' },
      ],
    },
    group,
  );
  const legend = new Legend(side, chart, {
    caption: 'Generation and load in MW, load as a negative number: at the cursor or latest, low and high of the 24 hours',
    unit: 'MW',
    format: megawatts,
  });

  feed.subscribe(() => {
    const { answer } = feed;
    if (!answer) {
      chart.setData([], [[], []], [0, 1]);
      showTotal(generation, null);
      showTotal(load, null);
      return legend.update(null);
    }
    const { from, to, latest } = answer.meta;
    const out = findSeries(answer, 'generation');
    const taken = findSeries(answer, 'load');
    const below = (taken?.values ?? []).map((value) => (isNumber(value) ? -value : null));
    chart.setData(answer.data.time, [out?.values ?? [], below], [from, to]);
    legend.update(latest);
    const [outNow, takenNow] = [valueAt(answer, out, latest), valueAt(answer, taken, latest)];
    showTotal(generation, outNow);
    showTotal(load, takenNow);
    if (latest !== null) {
      chart.describe(
        `At ${clock(latest)} ${date(latest)}: generation ${megawatts(outNow)} MW, load ${megawatts(takenNow)} MW`,
      );
    }
  });
  return panel;
}

function total(testid: string): HTMLElement {
  return el('dd', { 'data-testid': testid, 'data-value': '' }, NONE);
}

function showTotal(node: HTMLElement, value: Value): void {
  setValue(node, isNumber(value) ? `${megawatts(value)} MW` : NONE);
  node.dataset['value'] = isNumber(value) ? String(value) : '';
}
