// Keeping the page current. A feed is one route of the API and its last answer; several panels can share
// it. The poller asks `/v1/meta` whenever the server says that something is new (live.ts), and every few seconds
// where it can't; a feed is asked again only when the dataset behind it, or what the reader wants to see of it, has
// changed, or when the last attempt failed.

import { ApiError, Unreachable, get, type Answer, type Dataset, type MetaAnswer, type SeriesAnswer } from './api';
import { now, setServerTime } from './clock';
import { META } from './first';
import { Live } from './live';

const POLL_MS = 5000;
/** While the server tells by itself: against whatever may be lost on the way. */
const SLOW_POLL_MS = 60_000;
const GATHER_MS = 100;
/** A question that has had no answer for so long may never get one. */
const STUCK_S = 5;
const LIVE_MS = 500;
/** When what was asked before `/v1/meta` had answered is asked once more. */
const RECHECK_MS = 1000;

export interface Problem {
  text: string;
  /** When the last good answer came, by the server's clock. */
  since: number;
}

export class Feed<T extends Answer = SeriesAnswer> {
  /** The last good answer: it stays while a newer one is fetched, or fails. Null before the first, and of an empty dataset. */
  answer: T | null = null;
  /** What `/v1/meta` says of the dataset; null before it was asked. */
  dataset: Dataset | null = null;
  problem: Problem | null = null;

  #listeners = new Set<() => void>();
  #answerListeners = new Set<() => void>();
  #etag: string | null = null;
  #path: string | null = null;
  #asked: string | null = null;
  #seen: string | null = null;
  #running: AbortController | null = null;
  #goodAt = now();
  #ended = false;
  #recheck = 0;

  /**
   * [name] is the dataset that the route reads, [path] what to ask of it, null while that isn't known yet. [early]: the
   * path needs nothing of the dataset, so that the first answer doesn't wait for `/v1/meta`.
   */
  constructor(
    readonly name: string,
    readonly path: (dataset: Dataset | null) => string | null,
    readonly early = false,
    /** An event of the server besides those of the dataset that makes it ask again. */
    readonly event: string | null = null,
  ) {}

  /** What [answer] is the answer to; null before there is one. */
  get address(): string | null {
    return this.#path;
  }

  /** Whether the answer is not yet that to what [path] asks for. */
  get loading(): boolean {
    return this.#running !== null && this.#path !== this.#asked;
  }

  /** Asks again where [path] has changed, once it is its [turn]. What was asked before is of no interest any more. */
  reload(turn?: Promise<void>): void {
    if (!this.#ready || this.path(this.dataset) === this.#asked) return;
    this.#running?.abort();
    this.#running = null;
    void this.#load(turn);
  }

  /** Asks again, whatever is known: what it tells of isn't a dataset's. */
  refresh(): void {
    this.#running?.abort();
    this.#running = null;
    this.#seen = null;
    void this.#load();
  }

  /** Ends it: its view is left. */
  end(): void {
    this.#ended = true;
    this.#running?.abort();
    this.#listeners.clear();
    this.#answerListeners.clear();
  }

  /** Whether there is an answer to what [path] asks for, or can't be one for now. */
  get settled(): boolean {
    return !this.loading && (this.answer !== null || this.problem !== null || this.empty);
  }

  /** Once it is [settled]. */
  async settle(): Promise<void> {
    if (this.settled) return;
    await new Promise<void>((done) => {
      const end = this.subscribe(() => {
        if (!this.settled) return;
        end();
        done();
      });
    });
  }

  get empty(): boolean {
    return this.dataset !== null && this.dataset.latest === null;
  }

  get #ready(): boolean {
    return this.dataset === null ? this.early : this.dataset.latest !== null;
  }

  /** Asks before anything is known of the dataset, where that can be. */
  begin(): void {
    void this.#load();
  }

  /** Calls [listener] whenever anything above has changed. Returns what ends that. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The same for changes of [answer] alone: what draws it has nothing to do before. */
  onAnswer(listener: () => void): () => void {
    this.#answerListeners.add(listener);
    return () => this.#answerListeners.delete(listener);
  }

