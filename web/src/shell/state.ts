// The address bar holds the whole state, as "#prices?region=SA1&range=7d", so that a copied address shows the same to
// someone else. What is at its default is left out. Choices that change what is asked for are steps that "back"
// takes back; zoom and hidden series are not.

import { readAddress, writeAddress } from './address';

/** What stays when another view is opened. */
const SHARED = ['region', 'range', 'from', 'to'];

type Step = 'step' | 'silent';

/** The view that the address names. */
export function addressView(): string {
  return readAddress().view;
}

/** The address of another view, with what the reader has chosen for all of them. */
export function linkTo(view: string, extra: Record<string, string> = {}): string {
  const { parameters } = readAddress();
  const kept = new URLSearchParams([...parameters].filter(([name]) => SHARED.includes(name)));
  for (const [name, value] of Object.entries(extra)) kept.set(name, value);
  return writeAddress({ view, parameters: kept });
}

/** None of several is named by an empty one. */
function several(value: string | readonly string[] | null): readonly string[] {
  if (value === null) return [];
  return typeof value === 'string' ? [value] : value.length ? value : [''];
}

export class UrlState {
  #listeners: (() => void)[] = [];
  #onHash = () => {
    if (readAddress().view === this.view) this.#tell();
  };

  constructor(private readonly view: string) {
    window.addEventListener('hashchange', this.#onHash);
  }

  get(name: string): string | null {
    const { view, parameters } = readAddress();
    return view === this.view ? parameters.get(name) : null;
  }

  /** All that [name] is, where it can be several; null where the address doesn't name it. */
  list(name: string): string[] | null {
    const { view, parameters } = readAddress();
    const all = view === this.view ? parameters.getAll(name) : [];
    return all.length ? all.filter(Boolean) : null;
  }

  /** Null removes; of several each is a parameter of its own, as names may hold any sign. A step tells the listeners too. */
  set(values: Record<string, string | readonly string[] | null>, step: Step): void {
    const { view, parameters } = readAddress();
    const own = view === this.view ? parameters : new URLSearchParams();
    const before = own.toString();
    for (const [name, value] of Object.entries(values)) {
      own.delete(name);
      for (const each of several(value)) own.append(name, each);
    }
    if (own.toString() === before) return;
    const address = writeAddress({ view: this.view, parameters: own });
    if (step === 'silent') return history.replaceState(null, '', address);
    history.pushState(null, '', address);
    this.#tell();
  }

  /** Calls [listener] after a step, and when another address of this view was entered or followed. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  end(): void {
    window.removeEventListener('hashchange', this.#onHash);
    this.#listeners = [];
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
