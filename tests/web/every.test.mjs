/* Every view over a simulated market: it opens, shows something, complains of nothing, fits a phone, and can be used
 * without sight. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { before, after, describe, test } from 'node:test';
import { at, dispatchCsv, dispatchName, folders, scada } from '../e2e/support/market.mjs';
import { collectOnce, nemd } from '../e2e/support/nemd.mjs';
import { simulatedStore, signed, asking } from '../e2e/support/routes.mjs';
import { zipOf } from '../e2e/support/zip.mjs';
import { openPage } from './support/browser.mjs';

const axe = readFileSync(createRequire(new URL('../../web/', import.meta.url)).resolve('axe-core/axe.min.js'), 'utf8');

/* What each view has to show before it counts as open: a panel, and something in it. */
const views = {
  today: '[data-testid="panel-summary"] tbody tr[data-row]', // below the first screen, and so the last to come
  generation: '[data-testid="panel-comparison"] tbody tr[data-row]',
  prices: '[data-testid="panel-stats"] tbody tr[data-row]',
  stations: '[data-testid="panel-units"] tbody tr[data-row]',
  transmission: '[data-testid="panel-use"] tbody tr[data-row]',
  renewables: '[data-testid="panel-share"] .legend tbody tr:not([hidden])',
  batteries: '[data-testid="panel-batteries"] tbody tr[data-row]',
  curtailment: '[data-testid="panel-curtailed"] .legend tbody tr:not([hidden])',
  forecasts: '[data-testid="panel-expected"] .legend tbody tr:not([hidden])',
  demand: '[data-testid="panel-extremes"] tbody tr[data-row]',
  evening: '[data-testid="panel-evenings"] tbody tr[data-row]',
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
  await page.waitForFunction(() => !document.querySelector('.panel.loading, .board[aria-busy]'));
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

/* What panels say, held against plain SQL over the Parquet; as many digits as are shown decide. */
describe('numbers of each view are those of SQL', () => {
  const day = "t > '2025-08-20 12:30' AND t <= '2025-08-21 12:30'";
  const inDay = day.replaceAll('t ', 'settlementdate ');
  const number = (text) => (text.trim() === '–' ? null : Number(text.replace(/[,$ %]/g, '').replace('−', '-')));
  /* The rows of a table as {key: [texts of cells]}, once there are any. */
  const tableOf = async (panel) => {
    const rows = page.locator(`[data-testid="panel-${panel}"] tbody tr[data-row]`);
    await rows.first().waitFor();
    return Object.fromEntries(await rows.evaluateAll((all) => all.map((row) => [row.dataset.row, [...row.children].map((cell) => cell.textContent)])));
  };
  const close = (shown, wanted, digits, what) =>
    assert.ok(shown === wanted || Math.abs(number(shown) - wanted) <= 0.51 * 10 ** -digits + 1e-9 * Math.abs(wanted), `${what}: ${shown}, not ${wanted}`);
  /* Each of [sql]'s rows {key, …}: its columns, in their order, are the row's cells from [first] on, with so many digits. */
  const holds = async (panel, first, digits, sql) => {
    const shown = await tableOf(panel);
    const wanted = await asking(store).rows(sql);
    assert.ok(wanted.length > 0, 'a comparison with nothing');
    for (const { key, ...values } of wanted) {
      assert.ok(shown[key], `${panel} has no row ${key}: ${Object.keys(shown).join()}`);
      Object.values(values).forEach((value, i) => close(shown[key][first + i], value, digits[i], `${panel} ${key} ${Object.keys(values)[i]}`));
    }
  };
  before(() => page.setViewportSize({ width: 1440, height: 900 }));

  test('generation', async () => {
    await open('generation');
    await holds('comparison', 1, [0, 1], `WITH ${signed}, e AS (SELECT fuel AS key, sum(generation) mwh FROM energy WHERE ${day} GROUP BY fuel)
      SELECT key, mwh, 100 * mwh / (SELECT sum(mwh) FROM e) AS share FROM e`);
  });

  test('stations', async () => {
    await open('stations', 'range=1d&station=Bayswater&by=unit');
    await holds('units', 5, [0, 1], `WITH ${signed} SELECT duid AS key, any_value(capacity_mw) c, sum(generation) / 1e3 AS gwh FROM energy
      WHERE ${day} AND station = 'Bayswater' GROUP BY duid`);
  });

  test('grid', async () => {
    await open('transmission');
    await holds('use', 6, [0, 0], `SELECT interconnectorid AS key, sum(greatest(0, meteredmwflow)) / 12 AS f, sum(greatest(0, -meteredmwflow)) / 12 AS b
      FROM transmission5 WHERE ${inDay} GROUP BY key`);
  });

  test('renewables: records of a range, and those of all time as they are counted', async () => {
    await open('renewables', 'range=1d&records=range');
    const [{ v }] = await asking(store).rows(`WITH ${signed} SELECT max(mw) v FROM (SELECT t, sum(up) mw FROM parts WHERE fuel = 'Wind' AND ${day} GROUP BY t)`);
    close((await tableOf('records'))['wind NEM'][2].replace(' MW', ''), v, 0, 'the record of wind');
    await open('renewables', 'range=1d&extreme=min');
    await page.locator('[data-testid="panel-records"] tr[data-row="price SA1"]').waitFor();
    const [{ low }] = await asking(store).rows("SELECT min(rrp) low FROM prices5 WHERE regionid = 'SA1'");
    close((await tableOf('records'))['price SA1'][2].replace(' $/MWh', ''), low, 2, 'the lowest price of all time');
  });

  test('batteries', async () => {
    await open('batteries');
    const net = await asking(store).rows(`WITH ${signed} SELECT duid, sum(generation * rrp) - sum(load * rrp) AS v FROM energy
      WHERE ${day} AND fuel = 'Battery' GROUP BY duid ORDER BY v DESC LIMIT 5`);
    const bars = await tableOf('overview');
    for (const { duid, v } of net) close(bars[duid][2], v, 0, duid);
    await holds('batteries', 5, [0, 0], `WITH ${signed} SELECT duid AS key, sum(generation) d, sum(load) c FROM energy WHERE ${day} AND fuel = 'Battery' GROUP BY duid`);
    await page.locator('[data-testid="panel-overview"] tbody tr').nth(1).getByRole('button').click();
    await page.locator('[data-testid="panel-own-power"] .legend', { hasText: net[1].duid }).waitFor();
  });

  test('curtailment', async () => {
    await open('curtailment', 'range=1d');
    await holds('units', 4, [0, 0, 0], `WITH ${signed.split('signed AS')[0].trimEnd().replace(/,$/, '')} SELECT d.duid AS key, sum(uigf) / 12 p,
      sum(greatest(0, uigf - availability)) / 12 o, sum(greatest(0, availability - totalcleared)) / 12 c FROM dispatch5 d JOIN facts f ON f.duid = d.duid
      WHERE schedule_type = 'SEMI-SCHEDULED' AND uigf IS NOT NULL AND settlementdate > '2025-08-20 04:00' AND settlementdate <= '2025-08-21 04:00' GROUP BY d.duid`);
  });

  test('forecasts: errors, and the runs that are drawn', async () => {
    await open('forecasts', 'range=1d&source=p5min&region=SA1');
    const { meta: { run } } = await asking(store).ask('/v1/forecasts?source=p5min');
    const told = await page.locator('[data-testid="panel-expected"] .source').textContent();
    assert.ok(told.includes(`run of ${asking(store).aest(run).slice(11, 16)}`), told);
    await holds('errors', 2, [0, 2, 2], `SELECT 'SA1 ' || date_diff('minute', run_time, f.settlementdate) AS key, count(*) n, avg(f.rrp - p.rrp) bias, avg(abs(f.rrp - p.rrp)) size
      FROM p5min f JOIN prices5 p ON p.settlementdate = f.settlementdate AND p.regionid = f.regionid
      WHERE f.regionid = 'SA1' AND run_time > '2025-08-20 12:30' AND run_time <= '2025-08-21 12:30' GROUP BY ALL`);
    const runs = page.locator('[data-testid="panel-runs"] .legend tbody tr:not([hidden])', { hasText: '21 Aug 08:00' });
    await runs.waitFor();
    const [{ low, high }] = await asking(store).rows(`SELECT min(rrp) low, max(rrp) high FROM p5min WHERE regionid = 'SA1' AND run_time = '2025-08-21 08:00'`);
    const cells = await runs.locator('td').allTextContents();
    close(cells[1], low, 2, 'lowest of a run');
    close(cells[3], high, 2, 'highest of a run');
  });

  test('demand: extremes, and day by day', async () => {
    await open('demand', 'range=1d&measure=target');
    await holds('extremes', 2, [0], `SELECT 'target ' || regionid AS key, min(totaldemand) low FROM regions5 WHERE ${inDay} GROUP BY regionid`);
    const days = await tableOf('days');
    const [{ low, high }] = await asking(store).rows(`SELECT min(mw) low, max(mw) high FROM (SELECT settlementdate t, sum(totaldemand) mw FROM regions5 GROUP BY t) WHERE t > '2025-08-21'`);
    close(days['Thu 21 Aug'][1], low, 0, 'lowest of the day');
    close(days['Thu 21 Aug'][4], high, 0, 'highest of the day');
  });

  test('emissions', async () => {
    await open('emissions');
    await holds('sums', 1, [0, 0, 2], `WITH ${signed}, e AS (SELECT region AS key, sum(generation) mwh, sum(generation * co2e_factor) tonnes,
      sum(generation) FILTER (co2e_factor IS NOT NULL) known FROM energy WHERE ${day} GROUP BY region) SELECT key, mwh, tonnes, tonnes / known AS intensity FROM e`);
  });

  test('market: the interval that is asked for, its constraints, and notices by their stories', async () => {
    const at = '2025-08-21 06:40:00';
    await open('market', `range=1d&at=${at.replace(' ', 'T')}`);
    const prices = await asking(store).rows(`SELECT regionid, rrp FROM prices5 WHERE settlementdate = '${at}'`);
    for (const { regionid, rrp } of prices) assert.equal(Number(await page.getByTestId(`then-${regionid}`).getAttribute('data-value')), rrp, regionid);
    const links = await asking(store).rows(`SELECT interconnectorid id, mwflow FROM transmission5 WHERE settlementdate = '${at}'`);
    for (const { id, mwflow } of links) assert.equal(Number(await page.getByTestId(`then-${id}`).getAttribute('data-value')), mwflow, id);
    await holds('constraints', 1, [2], `SELECT constraintid AS key, marginalvalue m FROM constraints5 WHERE settlementdate = '${at}'`);
    /* the next interval, by its button, and back by the newest's */
    await page.getByRole('button', { name: 'Five minutes later' }).click();
    await page.waitForURL(/at=2025-08-21T06:45/);
    await page.getByRole('button', { name: 'Newest' }).click();
    await page.waitForURL((address) => !address.hash.includes('at='));
    const [{ n }] = await asking(store).rows("SELECT count(*) n FROM notices WHERE created > '2025-08-20 12:30' AND created <= '2025-08-21 12:30'");
    await page.locator('#notices .stories details').first().waitFor();
    await page.evaluate(() => document.querySelectorAll('#notices details').forEach((story) => (story.open = true)));
    await page.waitForFunction((wanted) => document.querySelectorAll('#notices article').length === wanted, Number(n));
  });

  test('status', async () => {
    await open('status');
    const shown = await tableOf('datasets');
    for (const { name, latest } of await asking(store).rows(`SELECT 'prices5' AS name, max(settlementdate)::VARCHAR AS latest FROM prices5
      UNION ALL SELECT 'scada5', max(settlementdate)::VARCHAR FROM scada5`))
      assert.match(shown[name][3], new RegExp(latest.slice(11, 16)), name);
    const told = JSON.parse((await nemd('status', '--json', '--data', store.data)).stdout);
    const feeds = await tableOf('feeds');
    for (const { name, done, failed } of told.feeds) {
      close(feeds[name][3], done, 0, `files of ${name}`);
      close(feeds[name][4], failed, 0, `failed files of ${name}`);
    }
    assert.equal(await page.locator('#gaps tbody tr[data-row]').count(), told.gaps.length);
    for (const id of ['rules', 'history', 'mutes', 'sinks']) await page.locator(`#${id} .data tbody tr`).first().waitFor();
    /* muted from the page, as the API has it; and told again */
    await page.getByRole('combobox', { name: 'For how long' }).selectOption('2h');
    await page.getByRole('textbox', { name: 'Region, unit or feed' }).fill('SA1');
    await page.getByRole('button', { name: 'Mute', exact: true }).click();
    await page.locator('#mutes tr[data-row="* SA1"]').waitFor();
    const muted = await asking(store).table('/v1/alerts/mutes');
    assert.deepEqual(muted.map(({ rule, key }) => [rule, key]), [['*', 'SA1']]);
    await page.locator('#mutes tr[data-row="* SA1"]').getByRole('button', { name: 'End' }).click();
    await page.locator('#mutes', { hasText: 'Nothing is muted' }).waitFor();
    assert.deepEqual(await asking(store).table('/v1/alerts/mutes'), []);
  });
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
  /* the last row: a price and a use of all, which are neither sums nor means of those above */
  const [{ gwh, vwap, used }] = await api.rows(`WITH ${signed} SELECT sum(generation) / 1e3 gwh, sum(generation * rrp) / sum(generation) vwap,
    100 * sum(generation) FILTER (capacity_mw IS NOT NULL) / sum(capacity_mw / 12) used FROM energy WHERE t > '${api.aest(from)}' AND t <= '${api.aest(to)}'`);
  const total = await page.locator('[data-testid="panel-pivot"] tfoot tr > *').allTextContents();
  assert.deepEqual([total[0], total[3], total[7], total[8]], ['All', written(gwh, 1), written(vwap, 2), `${written(used, 1)} %`]);
});

/* What the page shows is compared as it is written there. */
const written = (value, digits) => value.toLocaleString('en-AU', { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace('-', '−');

test('today: what is expected, the day summed up, and links in a region\'s stack are what the API and SQL say', async () => {
  const api = asking(store);
  await page.setViewportSize({ width: 1440, height: 900 });
  await open('today', 'region=SA1');
  const latest = Number(await page.getByTestId('panel-price-table').getAttribute('data-latest'));

  const { data: { time, series } } = await api.ask('/v1/prices/forecast?before=yes');
  const at = time.indexOf(latest + 1800);
  for (const region of ['NSW1', 'SA1']) {
    const line = page.getByTestId(`soon-${region}`);
    await page.waitForFunction((id) => document.querySelector(`[data-testid="soon-${id}"]`)?.dataset.value, region);
    const own = series.filter(({ id }) => id === region);
    assert.equal(Number(await line.getAttribute('data-value')), own.find(({ measure }) => !measure).values[at]);
    assert.equal(Number(await line.getAttribute('data-before')), own.find(({ measure }) => measure === 'before').values[at]);
  }

  await page.locator('[data-testid="panel-summary"] tr[data-row="NEM"]').waitFor();
  for (const row of (await api.table('/v1/summary')).filter(({ period }) => period === 'day')) {
    const cells = await page.locator(`[data-testid="panel-summary"] tr[data-row="${row.region}"] > *`).allTextContents();
    assert.equal(cells[4], written(row.energy / 1000, 1), row.region);
    assert.equal(cells[5], `${written(row.share_generation * 100, 1)} %`);
    assert.ok(cells[8].length > 5, 'a line on what stands out');
  }

  const [{ imports, exports }] = await api.rows(`SELECT sum(greatest(0, mw)) imports, -sum(greatest(0, -mw)) exports FROM (
    SELECT meteredmwflow * CASE WHEN interconnectorid IN ('V-SA', 'V-S-MNSP1') THEN 1 ELSE 0 END mw FROM transmission5
    WHERE settlementdate = (SELECT max(settlementdate) FROM scada5))`);
  const legend = page.locator('[data-testid="panel-generation"] .legend tbody tr');
  const shown = async (name) => legend.filter({ hasText: name }).locator('td').first().textContent();
  assert.equal(await shown('Imports'), written(imports, 0));
  assert.equal(await shown('Exports'), written(exports, 0).replace(/^−0$/, '0'));

  const gauges = await api.table('/v1/gauges/today?region=SA1');
  const stored = gauges.find(({ measure }) => measure === 'stored');
  assert.equal(Number(await page.getByTestId('stored-SA1').getAttribute('data-value')), stored.value);
  assert.deepEqual(page.complaints, []);
});

test('today: the files behind a price are a click away, and a chart is a table too', async () => {
  const api = asking(store);
  await page.setViewportSize({ width: 1440, height: 900 });
  await open('today', '');
  /* the first two rows are seen without scrolling */
  const bottom = await page.locator('.overview').evaluate((row) => row.getBoundingClientRect().bottom + scrollY);
  assert.ok(bottom <= 900, `the first two rows end at ${bottom} px`);
  const latest = Number(await page.getByTestId('panel-price-table').getAttribute('data-latest'));
  await page.locator('[data-testid="panel-price-table"] tr.newest td').nth(2).click();
  const sources = page.getByRole('dialog');
  const time = api.aest(latest).replace(' ', 'T');
  const files = (await api.table(`/v1/provenance?dataset=prices5&at=${time}&key=SA1`)).map(({ file }) => file);
  assert.ok(files.length > 0);
  for (const file of files) await sources.getByText(file, { exact: true }).first().waitFor();
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('dialog'));
  await page.locator('[data-testid="panel-generation"] .chart').focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  const scada = (await api.table(`/v1/provenance?dataset=scada5&at=${time}`)).map(({ file }) => file);
  for (const file of scada) await page.getByRole('dialog').getByText(file, { exact: true }).first().waitFor();
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('dialog'));

  /* what came in no file has none to show */
  await page.locator('[data-testid="panel-alerts"] .menu summary').click();
  await page.locator('[data-testid="panel-alerts"] .menu', { hasText: 'CSV, alerts/history' }).waitFor();
  await page.locator('[data-testid="panel-alerts"] .menu').getByText('Source files').waitFor({ state: 'hidden' });

  await page.locator('[data-testid="panel-prices"] .menu summary').click();
  await page.locator('[data-testid="panel-prices"] .menu').getByRole('button', { name: 'As a table' }).click();
  const cell = page.getByRole('dialog').locator('tbody tr').first().locator('td').first();
  const [{ rrp }] = await api.rows("SELECT rrp FROM prices5 WHERE regionid = 'NSW1' ORDER BY settlementdate DESC LIMIT 1");
  assert.equal(await cell.textContent(), written(rrp, 2));
  await page.keyboard.press('Escape');
});

test('the first view draws its data soon', async (each) => {
  const fresh = await page.context().browser().newContext({ viewport: { width: 1440, height: 900 } });
  const first = await fresh.newPage();
  await first.addInitScript(() => {
    new MutationObserver((_, watch) => {
      if (!document.querySelector('[data-testid="price-NSW1"]')?.dataset.value || !document.querySelector('[data-testid="panel-generation"] .legend tbody tr:not([hidden])')) return;
      watch.disconnect();
      requestAnimationFrame(() => setTimeout(() => performance.mark('data painted')));
    }).observe(document, { subtree: true, childList: true, attributes: true });
  });
  await first.goto(`http://127.0.0.1:${store.serve.port}/`);
  await first.waitForFunction(() => performance.getEntriesByName('data painted').length > 0, null, { timeout: 30000 });
  const took = await first.evaluate(() => performance.getEntriesByName('data painted')[0].startTime);
  each.diagnostic(`prices and the stack of generation are drawn ${Math.round(took)} ms after the navigation`);
  assert.ok(took < 15000, `${took} ms`);
  await fresh.close();
});

/* -- names that would be markup ------------------------------------------------------------------ */

const evil = {
  station: '<img src=x onerror=alert("station")>',
  owner: '"><script>alert("owner")</script>',
  duid: '<IMG/SRC=X>',
  constraint: '<IMG/SRC=Y>',
  type: '<svg onload=alert("type")>',
  reference: '</script><script>alert("reference")</script> ${alert(2)}',
  reason: '<iframe srcdoc="<script>alert(3)</script>"></iframe> javascript:alert(4) [x](javascript:alert(5))',
  file: 'PUBLIC_DISPATCHIS_202508211240_<img src=x onerror=alert("file")>.zip',
};

/* Into the store: a registry, constraints, DUIDs, a notice and a file's name, all of them hostile. */
async function stain({ data, tree }) {
  const next = at('2025-08-21 12:35');
  const csv = Buffer.from(dispatchCsv(next).toString().replaceAll('#R012345_001', evil.constraint));
  const notice = ['-'.repeat(67), '                           MARKET NOTICE', '-'.repeat(67), '', 'From :              AEMO',
    'Creation Date :     21/08/2025     12:29:00', '', '-'.repeat(67), '', 'Notice ID               :         999999',
    `Notice Type ID          :         ${evil.type}`, 'Notice Type Description :         x', 'Issue Date              :         21/08/2025',
    `External Reference      :         ${evil.reference}`, '', '-'.repeat(67), '', 'Reason :', '', evil.reason, '', '-'.repeat(67), 'END OF REPORT', ''].join('\r\n');
  const files = [
    { folder: folders.dispatch, name: `${dispatchName(next)}.zip`, bytes: zipOf([{ name: `${dispatchName(next)}.CSV`, data: csv }]) },
    { folder: folders.dispatch, name: evil.file, bytes: Buffer.from('no zip') },
    scada(next, { units: ['BW01', evil.duid], values: { [evil.duid]: '777' } }),
    { folder: 'Market_Notice', name: 'NEMITWEB1_MKTNOTICE_20250821.R999999', bytes: notice },
  ];
  for (const { folder, name, bytes } of files) writeFileSync(join(tree, 'Reports', 'CURRENT', folder, name), bytes);
  for (const [duid, ...facts] of [
    ['WTAHB1', `station=${evil.station}`, `owner=${evil.owner}`],
    ['BW01', `station=${evil.station} & Sons`, `owner=${evil.owner}`],
    [evil.duid, `station=${evil.station}`, `owner=${evil.owner}`, 'region=SA1', 'fuel=Wind', 'capacity_mw=99999'],
  ]) {
    const set = await nemd('units', 'set', duid, ...facts, '--data', data);
    assert.equal(set.status, 0, set.stderr);
  }
  await collectOnce(tree, data);
}

test('what names and notices say is text in every view', async () => {
  await stain(store);
  const hostile = await openPage(t, 'about:blank', { reducedMotion: 'reduce' });
  const dialogs = [];
  hostile.on('dialog', async (dialog) => {
    dialogs.push(dialog.message());
    await dialog.dismiss();
  });
  await hostile.addInitScript(() => {
    window.violations = [];
    document.addEventListener('securitypolicyviolation', (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  await hostile.goto(`http://127.0.0.1:${store.serve.port}/#today`);
  page = hostile;
  const seen = new Set();
  for (const [view, query] of [...Object.keys(views).map((each) => [each, 'range=1d']), ['stations', `range=1d&by=unit&station=${encodeURIComponent(evil.station)}`],
    ['batteries', 'range=1d&battery=WTAHB1'], ['pivot', 'range=1d&by=owner&then=station'], ['pivot', 'range=1d&by=station&then=unit'], ['today', 'units=all']]) {
    await open(view, query);
    await hostile.evaluate(() => {
      for (const closed of document.querySelectorAll('main details:not(.menu)')) closed.open = true;
      for (const opener of document.querySelectorAll('main .opener[aria-expanded="false"]')) if (/[<"]/.test(opener.textContent)) opener.click();
    });
    if (view === 'market') await hostile.locator('#notices article').first().waitFor();
    const strange = await hostile.evaluate(() => [...document.querySelectorAll('main script, main img, main iframe, main b:not([class]), main a[href^="javascript" i]'), ...[...document.querySelectorAll('main *')].filter((node) =>
      [...node.attributes].some(({ name }) => name.startsWith('on')))].map((node) => node.outerHTML.slice(0, 200)));
    /* bold numbers beside gauges are the page's own */
    assert.deepEqual(strange.filter((html) => !/^<b>[^<]*<\/b>$/.test(html)), [], view);
    const text = await hostile.locator('main').evaluate((main) => main.textContent);
    for (const [what, words] of Object.entries(evil)) if (text.includes(words)) seen.add(what);
    assert.deepEqual(await hostile.evaluate(() => window.violations), [], `${view}: the policy was violated`);
  }
  assert.deepEqual([...seen].sort(), Object.keys(evil).sort(), 'what was shown somewhere, as it is');
  assert.deepEqual(dialogs, []);
  assert.deepEqual(hostile.complaints, []);
});
