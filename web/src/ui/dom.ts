// Building the page. Ids and names come from files of others, so text only ever enters as text: nothing
// here, or anywhere else in the dashboard, parses a string as HTML.

type Child = Node | string | null;
type Attributes = Record<string, string | number | boolean | null | undefined>;

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  setAttributes(node, attributes);
  for (const child of children) if (child !== null) node.append(child);
  return node;
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Node[]
): SVGElementTagNameMap[K] {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  setAttributes(node, attributes);
  node.append(...children);
  return node;
}

/** Sets each of [attributes]; false, null and undefined remove one, true sets it to nothing. */
export function setAttributes(node: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
}

/** Text for screen readers only. */
export function hidden(text: string): HTMLElement {
  return el('span', { class: 'hidden' }, text);
}

/** Puts [text] into [node] without touching the document where it is there already. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** In a tab that nobody looks at no frame is drawn. */
const FRAME_MS = 250;

/** Calls [work] once what was put on the page can be seen. */
export function afterFrame(work: () => void): void {
  let done = false;
  const once = () => {
    if (!done) work();
    done = true;
  };
  requestAnimationFrame(() => window.setTimeout(once));
  window.setTimeout(once, FRAME_MS);
}

export function delay(ms: number): Promise<void> {
  return new Promise((done) => window.setTimeout(done, ms));
}

const TINT_MS = 2000;
const tints = new WeakMap<Element, number>();

/** As setText, and tints [node] for two seconds where one value took another's place. */
export function setValue(node: Element, text: string): void {
  const before = node.textContent;
  if (before === text) return;
  node.textContent = text;
  if (before === '' || before === '–') return;
  window.clearTimeout(tints.get(node));
  node.classList.add('changed');
  tints.set(
    node,
    window.setTimeout(() => node.classList.remove('changed'), TINT_MS),
  );
}
