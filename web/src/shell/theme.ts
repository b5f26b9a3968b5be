// Light and dark. The page follows the system until the reader chooses; the choice stays in localStorage.

const KEY = 'nemd.theme';
const system = window.matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

export type Theme = 'light' | 'dark';

function stored(): Theme | null {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : null;
  } catch {
    return null; // storage can be forbidden
  }
}

export function theme(): Theme {
  return stored() ?? (system.matches ? 'dark' : 'light');
}

function apply(): void {
  use(theme());
}

function use(next: Theme): void {
  document.documentElement.dataset.theme = next;
  colors.clear();
  for (const listener of listeners) listener();
}

export function toggleTheme(): void {
  const next: Theme = theme() === 'dark' ? 'light' : 'dark';
  try {
    localStorage.setItem(KEY, next);
    apply();
  } catch {
    use(next);
  }
}

/** Calls [listener] after each change, since a canvas does not follow style sheets by itself. Returns what ends that. */
export function onTheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function startTheme(): void {
  apply();
  system.addEventListener('change', apply);
  // Paper is white.
  window.addEventListener('beforeprint', () => use('light'));
  window.addEventListener('afterprint', apply);
}

const colors = new Map<string, string>();

/** The present value of a CSS variable such as "--nsw1". A drawing asks for hundreds. */
export function cssColor(variable: string): string {
  let color = colors.get(variable);
  if (color === undefined) {
    color = getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
    colors.set(variable, color);
  }
  return color;
}
