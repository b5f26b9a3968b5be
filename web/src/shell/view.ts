// The views: what each is called, and how its code is fetched when it is first opened.

import type { Feed } from '../data/feeds';
import type { UrlState } from './state';

export interface View {
  /** What the poller has to keep current for this view. */
  feeds: Feed[];
  root: HTMLElement;
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
