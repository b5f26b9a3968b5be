// The market as five regions joined by its links: which way power flows now, how much of what the limits allow, and the
// price on either side. A schematic, with the regions about where they lie.

import { findSeries, valueAt, type Series, type SeriesAnswer } from '../data/api';
import type { Feed } from '../data/feeds';
import { el, setAttributes, setText, svg } from '../ui/dom';
import { dollars, isNumber, megawatts, type Value } from '../ui/format';
import { LINK_NAMES, REGIONS, atLimit, priceBand, type Flow, type Region } from '../market';
import { Panel } from '../ui/panel';

const WIDTH = 400;
const HEIGHT = 300;
const BOX = { width: 92, height: 40 };

const PLACES: Record<Region, { x: number; y: number }> = {
  QLD1: { x: 330, y: 24 },
  NSW1: { x: 330, y: 110 },
  VIC1: { x: 226, y: 196 },
  SA1: { x: 56, y: 136 },
  TAS1: { x: 226, y: 276 },
};

/** Two links between the same regions run side by side: how far this one is moved aside. */
const ASIDE = new Map([
  ['N-Q-MNSP1', 28],
  ['NSW1-QLD1', -28],
  ['V-SA', -10],
  ['V-S-MNSP1', 12],
]);

class FlowMap {
  readonly root: HTMLElement;
  #links = svg('g');
  #numbers = svg('g');
  #regions = new Map<string, RegionBox>();
  #list = el('ul', { class: 'hidden' });

  constructor() {
    const boxes = svg('g');
    for (const region of REGIONS) {
      const box = new RegionBox(region);
      this.#regions.set(region, box);
      boxes.append(box.root);
    }
    this.root = el(
      'div',
      { class: 'flow-map' },
      svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, 'aria-hidden': 'true' }, this.#links, boxes, this.#numbers),
      this.#list,
    );
  }

  showPrices(prices: ReadonlyMap<string, Value>): void {
    for (const [region, box] of this.#regions) box.show(prices.get(region));
  }

  showFlows(flows: readonly Flow[]): void {
    const drawn = flows.flatMap((flow) => drawLink(flow) ?? []);
    this.#links.replaceChildren(...drawn.map(({ line }) => line));
    this.#numbers.replaceChildren(...drawn.map(({ number }) => number));
    this.#list.replaceChildren(...flows.map((flow) => el('li', {}, sentence(flow))));
  }
}

/** The newest flows, with the price on either side. */
export function createFlowMap(flows: Feed, prices: Feed): Panel {
  const panel = new Panel({
    id: 'map',
    title: 'Flows',
    note: 'MW now; thick where at a limit',
    feeds: [flows, prices],
    empty: 'No flows collected yet',
  });
  const map = new FlowMap();
  panel.body.append(map.root);
  panel.offerPicture('newest');
  const showFlows = () => {
    const { answer } = flows;
    if (!answer) return;
    map.showFlows(answer.data.series.filter(({ measure }) => measure === 'meteredmwflow').map((each) => readFlow(answer, each)));
  };
  const showPrices = () => {
    const { answer } = prices;
    if (!answer) return;
    map.showPrices(new Map(REGIONS.map((region) => [region, valueAt(answer, findSeries(answer, region), answer.meta.latest)])));
  };
  panel.onDestroy(flows.onAnswer(showFlows));
  panel.onDestroy(prices.onAnswer(showPrices));
  return panel;
}

/** The newest of a link, by its series of metered flow. */
export function readFlow(answer: SeriesAnswer, metered: Series): Flow {
  const at = (measure: string): Value =>
    valueAt(
      answer,
      answer.data.series.find((series) => series.id === metered.id && series.measure === measure),
      answer.meta.latest,
    );
  return {
    id: metered.id,
    from: metered.from ?? '',
    to: metered.to ?? '',
    meteredmwflow: at('meteredmwflow'),
    mwflow: at('mwflow'),
    exportlimit: at('exportlimit'),
    importlimit: at('importlimit'),
    marginalvalue: at('marginalvalue'),
  };
}

class RegionBox {
  readonly root: SVGGElement;
  #price = svg('text', { class: 'map-price', y: 13, 'text-anchor': 'middle' });

  constructor(region: Region) {
    const { x, y } = PLACES[region];
    const name = svg('text', { class: 'map-name', y: -4, 'text-anchor': 'middle' });
    name.textContent = region;
    this.root = svg(
      'g',
      { class: 'map-region', transform: `translate(${x} ${y})` },
      svg('rect', { x: -BOX.width / 2, y: -BOX.height / 2, width: BOX.width, height: BOX.height, rx: 3 }),
      name,
      this.#price,
    );
  }

  show(price: Value): void {
    setText(this.#price, dollars(price));
    setAttributes(this.root, { 'data-band': priceBand(price).name });
  }
}

/** The line, and the number over it, which no box may cover. */
function drawLink(flow: Flow): { line: SVGGElement; number: SVGTextElement } | null {
  const [from, to] = [PLACES[flow.from as Region], PLACES[flow.to as Region]];
  if (!from || !to) return null;
  const value = flow.meteredmwflow;
  const back = isNumber(value) && value < 0;
  const [start, end] = back ? [to, from] : [from, to];
  const [dx, dy] = [end.x - start.x, end.y - start.y];
  const length = Math.hypot(dx, dy);
  const side = (ASIDE.get(flow.id) ?? 0) * (back ? -1 : 1);
  const [ox, oy] = [(-dy / length) * side, (dx / length) * side];
  const middle = { x: (start.x + end.x) / 2 + ox, y: (start.y + end.y) / 2 + oy };
  const still = !isNumber(value) || Math.round(value) === 0;
  const limited = atLimit(flow) ? ' at-limit' : '';
  // Beside the line, on its outer side: above it, or to the right of one that stands upright.
  const upright = Math.abs(dx) < 1;
  const out = side === 0 ? (upright || dx < 0 ? 1 : -1) : Math.sign(side);
  const [nx, ny] = upright ? [1, 0] : [(-dy / length) * out, (dx / length) * out];
  const number = svg('text', {
    class: `map-flow${limited}`,
    x: middle.x + nx * (upright ? 10 : 15),
    y: middle.y + ny * 15 + 4,
    'text-anchor': upright ? 'start' : 'middle',
  });
  number.textContent = isNumber(value) ? megawatts(Math.abs(value)) : '–';
  const line = svg(
    'g',
    { class: `map-link${limited}` },
    svg('line', { x1: start.x + ox, y1: start.y + oy, x2: end.x + ox, y2: end.y + oy }),
    ...(still ? [] : [arrow(middle, (Math.atan2(dy, dx) * 180) / Math.PI)]),
  );
  return { line, number };
}

function arrow({ x, y }: { x: number; y: number }, degrees: number): SVGPathElement {
  return svg('path', { class: 'map-arrow', d: 'M-6 -6L7 0L-6 6Z', transform: `translate(${x} ${y}) rotate(${degrees})` });
}

function sentence(flow: Flow): string {
  const { id, from, to, meteredmwflow: value } = flow;
  const [source, target] = isNumber(value) && value < 0 ? [to, from] : [from, to];
  const name = LINK_NAMES.get(id);
  return `${id}${name ? ` (${name})` : ''}: ${megawatts(isNumber(value) ? Math.abs(value) : value)} MW from ${source} to ${target}${atLimit(flow) ? ', at its limit' : ''}`;
}
