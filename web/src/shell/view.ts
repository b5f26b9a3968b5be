// The views: what each is called, and how its code is fetched when it is first opened.

import type { Feed } from '../data/feeds';
import type { UrlState } from './state';

export interface View {
  /** What the poller has to keep current for this view. */
  feeds: Feed[];
  root: HTMLElement;
  /** Set by who shows it, called when feeds came to [feeds] later. */
  grown: () => void;
  /** Once there is something to show of what it asked for. */
  ready: Promise<void>;
  /** Once a second. */
  tick(): void;
  /** Ends charts and listeners: the view is left. */
  destroy(): void;
}

export interface ViewEntry {
  id: string;
  title: string;
  load: () => Promise<{ create(state: UrlState): View }>;
}
