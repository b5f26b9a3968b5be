// Shows the view that the address names, and leaves the one before it.

import type { Poller } from '../data/feeds';
import { delay, el } from '../ui/dom';
import { UrlState, addressView } from './state';
import type { View, ViewEntry } from './view';

/** Longer than that a page isn't left empty. */
const FIRST_MS = 200;

export class Router {
  view: View | null = null;

  #entry: ViewEntry;
  #state: UrlState | null = null;
  #listeners: ((entry: ViewEntry) => void)[] = [];

  constructor(
    private readonly main: HTMLElement,
    private readonly views: readonly ViewEntry[],
    private readonly poller: Poller,
  ) {
    this.#entry = this.#named();
    window.addEventListener('hashchange', () => {
      if (this.#named() !== this.#entry) void this.open();
    });
  }

  /** Calls [listener] with each view that is opened. */
  onOpen(listener: (entry: ViewEntry) => void): void {
    this.#listeners.push(listener);
  }

  async open(): Promise<void> {
    const entry = this.#named();
    this.#entry = entry;
    for (const listener of this.#listeners) listener(entry);
    document.title = `${entry.title} · nemd`;
    let code;
    try {
      code = await entry.load();
    } catch {
      if (this.#entry === entry) this.#fail(entry);
      return;
    }
    if (this.#entry !== entry) return; // another one was opened meanwhile
    this.#leave();
    this.#state = new UrlState(entry.id);
    const view = code.create(this.#state);
    this.view = view;
    view.grown = () => this.poller.look();
    this.poller.show(view.feeds);
    // A page that was just opened is laid out once, with data, where they come at once.
    if (!this.main.querySelector('.board')) await Promise.race([view.ready, delay(FIRST_MS)]);
    if (this.view === view) this.main.replaceChildren(view.root);
  }

  #named(): ViewEntry {
    const id = addressView();
    return this.views.find((view) => view.id === id) ?? (this.views[0] as ViewEntry);
  }

  #leave(): void {
    this.view?.destroy();
    this.view = null;
    this.#state?.end();
  }

  /** The server went away, or is another version by now: its files have other names. */
  #fail(entry: ViewEntry): void {
    const again = el('button', { type: 'button', class: 'link' }, 'Load the page again');
    again.addEventListener('click', () => location.reload());
    this.#leave();
    this.main.replaceChildren(el('p', { class: 'failed-view' }, `The view “${entry.title}” could not be loaded. `, again));
  }
}
