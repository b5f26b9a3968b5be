// Keys for who keeps the page open all day: a digit opens a view, r goes to the next region, arrows move the range, t goes
// back to the newest, / searches, ? tells about keys. A control reacts to its key by having it in data-key.

import { el } from '../ui/dom';
import { addressView, linkTo } from './state';
import type { ViewEntry } from './view';

const HELP: readonly [keys: string, does: string][] = [
  ['1 – 9', 'open a view'],
  ['r', 'next region'],
  ['← →', 'earlier, later; of a zoom: pan'],
  ['t', 'back to the newest'],
  ['/', 'search, for a station where the view has nothing to search'],
  ['?', 'this list'],
  ['Esc', 'close, or end a zoom'],
];

/** A view may take so long to come. */
const WAIT_MS = 5000;

export function startKeys(views: readonly ViewEntry[]): void {
  document.addEventListener('keydown', (event) => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest('input, select, textarea, .chart')) return;
    const view = views[Number(event.key) - 1];
    if (view) location.hash = linkTo(view.id);
    else if (event.key === '?') showHelp();
    else if (!press(event.key) && !(event.key === '/' && searchStations())) return;
    event.preventDefault();
  });
}

/** Presses, or focuses, what is marked with the key; false where nothing is. */
function press(key: string): boolean {
  const node = document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
  if (!node) return false;
  if (node instanceof HTMLInputElement) node.focus();
  else node.click();
  return true;
}

/** Where a view has nothing to search, Stations has, unless the reader goes on to another one before it has come. */
function searchStations(): true {
  location.hash = linkTo('stations');
  const watch = new MutationObserver(() => {
    if (addressView() !== 'stations' || press('/')) watch.disconnect();
  });
  watch.observe(document.body, { subtree: true, childList: true });
  window.setTimeout(() => watch.disconnect(), WAIT_MS);
  return true;
}

function showHelp(): void {
  const close = el('button', { type: 'button' }, 'Close');
  const dialog = el(
    'dialog',
    { class: 'help', 'aria-label': 'Keys' },
    el('h2', {}, 'Keys'),
    el('dl', {}, ...HELP.flatMap(([keys, does]) => [el('dt', {}, keys), el('dd', {}, does)])),
    close,
  );
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
