/* Every view over a simulated market: it opens, shows something, complains of nothing, fits a phone, and can be used
 * without sight. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { before, after, describe, test } from 'node:test';
import { simulatedStore, signed, asking } from '../e2e/support/routes.mjs';
import { openPage } from './support/browser.mjs';

const axe = readFileSync(createRequire(new URL('../../web/', import.meta.url)).resolve('axe-core/axe.min.js'), 'utf8');

/* What each view has to show before it counts as open: a panel, and something in it. */
const views = {
  today: '[data-testid="panel-generation"] .legend tbody tr:not([hidden])',
  generation: '[data-testid="panel-comparison"] tbody tr[data-row]',
  prices: '[data-testid="panel-stats"] tbody tr[data-row]',
  stations: '[data-testid="panel-units"] tbody tr[data-row]',
  transmission: '[data-testid="panel-use"] tbody tr[data-row]',
  renewables: '[data-testid="panel-share"] .legend tbody tr:not([hidden])',
  batteries: '[data-testid="panel-batteries"] tbody tr[data-row]',
  curtailment: '[data-testid="panel-curtailed"] .legend tbody tr:not([hidden])',
  forecasts: '[data-testid="panel-price"] .legend tbody tr:not([hidden])',
  demand: '[data-testid="panel-extremes"] tbody tr[data-row]',
  evening: '[data-testid="panel-summary"] tbody tr[data-row]',
  emissions: '[data-testid="panel-sums"] tbody tr[data-row]',
  fcas: '[data-testid="panel-services"] tbody tr[data-row]',
  market: '[data-testid="panel-status"] tbody tr[data-row]',
  pivot: '[data-testid="panel-pivot"] tbody tr[data-row]',
  status: '[data-testid="panel-datasets"] tbody tr[data-row]',
};

const labels = { Water: 'Hydro', Solar: 'Solar (utility)', CCGT: 'Gas (CCGT)', OCGT: 'Gas (OCGT)', 'Gas other': 'Gas (other)' };

/* Work for the end of this file, in the manner of a test's own. */
const ends = [];
const t = { after: (work) => ends.push(work) };
let store, page;

before(async () => {
  store = await simulatedStore(t);
  /* a panel that is fading in has too little contrast for a moment */
  page = await openPage(t, `http://127.0.0.1:${store.serve.port}/#today`, { reducedMotion: 'reduce' });
});
after(async () => {
  for (const work of ends.reverse()) await work();
});

async function open(view, query = 'range=1d') {
  await page.evaluate((hash) => { location.hash = hash; }, `${view}?${query}`);
  await page.getByTestId(`view-${view}`).waitFor();
  await page.locator(views[view]).first().waitFor();
  await page.waitForFunction(() => !document.querySelector('.panel.loading'));
}

describe('each view', () => {
  for (const view of Object.keys(views)) {
    test(`${view} opens, and complains of nothing`, async () => {
      await page.setViewportSize({ width: 1440, height: 900 });
      await open(view);
      assert.deepEqual(page.complaints, []);
      assert.deepEqual(await page.locator('.panel.failed h2').allTextContents(), [], 'panels that failed');
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
      const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      assert.deepEqual(grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).slice(0, 3).join('; ')}`), []);
      await page.setViewportSize({ width: 390, height: 844 });
      /* drawings follow a moment later */
      await page.waitForFunction(() => document.documentElement.scrollWidth <= 390, null, { timeout: 20000 })
        .catch(async () => assert.fail(`${await page.evaluate(() => document.documentElement.scrollWidth)} px wide on a phone`));
    });
  }
});

test('every view answers for long ranges, single regions and each smoothing', async () => {
  await page.setViewportSize({ width: 1440, height: 900 });
  const failed = [];
  for (const query of ['range=all&region=SA1', 'range=1y&resolution=1d']) {
    for (const view of Object.keys(views)) {
      await open(view, query);
      failed.push(...(await page.locator('.panel.failed h2').allTextContents()).map((title) => `${view}?${query}: ${title}`));
    }
  }
  for (const smooth of ['mean:3h', 'mean:1d', 'exponential:6h', 'loess:1d']) {
    await open('prices', `range=1d&smooth=${smooth}`);
    failed.push(...(await page.locator('.panel.failed h2').allTextContents()).map((title) => `${smooth}: ${title}`));
  }
  assert.deepEqual(failed, []);
  assert.deepEqual(page.complaints, []);
});

test('the pivot is what SQL says', async () => {
  const api = asking(store);
  await page.setViewportSize({ width: 1440, height: 900 });
  await open('pivot');
  const [{ from, to }] = [await page.evaluate(async () => {
    const answer = await (await fetch('v1/pivot?by=fuel')).json();
    return answer.meta;
  })];
  const rows = await api.rows(`WITH ${signed} SELECT fuel, sum(generation) / 1e3 AS gwh FROM energy
    WHERE t > '${api.aest(from)}' AND t <= '${api.aest(to)}' GROUP BY fuel`);
  for (const { fuel, gwh } of rows) {
    const line = page.locator(`[data-testid="panel-pivot"] tbody tr[data-row]`, { hasText: labels[fuel] ?? fuel }).first();
    const shown = Number((await line.locator('td').nth(2).textContent()).replace(/[,]/g, '').replace('−', '-'));
    assert.ok(Math.abs(shown - gwh) <= 0.0501, `${fuel}: ${shown} GWh, not ${gwh}`);
  }
});
