// A picture of a panel, to take away. A browser makes pixels of a canvas alone, so all the rest of what the panel shows,
// words, boxes and drawings, is painted here as it stands on the page, on a solid ground, with words that say what it is.

import { cssColor } from '../shell/theme';
import { el } from './dom';

/** What stands above and below the drawing. */
export interface PictureWords {
  title: string;
  /** Lines below the title. */
  lines: readonly string[];
  foot: string;
}

const SIDE = 16;
const LEAST_WIDTH = 288;
const TITLE = { size: 15, height: 24, weight: 600, color: '--ink' };
const SMALL = { size: 11, height: 16, weight: 400, color: '--muted' };

/** Of the page's own words, those that only serve who uses it, and what lies over a chart for its cursor. */
const LEFT_OUT = '.hidden, .hint, .u-over, .choices button:not([aria-pressed="true"])';

/** [body] as it is drawn now. Twice as fine as the screen where that is coarse, but for charts, which are pixels already. */
export function picture(body: HTMLElement, { title, lines, foot }: PictureWords): HTMLCanvasElement {
  const box = body.getBoundingClientRect();
  const scale = body.querySelector('canvas') ? devicePixelRatio : Math.max(2, devicePixelRatio);
  const width = Math.max(LEAST_WIDTH, box.width);
  const canvas = el('canvas');
  const pen = canvas.getContext('2d');
  if (!pen) return canvas;
  const family = getComputedStyle(body).fontFamily;
  const fontOf = ({ size, weight }: typeof SMALL) => `${weight} ${size}px ${family}`;
  const above = [{ text: title, style: TITLE }, ...lines.map((text) => ({ text, style: SMALL }))].flatMap(({ text, style }) => {
    pen.font = fontOf(style);
    return wrap(pen, text, width).map((line) => ({ text: line, style }));
  });
  const head = above.reduce((sum, { style }) => sum + style.height, SIDE);
  canvas.width = Math.ceil((width + 2 * SIDE) * scale);
  canvas.height = Math.ceil((head + box.height + SMALL.height + SIDE) * scale);
  pen.scale(scale, scale);
  pen.fillStyle = cssColor('--paper');
  pen.fillRect(0, 0, canvas.width, canvas.height);
  let y = SIDE / 2;
  const write = (text: string, style: typeof SMALL) => {
    pen.font = fontOf(style);
    pen.fillStyle = cssColor(style.color);
    y += style.height;
    pen.fillText(text, SIDE, y, width);
  };
  for (const { text, style } of above) write(text, style);
  y = head + box.height;
  write(foot, SMALL);
  pen.translate(SIDE + (width - box.width) / 2 - box.left, head - box.top);
  for (const child of body.children) paint(pen, child);
  return canvas;
}

/** Lets the reader keep [canvas] as a file. */
export function save(canvas: HTMLCanvasElement, name: string): void {
  canvas.toBlob((blob) => {
    if (!blob) return;
    const address = URL.createObjectURL(blob);
    el('a', { href: address, download: `${name}.png` }).click();
    URL.revokeObjectURL(address);
  });
}

