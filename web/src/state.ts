// The address bar holds what the reader chose, as "#today?show=SA1&zoom=…", so that a copied address shows the
// same to someone else. What is at its default is left out.

export class UrlState {
  #listeners: (() => void)[] = [];

  constructor(private readonly view: string) {
    window.addEventListener('hashchange', () => {
      for (const listener of this.#listeners) listener();
    });
  }

  get(name: string): string | null {
    return this.#read().get(name);
  }

  /** Null removes. Choices replace each other in the history: "back" leaves the page, as it should. */
  set(name: string, value: string | null): void {
    const parameters = this.#read();
    if (parameters.get(name) === value) return;
    if (value === null) parameters.delete(name);
    else parameters.set(name, value);
    // Colons, commas and slashes mean nothing in a fragment; spelt out they would only hide the times.
    const text = parameters.toString().replace(/%3A/g, ':').replace(/%2C/g, ',').replace(/%2F/g, '/');
    history.replaceState(null, '', `#${this.view}${text && `?${text}`}`);
  }

  /** Calls [listener] when another address was entered or followed. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #read(): URLSearchParams {
    const [view, query = ''] = location.hash.slice(1).split('?');
    return new URLSearchParams(view === this.view ? query : '');
  }
}
