/* How soon the dashboard of a running nemd shows data, in a browser that runs, with an empty cache: milliseconds from the
 * navigation to the first paint of anything, to the first price in the page, to the stack of generation on the screen; and the
 * processor time of the page's main thread up to a second later. Several servers are asked in turn, so that they can be compared on a machine that
 * has other work.
 *
 *   node bench/paint.mjs [URL…] [ROUNDS] */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

const { chromium } = createRequire(new URL('../web/', import.meta.url))('playwright-core');
const given = process.argv.slice(2);
const rounds = Number(given.find((word) => /^\d+$/.test(word)) ?? 9);
const urls = given.filter((word) => !/^\d+$/.test(word));
if (!urls.length) urls.push('http://127.0.0.1:5006/');
const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium'].find((place) => place && existsSync(place));

/* Runs in the page, before anything of its own. The stack has been drawn when the first frame with a row of its legend is
 * on the screen, which the browser itself says: the two are made in one go, in the middle of a frame, so that to wait for
 * the next one would add a whole frame that nobody waits for. */
function watch() {
  window.seen = {};
  new PerformanceObserver((list) => { window.seen.stack ??= list.getEntries()[0].renderTime; }).observe({ type: 'element' });
  new MutationObserver(() => {
    const { seen } = window;
    const price = document.querySelector('[data-testid="price-NSW1"]')?.dataset.value;
    const mix = document.querySelector('[data-testid="panel-generation"] .legend tbody tr:not([hidden])');
    if (price) seen.price ??= performance.now();
    if (mix && !seen.legend) {
      seen.legend = true;
      mix.querySelector('td').setAttribute('elementtiming', 'stack');
    }
  }).observe(document, { subtree: true, childList: true, attributes: true });
}

const browser = await chromium.launch({ executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });

/* A window that was just opened loads pages of the browser's own, some forty scripts: no part of what is measured. */
const WINDOW_MS = 1500;

/* A context of its own has a cache of its own. */
async function look(url) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.waitForTimeout(WINDOW_MS);
  await page.addInitScript(watch);
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.goto(url);
  await page.waitForFunction(() => window.seen?.stack && window.seen.price);
  await page.waitForTimeout(1000);
  const { metrics } = await session.send('Performance.getMetrics');
  const times = await page.evaluate(() => ({ ...window.seen, paint: performance.getEntriesByName('first-contentful-paint')[0].startTime }));
  await context.close();
  return { ...times, work: 1000 * metrics.find(({ name }) => name === 'TaskDuration').value };
}

/* Clicks [names], one after the other, in a view of a year: how long each took. */
async function redraw(url, names) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${url}#generation?range=1y`);
  await page.locator('[data-testid="panel-mix"] .legend').waitFor();
  await page.waitForFunction(() => !document.querySelector('.panel.loading, [aria-busy="true"]'));
  const took = [];
  for (const name of names) {
    await page.waitForTimeout(300);
    took.push(await page.evaluate(async (words) => {
      const panels = ['mix', 'prices'].map((id) => document.getElementById(id));
      const begin = performance.now();
      [...document.querySelectorAll('.controls button')].find(({ textContent }) => textContent === words).click();
      await new Promise((done) => {
        const look = () => panels.some(({ classList }) => classList.contains('loading')) || done();
        for (const panel of panels) new MutationObserver(look).observe(panel, { attributes: true });
        look();
      });
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      return performance.now() - begin;
    }, name));
  }
  await context.close();
  return took;
}

const found = urls.map(() => []);
const drawn = urls.map(() => []);
for (let round = -1; round < rounds; round++)
  for (const [i, url] of urls.entries()) {
    const one = await look(url);
    const again = await redraw(url, ['SA1', 'NSW1', '90 d', '1 y', 'NEM']);
    if (round < 0) continue; // the browser itself starts
    found[i].push(one);
    drawn[i].push(...again);
  }
await browser.close();

urls.forEach((url, i) => {
  const of = (name) => found[i].map((one) => one[name]).sort((a, b) => a - b);
  const median = (name) => `${Math.round(of(name)[rounds >> 1])} (${Math.round(of(name)[0])})`;
  const sorted = drawn[i].sort((a, b) => a - b);
  console.log(`${url}: first paint ${median('paint')} ms, first price ${median('price')} ms, stack ${median('stack')} ms, main thread ${median('work')} ms: medians of ${rounds} (and the fastest); a year drawn anew ${Math.round(sorted[sorted.length >> 1])} (${Math.round(sorted[0])}) ms`);
});
