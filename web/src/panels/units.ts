// The units by output at the latest interval: who generates, who consumes.

import { el, hidden, setText } from '../ui/dom';
import type { Feed } from '../data/feeds';
import { count, isNumber, megawatts } from '../ui/format';
import { Panel } from '../ui/panel';
import type { UrlState } from '../shell/state';

const TOP_GENERATING = 12;
const TOP_CONSUMING = 5;

interface Unit {
  duid: string;
  mw: number;
}

export function createUnits(feed: Feed, state: UrlState): Panel {
  const panel = new Panel({
    id: 'units',
    title: 'Units',
    note: 'SCADA, MW at interval start',
    feeds: [feed],
    empty: 'No unit output collected yet',
  });
  const filter = el('input', {
    type: 'search',
    class: 'filter',
    placeholder: 'Filter by DUID',
    'aria-label': 'Filter units by DUID',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const summary = el('p', { class: 'unit-summary', 'aria-live': 'polite' });
  const more = el('button', { type: 'button', class: 'more', 'aria-expanded': 'false' });
  const generating = new UnitTable('Generating', 'No unit generates', TOP_GENERATING);
  const consuming = new UnitTable('Consuming', 'No unit consumes', TOP_CONSUMING);
  const scroll = el('div', { class: 'unit-scroll' }, generating.root, consuming.root);
  panel.body.append(el('div', { class: 'unit-tools' }, filter, summary), scroll, more);

  let expanded = false;
  let units: Unit[] = [];

  const show = () => {
    const wanted = filter.value.trim().toUpperCase();
    const found = units.filter((unit) => unit.duid.toUpperCase().includes(wanted));
    const all = expanded || wanted !== '';
    // Zero is output of nothing, so those units end the first table.
    const none = wanted ? 'None found' : undefined;
    generating.show(found.filter((unit) => unit.mw >= 0), all, peak(units), none);
    consuming.show(found.filter((unit) => unit.mw < 0).reverse(), all, peak(units), none);
    const running = found.filter((unit) => unit.mw > 0).length;
    const taking = found.filter((unit) => unit.mw < 0).length;
    setText(summary, units.length ? `${count(running)} generating, ${count(taking)} consuming` : '');
    setText(more, expanded ? 'Show fewer units' : `Show all ${count(units.length)} units`);
    more.setAttribute('aria-expanded', String(expanded));
    more.disabled = units.length === 0 || wanted !== '';
    scroll.classList.toggle('expanded', all);
    if (all) scroll.setAttribute('tabindex', '0');
    else scroll.removeAttribute('tabindex');
  };

  filter.addEventListener('input', () => {
    state.set({ unit: filter.value.trim() || null }, 'silent');
    show();
  });
  more.addEventListener('click', () => {
    expanded = !expanded;
    scroll.scrollTop = 0;
    state.set({ units: expanded ? 'all' : null }, 'silent');
    show();
  });
  const readState = () => {
    filter.value = state.get('unit') ?? '';
    expanded = state.get('units') === 'all';
    show();
  };
  state.onChange(readState);
  feed.onAnswer(() => {
    units = readUnits(feed);
    show();
  });
  readState();
  return panel;
}

/** Those with a reading at the latest interval, by output, the largest first. */
function readUnits(feed: Feed): Unit[] {
  const { answer } = feed;
  if (!answer) return [];
  const last = answer.data.time.length - 1;
  return answer.data.series
    .flatMap(({ id, values }) => {
      const mw = values[last];
      return isNumber(mw) ? [{ duid: id, mw }] : [];
    })
    .sort((a, b) => b.mw - a.mw || (a.duid < b.duid ? -1 : 1));
}

function peak(units: Unit[]): number {
  return Math.max(1, ...units.map((unit) => Math.abs(unit.mw)));
}

class UnitTable {
  readonly root: HTMLElement;
  #rows = el('tbody');

  constructor(
    title: string,
    private readonly none: string,
    private readonly top: number,
  ) {
    this.root = el(
      'table',
      { class: 'units' },
      el('caption', {}, title),
      el(
        'thead',
        { class: 'unseen' },
        el('tr', {}, ...['DUID', 'Bar', 'MW'].map((name) => el('th', { scope: 'col' }, hidden(name)))),
      ),
      this.#rows,
    );
  }

  /** Bars are drawn against [peak]. The short table always has the same number of lines, so that nothing jumps. */
  show(units: Unit[], all: boolean, peak: number, none = this.none): void {
    const shown = all ? units : units.slice(0, this.top);
    const rows = shown.map(({ duid, mw }) => unitRow(duid, mw, peak));
    if (rows.length === 0) rows.push(el('tr', {}, el('td', { colspan: 3, class: 'none' }, none)));
    while (!all && rows.length < this.top) rows.push(el('tr', { class: 'spare', 'aria-hidden': 'true' }, el('td', { colspan: 3 })));
    this.#rows.replaceChildren(...rows);
  }
}

function unitRow(duid: string, mw: number, peak: number): HTMLTableRowElement {
  const bar = el('span', { class: mw < 0 ? 'bar load' : 'bar' });
  bar.style.width = `${(Math.abs(mw) / peak) * 100}%`;
  return el(
    'tr',
    { 'data-testid': `unit-${duid}`, 'data-value': mw },
    el('th', { scope: 'row', title: duid }, duid),
    el('td', { class: 'bar-cell', 'aria-hidden': 'true' }, bar),
    el('td', { class: 'number' }, megawatts(mw)),
  );
}
