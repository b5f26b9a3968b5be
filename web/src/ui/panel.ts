// The frame of a panel: a heading, the line that says where its numbers come from, and the states that every
// panel has. Empty: the dataset holds nothing. Stale: said in words, with the age. Failed: the old drawing
// stays, dimmed, with the reason. The frame's size never depends on the state.

import type { RangeMeta } from '../data/api';
import { now } from '../data/clock';
import { el, setText } from './dom';
import type { AnyFeed } from '../data/feeds';
import { picture, save } from './picture';
import { hasSources, showSources } from './sources';
import { clock, clockSeconds, date, durationCoarse, full, resolutionText } from './time';

export interface PanelOptions {
  id: string;
  title: string;
  /** Behind the title, such as the unit; a function where it depends on what is shown. */
  note?: string | (() => string);
  /** The first is the one whose latest interval is the panel's. */
  feeds: readonly AnyFeed[];
  /** What to say when the dataset holds nothing: "No prices collected yet". */
  empty: string;
  /** What of the market is shown, where that isn't what the view's or the panel's own buttons say. */
  region?: () => string;
}

/** An answer that comes sooner is drawn at once: to dim what was there takes a browser several frames. */
const DIM_MS = 150;

export class Panel {
  readonly root: HTMLElement;
  readonly head: HTMLElement;
  readonly body: HTMLElement;

  #endings: (() => void)[] = [];
  #lack: string | null = null;
  #source = el('p', { class: 'source' });
  #age = el('p', { class: 'panel-age' });
  #note = el('span', { class: 'note' });
  #empty: HTMLElement;
  #menu: HTMLElement;
  #picture: HTMLButtonElement | null = null;
  #main: AnyFeed;
  #dimming = 0;

  constructor(private readonly options: PanelOptions) {
    const heading = `${options.id}-heading`;
    this.#main = options.feeds[0] as AnyFeed;
    this.#empty = el('p', { class: 'empty', hidden: true }, options.empty);
    this.#menu = menu(options);
    this.head = el(
      'div',
      { class: 'panel-head' },
      el('h2', { id: heading }, options.title, options.note ? this.#note : null),
      this.#age,
      this.#source,
      this.#menu,
    );
    this.body = el('div', { class: 'panel-body', 'aria-busy': 'true' });
    this.root = el(
      'section',
      { class: 'panel', id: options.id, 'aria-labelledby': heading, 'data-testid': `panel-${options.id}` },
      this.head,
      this.body,
      this.#empty,
    );
    const sources = [...new Set(options.feeds.map(({ name }) => name))].filter(hasSources);
    if (sources.length) {
      const time = () => this.interval ?? this.latest;
      const button = this.offer('Source files', () => showSources(sources, time() ?? 0));
      // What is told of alerts or feeds is of no interval, and came in no file.
      this.#menu.addEventListener('toggle', () => (button.hidden = time() === null));
    }
    for (const feed of options.feeds) this.#endings.push(feed.subscribe(() => this.#update()));
    this.#update();
  }

  /** Whether what it shows isn't yet what was asked for. */
  get loading(): boolean {
    return this.options.feeds.some((feed) => feed.loading);
  }

  /** The interval that the panel shows now. */
  get latest(): number | null {
    return this.#main.answer?.meta.latest ?? null;
  }

  /** The interval that the reader looks at, where that isn't the newest. */
  interval: number | null = null;

  /** Says [text] in place of what it can't ask for as long as something isn't known; null: it is. */
  lack(text: string | null): void {
    this.#lack = text;
    this.#update();
  }

  /** Adds to what can be taken away: [take] is called for it. */
  offer(label: string, take: () => void): HTMLButtonElement {
    const button = el('button', { type: 'button' }, label);
    button.addEventListener('click', () => {
      take();
      this.#menu.removeAttribute('open');
    });
    this.#menu.querySelector('.menu-list')?.append(button);
    return button;
  }

  /** Offers what the body shows, of a range or what [zoom] leaves of it, or of the newest interval alone, as a picture that says what it is: what was asked for alone. */
  offerPicture(of: 'range' | 'newest' = 'range', zoom: () => readonly [from: number, to: number] | null = () => null): void {
    this.#picture = this.offer('PNG', () => {
      const { id, title, region } = this.options;
      const meta = this.#main.answer?.meta;
      const about = [region?.() ?? this.#pressedRegion(), meta && timesText(meta, of, zoom()), this.#source.textContent];
      const lines = [this.#note.textContent.trim(), about.filter(Boolean).join(' · ')].filter(Boolean);
      const foot = [meta?.attribution ?? 'Data: AEMO', meta?.simulated ? 'SIMULATED' : ''].filter(Boolean).join(' · ');
      save(picture(this.body, { title, lines, foot }), id);
    });
    this.#update();
  }

  #pressedRegion(): string {
    const places = [this.head, this.root.closest('.board')?.querySelector('.controls')];
    const pressed = places.map((place) => place?.querySelector('[aria-label="Region"] [aria-pressed="true"]')?.textContent);
    return pressed.find(Boolean) ?? 'NEM';
  }

  /** Puts what is chosen in this panel alone behind its title. */
  choose(...controls: HTMLElement[]): void {
    this.head.querySelector('h2')?.after(...controls);
  }

  /** Calls [ending] when the view is left. */
  onDestroy(ending: () => void): void {
    this.#endings.push(ending);
  }

