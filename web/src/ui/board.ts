// The frame of a view: its controls, its panels, and the life that they share. A view makes a board, asks it for feeds,
// and puts panels on it.

import { ChartGroup } from '../chart/group';
import { Feed } from '../data/feeds';
import type { Answer, Dataset, SeriesAnswer } from '../data/api';
import type { UrlState } from '../shell/state';
import type { View } from '../shell/view';
import { afterFrame, delay, el } from './dom';
import { givenZoom, shownSpan, spanQuery, zoomText } from './range';
import { DAY } from './time';

/** Five years, the longest range that any route answers. */
const MOST_DAYS = 5 * 365;

const RETRY_MS = 5000;
const NOTE_MS = 150;
/** For so long what the reader looks at comes before all else: it may never come. */
const FIRST_MS = 5000;

/** Over the whole width, or a column: the first added stands to the left. */
type Place = 'wide' | 'main' | 'middle' | 'aside';

/** What is asked before others, of whatever route. */
type FirstFeed = Pick<Feed, 'settle' | 'reload' | 'loading'>;

/** What stands on a board. */
export interface Part {
  root: HTMLElement;
  tick(): void;
  destroy(): void;
}

export class Board implements View {
  readonly root: HTMLElement;
  readonly feeds: Feed[] = [];
  readonly group = new ChartGroup();
  grown = () => {};
  ready = Promise.resolve();

  #controls = el('div', { class: 'controls', role: 'toolbar', 'aria-label': 'What is shown' });
  #body = el('div', { class: 'board-body' });
  #columns: { root: HTMLElement; parts: Map<Place, HTMLElement> } | null = null;
  #kind = '';
  #ended = false;
  #parts: Part[] = [];
  #first: readonly FirstFeed[] = [];

  constructor(
    readonly state: UrlState,
    id: string,
  ) {
    this.root = el('div', { class: 'board', id: `view-${id}`, 'data-testid': `view-${id}` }, this.#controls, this.#body);
    this.#controls.hidden = true;
    this.#linkZoom();
    state.onChange(() => this.reload());
  }

  /** A feed of the view: [path] is asked again whenever the state changes it, and at each [event] of the server. */
  feed<T extends Answer = SeriesAnswer>(dataset: string, path: (dataset: Dataset) => string | null, event: string | null = null): Feed<T> {
    return this.#keep(new Feed<T>(dataset, (known) => known && path(known), false, event));
  }

  /** The same where [path] needs nothing of the dataset: it is asked at once. */
  early<T extends Answer = SeriesAnswer>(dataset: string, path: () => string): Feed<T> {
    return this.#keep(new Feed<T>(dataset, path, true));
  }

  #keep<T extends Answer>(feed: Feed<T>): Feed<T> {
    this.feeds.push(feed as unknown as Feed);
    return feed;
  }

  /**
   * What most routes are asked: the range that the reader chose, of the feed's dataset, and [more]. Of a longer one than
   * the route answers it is the last [mostDays].
   */
  query(fallback: string, more: () => string, mostDays = MOST_DAYS): (dataset: Dataset) => string {
    return (dataset) => {
      const [from, to] = shownSpan(this.state, dataset, fallback);
      return spanQuery([Math.max(from, to - mostDays * DAY), to]) + more();
    };
  }

  /** Puts controls above the panels. */
  control(...nodes: HTMLElement[]): void {
    this.#controls.hidden = false;
    this.#controls.append(...nodes);
  }

  /** Puts a part below those that are there: over the whole width, or into one of the columns side by side. */
  add<P extends Part>(part: P, place: Place = 'wide'): P {
    this.#place(place).append(part.root);
    this.#parts.push(part);
    return part;
  }

  /** What is added to columns from here on stands in new ones, below; style sheets know their widths by [kind]. */
  nextRow(kind = ''): void {
    this.#columns = null;
    this.#kind = kind;
  }

  #place(place: Place): HTMLElement {
    if (place === 'wide') {
      this.#columns = null;
      return this.#body;
    }
    if (!this.#columns) {
      this.#columns = { root: el('div', { class: `columns ${this.#kind}`.trim() }), parts: new Map() };
      this.#body.append(this.#columns.root);
    }
    const known = this.#columns.parts.get(place);
    if (known) return known;
    const column = el('div', { class: place === 'middle' ? 'aside middle' : place });
    this.#columns.parts.set(place, column);
    this.#columns.root.append(column);
    return column;
  }

  /** Puts [part] where [old] stands. */
  replace<P extends Part>(old: Part, part: P): P {
    old.root.replaceWith(part.root);
    old.destroy();
    this.#parts[this.#parts.indexOf(old)] = part;
    return part;
  }

  /**
   * What lies below the first screen: it is loaded, and then added, once [first] has been drawn, or can't be yet. Tried
   * again where the server is away.
   */
  later(first: Feed, load: () => Promise<() => void>): void {
    this.root.setAttribute('aria-busy', 'true');
    const go = async () => {
      if (this.#ended) return;
      try {
        const add = await load();
        if (this.#ended) return;
        add();
        this.root.removeAttribute('aria-busy');
        this.grown();
      } catch {
        window.setTimeout(() => void go(), RETRY_MS);
      }
    };
    void Promise.all([first.settle(), this.ready]).then(() => afterFrame(() => void go()));
  }

  /** There is nothing to see before each of [feeds] has answered, or failed. */
  await(...feeds: Pick<Feed, 'settle'>[]): void {
    this.ready = Promise.all(feeds.map((feed) => feed.settle())).then(() => {});
  }

  /** What the reader looks at: after a step the other feeds are asked once these are drawn. */
  first(...feeds: FirstFeed[]): void {
    this.#first = feeds;
  }

  reload(): void {
    for (const feed of this.#first) feed.reload();
    const drawn = this.#first.some(({ loading }) => loading)
      ? Promise.race([Promise.all(this.#first.map((feed) => feed.settle())).then(() => new Promise<void>(afterFrame)), delay(FIRST_MS)])
      : undefined;
    for (const feed of this.feeds) feed.reload(drawn);
  }

  tick(): void {
    for (const part of this.#parts) part.tick();
  }

  destroy(): void {
    this.#ended = true;
    for (const part of this.#parts) part.destroy();
  }

  /** The address holds the zoom, and a button ends it. */
  #linkZoom(): void {
    const back = el('button', { type: 'button', class: 'zoom-back', hidden: true }, 'Zoom out');
    back.addEventListener('click', () => this.group.setZoom(null));
    let noted = 0;
    this.group.onZoom((zoom) => {
      back.hidden = zoom === null;
      // A wheel that pans turns many times a second, and a browser allows the address fewer changes.
      window.clearTimeout(noted);
      noted = window.setTimeout(() => !this.#ended && this.state.set({ zoom: zoomText(zoom) }, 'silent'), NOTE_MS);
    });
    this.root.append(back);
    const read = () => this.group.setZoom(givenZoom(this.state));
    read();
    this.state.onChange(read);
  }
}
