// The server's events: it says when something is new, so that nobody has to ask. The browser connects again by itself
// after a break; a connection that a proxy has dropped without a word is found out by the missing heartbeat.

const EVENTS = 'v1/events';
/** The server sends a heartbeat every 15 s. */
const SILENCE_MS = 45_000;
const RETRY_MS = 60_000;

export class Live {
  #source: EventSource | null = null;
  #timer = 0;

  /** [onNews] is called with the kind of event when an interval, an alert or anything else is new, and when the connection is lost or back. */
  constructor(private readonly onNews: (kind: string) => void) {}

  get connected(): boolean {
    return this.#source?.readyState === EventSource.OPEN;
  }

  start(): void {
    this.#open();
    for (const moment of ['visibilitychange', 'resume'])
      document.addEventListener(moment, () => {
        if (!document.hidden && !this.connected) this.#open();
      });
  }

  #open(): void {
    this.#source?.close();
    const source = new EventSource(EVENTS);
    this.#source = source;
    const news = ({ type }: Event) => {
      this.#watch(SILENCE_MS);
      this.onNews(type);
    };
    source.addEventListener('open', news);
    for (const kind of ['interval', 'alert', 'stale']) source.addEventListener(kind, news);
    source.addEventListener('heartbeat', () => this.#watch(SILENCE_MS));
    source.addEventListener('error', () => {
      // A closed source doesn't try again by itself: the server has said no.
      if (source.readyState === EventSource.CLOSED) this.#watch(RETRY_MS);
      this.onNews('error'); // whether the server is gone, or the connection alone, is soon known
    });
    this.#watch(SILENCE_MS);
  }

  /** Opens anew unless something comes within [ms]. */
  #watch(ms: number): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#open(), ms);
  }
}