  destroy(): void {
    for (const ending of this.#endings) ending();
  }

  /** Once a second: only the words about age depend on it. */
  tick(): void {
    const { feeds } = this.options;
    const failed = feeds.find((feed) => feed.problem !== null)?.problem ?? null;
    const text = failed
      ? `${failed.text}; since ${clockSeconds(failed.since)}, retrying`
      : feeds.map((feed) => this.#staleText(feed)).filter(Boolean).join('; ');
    setText(this.#age, text);
    this.#age.title = text;
    this.root.classList.toggle('failed', failed !== null);
    this.root.classList.toggle('stale', failed === null && text !== '');
  }

  #staleText(feed: AnyFeed): string {
    const latest = feed.answer?.meta.latest ?? null;
    if (latest === null || feed.dataset === null) return '';
    const age = now() - latest;
    if (age <= feed.dataset.stale_after) return '';
    // The other feeds of a panel are worth a word only where they differ from its own.
    if (feed !== this.#main && latest === this.latest) return '';
    const which = feed === this.#main ? '' : `${feed.name}: `;
    return `${which}last data ${date(latest)} ${clock(latest)}, ${durationCoarse(age)} ago`;
  }

  #dim(): void {
    if (this.loading) this.#dimming ||= window.setTimeout(() => this.root.classList.add('dimmed'), DIM_MS);
    else {
      window.clearTimeout(this.#dimming);
      this.#dimming = 0;
      this.root.classList.remove('dimmed');
    }
  }

  #update(): void {
    const empty = this.#main.empty || this.#lack !== null;
    setText(this.#empty, this.#lack ?? this.options.empty);
    const { note } = this.options;
    if (note) setText(this.#note, ` ${typeof note === 'string' ? note : note()}`);
    this.root.classList.toggle('loading', this.loading);
    this.#dim();
    const waiting = this.#main.answer === null && !empty;
    this.body.setAttribute('aria-busy', String(waiting));
    this.root.classList.toggle('is-empty', empty);
    this.#empty.hidden = !empty;
    this.body.inert = empty;
    if (this.#picture) this.#picture.disabled = waiting || empty || this.loading || this.options.feeds.some(({ problem }) => problem !== null);
    setText(this.#source, [...new Set(this.options.feeds.map(sourceText))].filter(Boolean).join('; '));
    if (this.latest === null) delete this.root.dataset['latest'];
    else this.root.dataset['latest'] = String(this.latest);
    this.tick();
  }
}

/** "prices5 · 5 min · to 18:10", "predispatch · 30 min · run of 18:00", with the date of another day than today. */
function sourceText(feed: AnyFeed): string {
  const meta = feed.answer?.meta;
  if (!meta) return `${feed.name} · ${feed.empty ? 'empty' : '…'}`;
  const at = meta.run ?? meta.latest;
  if (at == null) return meta.dataset ?? '';
  const day = date(at) === date(now()) ? '' : ` ${date(at)}`;
  const parts = [meta.dataset ?? feed.name, meta.resolution && resolutionText(meta.resolution), `${meta.run === undefined ? 'to' : 'run of'} ${clock(at)}${day}`];
  return parts.filter(Boolean).join(' · ');
}

function timesText({ from, to, latest, run }: Partial<RangeMeta>, of: 'range' | 'newest', zoom: readonly [from: number, to: number] | null): string {
  if (zoom) return `${full(zoom[0])} to ${full(zoom[1])} AEST`;
  if (run !== undefined) return `run of ${full(run)} AEST`;
  if (of === 'range' && from !== undefined && to !== undefined) return `${full(from)} to ${full(to)} AEST`;
  return latest == null ? '' : `${full(latest)} AEST`;
}

/** Which of [feeds] it is, by what it asks: "prices/forecast", or where others ask the same, "pivot by fuel,station". */
function routeOf({ name, address }: AnyFeed, feeds: readonly AnyFeed[]): string {
  const route = (text: string | null) => text?.split('?')[0]?.replace('v1/', '');
  const [, by] = /[?&]by=([^&]*)/.exec(address ?? '') ?? [];
  const alike = feeds.filter((each) => route(each.address) === route(address)).length > 1;
  return `${route(address) ?? name}${alike && by ? ` by ${by}` : ''}`;
}

const FORMATS = [
  ['CSV', 'csv'],
  ['Parquet', 'parquet'],
  ['JSON', 'json'],
] as const;

/** What the panel shows, to take away: each of its routes in each format. */
function menu({ id, title, feeds }: PanelOptions): HTMLElement {
  const list = el('div', { class: 'menu-list' });
  const root = el('details', { class: 'menu' }, el('summary', { 'aria-label': `Take away: ${title}`, title: 'Take away' }, '⋯'), list);
  const links = feeds.flatMap((feed, i) =>
    FORMATS.map(([label, format]) => ({ feed, label, format, link: el('a', { download: `${id}${i ? `-${i}` : ''}.${format}` }, label) })),
  );
  list.append(...links.map(({ link }) => link));
  root.addEventListener('toggle', () => {
    for (const { feed, label, format, link } of links) {
      if (feeds.length > 1) setText(link, `${label}, ${routeOf(feed, feeds)}`);
      if (feed.address === null) link.removeAttribute('href');
      else link.setAttribute('href', `${feed.address}${feed.address.includes('?') ? '&' : '?'}format=${format}`);
    }
  });
  root.addEventListener('focusout', (event) => {
    if (!root.contains(event.relatedTarget as Node | null)) root.removeAttribute('open');
  });
  return root;
}
