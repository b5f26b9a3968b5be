/* How soon the dashboard of a running nemd shows data, in a browser with an empty cache: milliseconds from the
 * navigation to the first paint of anything, to the first price in the page, to the stack of generation drawn.
 *
 *   node bench/paint.mjs [URL] [ROUNDS] */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

const { chromium } = createRequire(new URL('../web/', import.meta.url))('playwright-core');
const [url = 'http://127.0.0.1:5006/', rounds = '7'] = process.argv.slice(2);
const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium'].find((place) => place && existsSync(place));

/* Runs in the page, before anything of its own. */
function watch() {
  window.seen = {};
  new MutationObserver(() => {
    const { seen } = window;
    const price = document.querySelector('[data-testid="price-NSW1"]')?.dataset.value;
    const mix = document.querySelector('[data-testid="panel-generation"] .legend tbody tr:not([hidden])');
    if (price) seen.price ??= performance.now();
    if (mix && !seen.drawing) {
      seen.drawing = true;
      requestAnimationFrame(() => setTimeout(() => { seen.stack = performance.now(); }));
    }
  }).observe(document, { subtree: true, childList: true, attributes: true });
}

const found = [];
for (let round = 0; round < Number(rounds); round++) {
  const browser = await chromium.launch({ executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.addInitScript(watch);
  await page.goto(url);
  await page.waitForFunction(() => window.seen?.stack && window.seen.price);
  found.push(await page.evaluate(() => ({ ...window.seen, paint: performance.getEntriesByName('first-contentful-paint')[0].startTime })));
  await browser.close();
}
const sorted = (name) => found.map((one) => one[name]).sort((a, b) => a - b);
const median = (name) => `${Math.round(sorted(name)[found.length >> 1])} (${Math.round(sorted(name)[0])})`;
console.log(`first paint ${median('paint')} ms, first price ${median('price')} ms, stack drawn ${median('stack')} ms: medians of ${found.length} (and the fastest)`);
