// The interconnectors: which way power flows, how much, and where dispatch holds it at a limit.

import { el, hidden, setText, setValue } from '../ui/dom';
import type { Feed } from '../data/feeds';
import { NONE, isNumber, megawatts, type Value } from '../ui/format';
import { LINK_NAMES, atLimit, type Flow } from '../market';
import { readFlow } from './flow-map';
import { Panel } from '../ui/panel';
import { Spark } from '../chart/spark';

/** Rows kept free before data comes: the six links of today. */
const EXPECTED_LINKS = 6;

const COLUMNS = ['Direction', 'Last 24 hours', 'Flow', 'Limits'];

export function createFlows(feed: Feed): Panel {
  const panel = new Panel({
    id: 'flows',
    title: 'Interconnectors',
    note: 'metered flow, last 24 h',
    feeds: [feed],
    empty: 'No flows collected yet',
  });
  const body = el('tbody');
  const rows = new Map<string, FlowRow>();
  panel.body.append(
    el(
      'table',
      { class: 'flows' },
      el('caption', { class: 'hidden' }, 'Flow on each interconnector with its limits, MW'),
      el(
        'thead',
        { class: 'unseen' },
        el('tr', {}, ...COLUMNS.map((name) => el('th', { scope: 'col' }, hidden(name)))),
      ),
      body,
    ),
  );
  panel.offerPicture();
  for (let i = 0; i < EXPECTED_LINKS; i++) {
    body.append(el('tr', { class: 'spare', 'aria-hidden': 'true' }, el('td', { colspan: 4 })));
  }

  const show = () => {
    const { answer } = feed;
    if (!answer) return;
    const metered = answer.data.series.filter((series) => series.measure === 'meteredmwflow');
    const known = metered.map((series) => series.id).join();
    if (known !== [...rows.keys()].join()) {
      rows.clear();
      for (const series of metered) rows.set(series.id, new FlowRow());
      body.replaceChildren(...[...rows.values()].map((row) => row.root));
    }
    for (const series of metered) rows.get(series.id)?.show(readFlow(answer, series), series.values);
  };
  panel.onDestroy(feed.onAnswer(show));
  show();
  return panel;
}

class FlowRow {
  readonly root: HTMLElement;
  #direction = el('span', { class: 'direction' });
  #name = el('span', { class: 'link-name' });
  #flow = el('span', { class: 'flow', 'data-value': '' }, NONE);
  #mark = el('span', { class: 'limit-mark' });
  #limits = el('span', { class: 'limits' });
  #bar = new LimitBar();
  #spark = new Spark({ color: '--flow' });

  constructor() {
    this.root = el(
      'tr',
      {},
      el('th', { scope: 'row' }, this.#direction, this.#name),
      el('td', { class: 'spark-cell' }, this.#spark.root),
      el('td', { class: 'number' }, this.#flow, this.#mark),
      el('td', { class: 'limit-cell' }, this.#bar.root, this.#limits),
    );
  }

  show(flow: Flow, day: Value[]): void {
    const value = flow.meteredmwflow;
    const limited = atLimit(flow);
    this.root.classList.toggle('at-limit', limited);
    this.#showDirection(flow);
    setText(this.#name, [flow.id, LINK_NAMES.get(flow.id)].filter(Boolean).join(' '));
    setValue(this.#flow, isNumber(value) ? `${megawatts(Math.abs(value))} MW` : NONE);
    this.#flow.dataset['testid'] = `flow-${flow.id}`;
    this.#flow.dataset['value'] = isNumber(value) ? String(value) : '';
    this.#flow.dataset['limit'] = String(limited);
    setText(this.#mark, limited ? 'at limit' : '');
    this.#bar.show(flow);
    this.#spark.set(day);
    const { importlimit, exportlimit, mwflow } = flow;
    const known = isNumber(importlimit) && isNumber(exportlimit);
    setText(
      this.#limits,
      known
        ? `${megawatts(importlimit)} to ${megawatts(exportlimit)}`
        : 'no limits published',
    );
    this.root.title =
      `Positive is ${flow.from} to ${flow.to}. Metered ${megawatts(value)} MW, dispatch target ` +
      `${megawatts(mwflow)} MW, limits ${megawatts(importlimit)} to ${megawatts(exportlimit)} MW`;
  }

  /** The way the power goes now. Without a flow, the way that counts as positive. */
  #showDirection({ from, to, meteredmwflow: value }: Flow): void {
    const none = !isNumber(value) || Math.round(value) === 0;
    const [source, target] = !none && value < 0 ? [to, from] : [from, to];
    const arrow = el('span', { class: 'arrow', 'aria-hidden': 'true' }, none ? ' – ' : ' → ');
    this.#direction.replaceChildren(source, arrow, hidden(none ? ' and ' : ' to '), target);
  }
}

/**
 * The range that the limits leave, with the metered flow as a bar from zero and the dispatch target as a
 * tick. The drawing spans limits, flow and zero, since a flow can lie outside its limits, and the limits can
 * both lie on one side of zero.
 */
class LimitBar {
  readonly root = el('span', { class: 'limit-bar', 'aria-hidden': 'true' });
  #range = el('span', { class: 'limit-range' });
  #flow = el('span', { class: 'limit-flow' });
  #zero = el('span', { class: 'limit-zero' });
  #target = el('span', { class: 'limit-target' });

  constructor() {
    this.root.append(this.#range, this.#flow, this.#zero, this.#target);
  }

  show({ importlimit, exportlimit, mwflow, meteredmwflow }: Flow): void {
    const known = [importlimit, exportlimit, mwflow, meteredmwflow].filter(isNumber);
    const low = Math.min(0, ...known);
    const span = Math.max(0, ...known) - low || 1;
    const place = (node: HTMLElement, from: Value, to: Value) => {
      node.hidden = !isNumber(from) || !isNumber(to);
      if (!isNumber(from) || !isNumber(to)) return;
      node.style.left = `${((Math.min(from, to) - low) / span) * 100}%`;
      node.style.width = `${(Math.abs(to - from) / span) * 100}%`;
    };
    place(this.#range, importlimit, exportlimit);
    place(this.#flow, 0, meteredmwflow);
    place(this.#zero, 0, 0);
    place(this.#target, mwflow, mwflow);
  }
}
