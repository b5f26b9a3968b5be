// A field that finds something by name while one types: arrows move, Enter takes.

import { el } from './dom';
import { search } from './fuzzy';

export interface SearchOptions<T> {
  label: string;
  placeholder: string;
  items: () => readonly T[];
  /** What is searched, the first being the name. */
  texts: (item: T) => readonly string[];
  /** Beside the name. */
  note: (item: T) => string;
  take: (item: T) => void;
}

const MOST = 12;
let boxes = 0;

export function searchBox<T>(options: SearchOptions<T>): HTMLElement {
  const id = `search-${++boxes}`;
  const input = el('input', {
    type: 'search',
    class: 'search',
    role: 'combobox',
    'aria-label': options.label,
    'aria-expanded': 'false',
    'aria-controls': id,
    'aria-autocomplete': 'list',
    placeholder: options.placeholder,
    autocomplete: 'off',
    spellcheck: 'false',
    'data-key': '/',
  });
  const list = el('ul', { id, role: 'listbox', class: 'search-list', 'aria-label': options.label, hidden: true });
  let found: T[] = [];
  let at = 0;

  const show = () => {
    found = input.value.trim() ? search(input.value, options.items(), options.texts, MOST) : [];
    at = 0;
    draw();
  };
  const draw = () => {
    list.hidden = found.length === 0;
    input.setAttribute('aria-expanded', String(!list.hidden));
    list.replaceChildren(...found.map((item, i) => line(item, i)));
    if (list.hidden) input.removeAttribute('aria-activedescendant');
    else input.setAttribute('aria-activedescendant', `${id}-${at}`);
  };
  const line = (item: T, i: number) => {
    const node = el(
      'li',
      { id: `${id}-${i}`, role: 'option', 'aria-selected': String(i === at) },
      el('span', {}, options.texts(item)[0] ?? ''),
      el('span', { class: 'note' }, options.note(item)),
    );
    node.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      take(item);
    });
    return node;
  };
  const take = (item: T | undefined) => {
    if (item === undefined) return;
    input.value = '';
    show();
    options.take(item);
  };
  input.addEventListener('input', show);
  input.addEventListener('blur', () => {
    found = [];
    draw();
  });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') at = Math.min(found.length - 1, at + 1);
    else if (event.key === 'ArrowUp') at = Math.max(0, at - 1);
    else if (event.key === 'Enter') return take(found[at]);
    else if (event.key === 'Escape') input.value = '';
    else return;
    event.preventDefault();
    if (event.key === 'Escape') show();
    else draw();
  });
  return el('div', { class: 'search-box' }, input, list);
}
