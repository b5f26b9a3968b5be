// Keeping the page current. A feed is one route of the API and its last answer; several panels can share
// it. The poller asks `/v1/meta` every five seconds, and a feed is asked again only when the dataset behind
// it has changed, or when the last attempt failed.

import { ApiError, Unreachable, get, type Dataset, type MetaAnswer, type SeriesAnswer } from './api';
import { now, setServerTime } from './clock';

const POLL_MS = 5000;

export interface Problem {
  text: string;
  /** When the last good answer came, by the server's clock. */
  since: number;
}

export class Feed {
  /** The last good answer: it stays while a newer one fails. Null before the first, and of an empty dataset. */
  answer: SeriesAnswer | null = null;
  /** What `/v1/meta` says of the dataset; null before it was asked. */
  dataset: Dataset | null = null;
  problem: Problem | null = null;

  #listeners: (() => void)[] = [];
  #etag: string | null = null;
  #path: string | null = null;
  #seen: string | null = null;
  #loading = false;
  #goodAt = now();

  constructor(
    readonly name: string,
    readonly path: (dataset: Dataset) => string,
  ) {}

  get empty(): boolean {
    return this.dataset !== null && this.dataset.latest === null;
  }

  /** Calls [listener] whenever anything above has changed. */
  subscribe(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Takes the dataset's entry of a fresh `/v1/meta`, and loads what it announces. */
  update(dataset: Dataset): void {
    const same = dataset === this.dataset; // as after each 304
    this.dataset = dataset;
    if (dataset.latest === null) {
      this.answer = null;
      this.problem = null;
      this.#seen = null;
    }
    if (!same) this.#tell();
    void this.#load();
  }

  async #load(): Promise<void> {
    const dataset = this.dataset;
    if (this.#loading || dataset === null || dataset.latest === null) return;
    const announced = `${dataset.latest} ${dataset.bytes}`;
    if (this.#seen === announced) return;

    this.#loading = true;
    try {
      const path = this.path(dataset);
      const fetched = await get<SeriesAnswer>(path, path === this.#path ? this.#etag : null);
      setServerTime(fetched.date);
      if (fetched.changed) {
        this.answer = fetched.body;
        this.#etag = fetched.etag;
        this.#path = path;
      }
      this.problem = null;
      this.#goodAt = now();
      this.#seen = announced;
    } catch (error) {
      this.problem = { text: describe(error), since: this.#goodAt };
    } finally {
      this.#loading = false;
    }
    this.#tell();
    // The dataset may have moved on meanwhile. A failure waits for the next poll instead.
    if (this.problem === null) void this.#load();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

export class Poller {
  meta: MetaAnswer | null = null;
  problem: Problem | null = null;

  #listeners: (() => void)[] = [];
  #etag: string | null = null;
  #goodAt = now();
  #timer = 0;
  #running: AbortController | null = null;
  #absentees = new Map<string, Dataset>();

  constructor(readonly feeds: Feed[]) {}

  subscribe(listener: () => void): void {
    this.#listeners.push(listener);
  }

  start(): void {
    void this.poll();
    // A hidden tab's timers are slowed, and a sleeping machine's stop: ask at once on return.
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) void this.poll();
    });
    window.addEventListener('pageshow', (event) => {
      if (event.persisted) void this.poll();
    });
    window.addEventListener('online', () => void this.poll());
  }

  /** Asks now. A question still in flight may be waiting on a connection that died in sleep: it is dropped. */
  async poll(): Promise<void> {
    window.clearTimeout(this.#timer);
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    try {
      const fetched = await get<MetaAnswer>('v1/meta', this.#etag, running.signal);
      if (this.#running !== running) return;
      setServerTime(fetched.date);
      if (fetched.changed) {
        this.meta = fetched.body;
        this.#etag = fetched.etag;
      }
      this.problem = null;
      this.#goodAt = now();
    } catch (error) {
      if (this.#running !== running) return;
      this.problem = { text: describe(error), since: this.#goodAt };
    }
    this.#running = null;
    this.#timer = window.setTimeout(() => void this.poll(), POLL_MS);

    if (this.problem === null) this.#updateFeeds();
    for (const listener of this.#listeners) listener();
  }

  /** A dataset that this server doesn't have is an empty one. */
  #absent(name: string): Dataset {
    const known = this.#absentees.get(name);
    const dataset = known ?? { name, step_minutes: 5, first: null, latest: null, stale_after: 0, stale: false, bytes: 0 };
    this.#absentees.set(name, dataset);
    return dataset;
  }

  #updateFeeds(): void {
    const datasets = new Map(this.meta?.data.datasets.map((dataset) => [dataset.name, dataset]));
    for (const feed of this.feeds) feed.update(datasets.get(feed.name) ?? this.#absent(feed.name));
  }
}

function describe(error: unknown): string {
  if (error instanceof ApiError) return `server error ${error.status}: ${error.message}`;
  if (error instanceof Unreachable) return 'no answer from the server';
  return String(error);
}