function wrap(pen: CanvasRenderingContext2D, text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && pen.measureText(longer).width <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function paint(pen: CanvasRenderingContext2D, node: Element): void {
  if (node.matches(LEFT_OUT) || !node.checkVisibility({ visibilityProperty: true })) return;
  const style = getComputedStyle(node);
  const box = node.getBoundingClientRect();
  pen.save();
  pen.globalAlpha *= Number(style.opacity);
  if (node instanceof HTMLCanvasElement) pen.drawImage(node, box.left, box.top, box.width, box.height);
  else if (node instanceof SVGTextElement) paintLabel(pen, node, style);
  else if (node instanceof SVGGeometryElement) paintShape(pen, node, style);
  else {
    if (node instanceof HTMLElement) paintBox(pen, box, style);
    if (style.overflowX !== 'visible') clip(pen, box);
    for (const child of node.childNodes) {
      if (child instanceof Text && node instanceof HTMLElement) paintText(pen, child, style);
      else if (child instanceof Element) paint(pen, child);
    }
  }
  pen.restore();
}

function clip(pen: CanvasRenderingContext2D, box: DOMRect): void {
  pen.beginPath();
  pen.rect(box.left, box.top, box.width, box.height);
  pen.clip();
}

/** Ground and edges. */
function paintBox(pen: CanvasRenderingContext2D, { left, top, right, bottom, width, height }: DOMRect, style: CSSStyleDeclaration): void {
  pen.fillStyle = style.backgroundColor;
  pen.beginPath();
  pen.roundRect(left, top, width, height, parseFloat(style.borderTopLeftRadius) || 0);
  pen.fill();
  const [up, after, below, before] = (['Top', 'Right', 'Bottom', 'Left'] as const).map((side) => ({
    size: parseFloat(style[`border${side}Width`]),
    color: style[`border${side}Color`],
    dash: { dashed: [3, 2], dotted: [2, 2] }[style[`border${side}Style`]] ?? [],
  })) as [Edge, Edge, Edge, Edge];
  paintEdge(pen, up, left, top + up.size / 2, right, top + up.size / 2);
  paintEdge(pen, after, right - after.size / 2, top, right - after.size / 2, bottom);
  paintEdge(pen, below, left, bottom - below.size / 2, right, bottom - below.size / 2);
  paintEdge(pen, before, left + before.size / 2, top, left + before.size / 2, bottom);
}

interface Edge {
  /** 0 where there is none. */
  size: number;
  color: string;
  dash: number[];
}

function paintEdge(pen: CanvasRenderingContext2D, { size, color, dash }: Edge, x1: number, y1: number, x2: number, y2: number): void {
  if (!size) return;
  pen.strokeStyle = color;
  pen.lineWidth = size;
  pen.setLineDash(dash);
  pen.stroke(new Path2D(`M${x1} ${y1}L${x2} ${y2}`));
}

/** Word by word, each where the page has it. */
function paintText(pen: CanvasRenderingContext2D, text: Text, style: CSSStyleDeclaration): void {
  const range = document.createRange();
  useFont(pen, style);
  pen.fillStyle = pen.strokeStyle = style.color;
  pen.setLineDash([]);
  for (const { 0: word, index } of text.data.matchAll(/\S+/g)) {
    range.setStart(text, index);
    range.setEnd(text, index + word.length);
    const [box] = range.getClientRects();
    if (!box) continue;
    const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = pen.measureText(word);
    const base = box.top + (box.height + up - down) / 2;
    pen.fillText(word, box.left, base);
    const line = { underline: base + 3, 'line-through': base - up / 3 }[style.textDecorationLine];
    if (line !== undefined) paintEdge(pen, { size: 1, color: style.color, dash: [] }, box.left, line, box.right, line);
  }
}

function useFont(pen: CanvasRenderingContext2D, { fontStyle, fontWeight, fontSize, fontFamily, letterSpacing }: CSSStyleDeclaration): void {
  pen.font = `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`;
  pen.letterSpacing = letterSpacing === 'normal' ? '0px' : letterSpacing;
}

/** A text of a drawing: its stroke lies below it, as a rim. */
function paintLabel(pen: CanvasRenderingContext2D, node: SVGTextElement, style: CSSStyleDeclaration): void {
  const [text, matrix] = [node.textContent ?? '', node.getScreenCTM()];
  if (!text || !matrix) return;
  const { x, y } = node.getStartPositionOfChar(0);
  useFont(pen, style);
  pen.transform(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f);
  if (style.stroke !== 'none') {
    pen.strokeStyle = style.stroke;
    pen.lineWidth = parseFloat(style.strokeWidth);
    pen.lineJoin = 'round';
    pen.strokeText(text, x, y);
  }
  pen.fillStyle = style.fill;
  pen.fillText(text, x, y);
}

function paintShape(pen: CanvasRenderingContext2D, node: SVGGeometryElement, style: CSSStyleDeclaration): void {
  const matrix = node.getScreenCTM();
  if (!matrix) return;
  const path = new Path2D();
  path.addPath(outline(node), matrix);
  if (style.fill !== 'none') {
    pen.fillStyle = style.fill;
    pen.fill(path);
  }
  if (style.stroke === 'none') return;
  const scale = style.vectorEffect === 'non-scaling-stroke' ? 1 : Math.sqrt(Math.abs(matrix.a * matrix.d - matrix.b * matrix.c));
  pen.strokeStyle = style.stroke;
  pen.lineWidth = parseFloat(style.strokeWidth) * scale;
  pen.lineCap = style.strokeLinecap as CanvasLineCap;
  pen.lineJoin = style.strokeLinejoin as CanvasLineJoin;
  pen.setLineDash(style.strokeDasharray === 'none' ? [] : style.strokeDasharray.split(/[ ,]+/).map((part) => parseFloat(part) * scale));
  pen.stroke(path);
}

function outline(node: SVGGeometryElement): Path2D {
  const path = new Path2D(node.getAttribute('d') ?? '');
  const of = (name: string) => Number(node.getAttribute(name) ?? 0);
  if (node instanceof SVGLineElement) {
    path.moveTo(of('x1'), of('y1'));
    path.lineTo(of('x2'), of('y2'));
  } else if (node instanceof SVGCircleElement) path.arc(of('cx'), of('cy'), of('r'), 0, 2 * Math.PI);
  else if (node instanceof SVGRectElement) path.roundRect(of('x'), of('y'), of('width'), of('height'), of('rx'));
  return path;
}