  /** Takes the dataset's entry of a fresh `/v1/meta`, and loads what it announces. */
  update(dataset: Dataset): void {
    const same = dataset === this.dataset; // as after each 304
    const begun = this.dataset === null && this.early;
    this.dataset = dataset;
    const lost = dataset.latest === null && this.answer !== null;
    if (dataset.latest === null) {
      this.answer = null;
      this.problem = null;
      this.#seen = null;
    }
    if (!same) this.#tell(lost);
    // What came early may be older than what is known now: to be asked again, but not before all is drawn.
    if (begun && dataset.latest !== null && !this.problem) {
      this.#recheck = window.setTimeout(() => {
        this.#recheck = 0;
        void this.#load();
      }, RECHECK_MS);
    } else if (!same || !this.#recheck) {
      void this.#load();
    }
  }

  async #load(turn?: Promise<void>): Promise<void> {
    const dataset = this.dataset;
    if (this.#running || this.#ended || !this.#ready) return;
    const path = this.path(dataset);
    const announced = `${path} ${dataset?.latest} ${dataset?.bytes}`;
    if (path === null || this.#seen === announced) {
      this.#rest(path);
      return;
    }

    const running = new AbortController();
    this.#running = running;
    this.#asked = path;
    this.#tell();
    let news = false;
    try {
      if (turn) await turn;
      if (running.signal.aborted) return;
      const fetched = await get<T>(path, path === this.#path ? this.#etag : null, running.signal);
      if (running.signal.aborted) return;
      setServerTime(fetched.date);
      if (fetched.changed && !(dataset === null && fetched.body.meta.latest === null)) {
        this.answer = fetched.body;
        news = true;
        this.#etag = fetched.etag;
        this.#path = path;
      }
      this.problem = null;
      this.#goodAt = now();
      this.#seen = announced;
    } catch (error) {
      if (running.signal.aborted) return;
      this.problem = { text: describe(error), since: this.#goodAt };
      this.#asked = null;
    }
    this.#running = null;
    this.#tell(news);
    // The dataset may have moved on meanwhile. A failure waits for the next poll instead.
    if (this.problem === null && dataset !== null) void this.#load();
  }

  /** There is nothing to ask: what was asked last, if it was something else, is of no interest any more, nor why it failed. */
  #rest(path: string | null): void {
    if (this.#asked === path && this.problem === null) return;
    this.#asked = path;
    this.problem = null;
    this.#tell();
  }

  #tell(news = false): void {
    if (news) for (const listener of this.#answerListeners) listener();
    for (const listener of this.#listeners) listener();
  }
}

/** Where only the common parts of feeds of different routes matter. */
export type AnyFeed = Pick<Feed, 'name' | 'address' | 'dataset' | 'problem' | 'empty' | 'loading' | 'event' | 'refresh' | 'begin' | 'update' | 'reload' | 'end' | 'subscribe' | 'onAnswer'> & {
  readonly answer: Answer | null;
};

export class Poller {
  meta: MetaAnswer | null = null;
  problem: Problem | null = null;

  #listeners: (() => void)[] = [];
  #etag: string | null = null;
  #goodAt = now();
  #timer = 0;
  #running: AbortController | null = null;
  #absentees = new Map<string, Dataset>();
  #live = new Live((kind) => this.#hear(kind));
  #heard = 0;
  #askedAt = 0;

  /** Those of the view that is shown. */
  feeds: readonly AnyFeed[] = [];

  /** Keeps [feeds] current instead of those before. */
  show(feeds: readonly AnyFeed[]): void {
    for (const feed of this.feeds) feed.end();
    this.feeds = feeds;
    this.look();
    for (const listener of this.#listeners) listener();
  }

  /** Sees to feeds that are new, and to all others if it must. */
  look(): void {
    if (this.meta) this.#updateFeeds();
    else for (const feed of this.feeds) feed.begin();
  }

  subscribe(listener: () => void): void {
    this.#listeners.push(listener);
  }

  start(): void {
    void this.poll();
    // A stream of events is one of the few connections that a browser allows: after the first drawing.
    window.setTimeout(() => this.#live.start(), LIVE_MS);
    // A hidden tab's timers are slowed, and a sleeping machine's stop: ask at once on return.
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) void this.poll();
    });
    window.addEventListener('pageshow', (event) => {
      if (event.persisted) void this.poll();
    });
    document.addEventListener('resume', () => void this.poll());
    window.addEventListener('online', () => void this.poll());
  }

  /** Something is new. News come in bunches, one for each dataset of a cycle, and all of them need one question. */
  #hear(kind = ''): void {
    for (const feed of this.feeds) if (feed.event === kind) feed.refresh();
    if (this.#heard) return;
    this.#heard = window.setTimeout(() => {
      this.#heard = 0;
      if (this.#running && now() - this.#askedAt < STUCK_S) this.#hear();
      else void this.poll();
    }, GATHER_MS);
  }

  /** Asks now. A question still in flight may be waiting on a connection that died in sleep: it is dropped. */
  async poll(): Promise<void> {
    window.clearTimeout(this.#timer);
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.#askedAt = now();
    try {
      const fetched = await get<MetaAnswer>(META, this.#etag, running.signal);
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
    this.#timer = window.setTimeout(() => void this.poll(), this.#live.connected ? SLOW_POLL_MS : POLL_MS);

    if (this.problem === null) this.#updateFeeds();
    for (const listener of this.#listeners) listener();
  }

  /** A dataset that this server doesn't have is an empty one. */
  #absent(name: string): Dataset {
    const known = this.#absentees.get(name);
    const dataset = known ?? { name, step_minutes: 5, first: null, latest: null, stale_after: 0, stale: false, bytes: 0, damaged: false };
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
