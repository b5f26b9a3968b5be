// The frame of a panel: a heading, the line that says where its numbers come from, and the states that every
// panel has. Empty: the dataset holds nothing. Stale: said in words, with the age. Failed: the old drawing
// stays, dimmed, with the reason. The frame's size never depends on the state.

import { now } from './clock';
import { el, setText } from './dom';
import type { Feed } from './feeds';
import { clock, clockSeconds, date, durationCoarse, resolutionText } from './time';

export interface PanelOptions {
  id: string;
  title: string;
  /** Behind the title, such as the unit. */
  note?: string;
  /** The first is the one whose latest interval is the panel's. */
  feeds: Feed[];
  /** What to say when the dataset holds nothing: "No prices collected yet". */
  empty: string;
}

export class Panel {
  readonly root: HTMLElement;
  readonly head: HTMLElement;
  readonly body: HTMLElement;

  #source = el('p', { class: 'source' });
  #age = el('p', { class: 'panel-age' });
  #empty: HTMLElement;
  #main: Feed;

  constructor(private readonly options: PanelOptions) {
    const heading = `${options.id}-heading`;
    this.#main = options.feeds[0] as Feed;
    this.#empty = el('p', { class: 'empty', hidden: true }, options.empty);
    this.head = el(
      'div',
      { class: 'panel-head' },
      el('h2', { id: heading }, options.title, options.note ? el('span', { class: 'note' }, ` ${options.note}`) : null),
      this.#age,
      this.#source,
    );
    this.body = el('div', { class: 'panel-body', 'aria-busy': 'true' });
    this.root = el(
      'section',
      { class: 'panel', id: options.id, 'aria-labelledby': heading, 'data-testid': `panel-${options.id}` },
      this.head,
      this.body,
      this.#empty,
    );
    for (const feed of options.feeds) feed.subscribe(() => this.#update());
    this.#update();
  }

  /** The interval that the panel shows now. */
  get latest(): number | null {
    return this.#main.answer?.meta.latest ?? null;
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

  #staleText(feed: Feed): string {
    const latest = feed.answer?.meta.latest ?? null;
    if (latest === null || feed.dataset === null) return '';
    const age = now() - latest;
    if (age <= feed.dataset.stale_after) return '';
    // The other feeds of a panel are worth a word only where they differ from its own.
    if (feed !== this.#main && latest === this.latest) return '';
    const which = feed === this.#main ? '' : `${feed.name}: `;
    return `${which}last data ${date(latest)} ${clock(latest)}, ${durationCoarse(age)} ago`;
  }

  #update(): void {
    const empty = this.#main.empty;
    const waiting = this.#main.answer === null && !empty;
    this.body.setAttribute('aria-busy', String(waiting));
    this.root.classList.toggle('is-empty', empty);
    this.#empty.hidden = !empty;
    this.body.inert = empty;
    setText(this.#source, this.options.feeds.map(sourceText).join('; '));
    if (this.latest === null) delete this.root.dataset['latest'];
    else this.root.dataset['latest'] = String(this.latest);
    this.tick();
  }
}

/** "prices5 · 5 min · to 18:10 20 Aug 2025" */
function sourceText(feed: Feed): string {
  const meta = feed.answer?.meta;
  if (!meta || meta.latest === null) return `${feed.name} · ${feed.empty ? 'empty' : '…'}`;
  return `${meta.dataset} · ${resolutionText(meta.resolution)} · to ${clock(meta.latest)} ${date(meta.latest)}`;
}
