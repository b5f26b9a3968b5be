/* The views other than Today, in a real browser: what they show is what SQL says, and the address holds it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dispatch, intervals, regions, scada } from '../e2e/support/market.mjs';
import { collectOnce, folderFor, nemd, rowsOf, startServer } from '../e2e/support/nemd.mjs';
import { Nemweb } from '../e2e/support/server.mjs';
import { openPage } from './support/browser.mjs';

const first = '2025-08-20 21:05', last = '2025-08-21 00:10';
/* The evening before, to compare with. */
const before = ['2025-08-19 21:05', '2025-08-19 22:00'];

/* [units]: what is known of some, by DUID, as words of `units set`. */
async function serve(t, { more = [], units = {} } = {}) {
  const times = [[first, last], ...more].flatMap((span) => [...intervals(...span)]);
  const files = times.flatMap((time) => [dispatch(time, { rrp: { SA1: '17500', TAS1: '-31.2' } }), scada(time)]);
  const nemweb = await Nemweb.start(t, files);
  const data = folderFor(t);
  assert.equal((await collectOnce(nemweb.url, data)).status, 0);
  for (const [duid, facts] of Object.entries(units))
    assert.equal((await nemd('units', 'set', duid, ...facts, '--data', data)).status, 0);
  const server = await startServer(t, ['serve', '--data', data]);
  return { data, url: `http://127.0.0.1:${server.port}/` };
}

const idle = (page) => page.waitForFunction(() => !document.querySelector('.panel.loading, [aria-busy="true"]'));
const choose = (page, region) => page.getByRole('group', { name: 'Region' }).getByText(region).click();

/* Holds what the page asks of [what] back, until the result is called. */
async function hold(page, what) {
  let go;
  const held = new Promise((done) => (go = done));
  await page.route(what, async (route) => {
    await held;
    await route.continue().catch(() => {}); // the page may have thought otherwise meanwhile
  });
  return async () => {
    go();
    await page.unroute(what);
  };
}

/* Each drawing of a chart begins with a blank canvas: window.drawings has the panels of all from here on. */
const countDrawings = (page) => page.evaluate(() => {
  window.drawings = [];
  const { clearRect } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.clearRect = function (...box) {
    window.drawings.push(this.canvas.closest('.panel')?.id);
    return clearRect.apply(this, box);
  };
});

/* "1,234.50" as a number; a real minus sign counts. */
const numberIn = (text) => Number(text.replace(/[,$ ]/g, '').replace('−', '-').replace(/(GWh|%|MWh)$/, ''));
const cellsOf = (page, panel, row) =>
  page.locator(`[data-testid="panel-${panel}"] tr[data-row="${row}"] > *`).allTextContents();

test('prices: statistics, bands and events are those of SQL', async (t) => {
  const { data, url } = await serve(t);
  const page = await openPage(t, `${url}#prices?range=1d`);
  const rows = page.locator('[data-testid="panel-stats"] tbody tr[data-row]');
  await rows.nth(4).waitFor();
  const wanted = await rowsOf(data, 'select regionid, avg(rrp) as mean, min(rrp) as low, max(rrp) as high from prices5 group by all');
  for (const { regionid, mean, low, high } of wanted) {
    const cells = (await cellsOf(page, 'stats', regionid)).map(numberIn);
    assert.ok(Math.abs(cells[1] - mean) < 0.51, `${regionid}: mean ${cells[1]}, not ${mean}`);
    assert.ok(Math.abs(cells[9] - low) < 0.51 && Math.abs(cells[11] - high) < 0.51, `${regionid}: ${cells}`);
  }
  const shares = await rowsOf(data, 'select regionid, count(*) filter (rrp >= 10000) / count(*) as extreme from prices5 group by all');
  for (const { regionid, extreme } of shares) {
    const cell = page.getByTestId(`time-${regionid}-from 10,000`);
    assert.equal(Number(await cell.getAttribute('data-value')), extreme, regionid);
  }
  const [{ n }] = await rowsOf(data, "select count(distinct regionid) as n from prices5 where rrp >= 300");
  assert.ok((await page.locator('[data-testid="panel-events"] tbody tr[data-row]').count()) >= n);
  assert.deepEqual(page.complaints, []);
});

test('generation: energy by fuel is that of SQL, and a region can be chosen', async (t) => {
  const { data, url } = await serve(t);
  const page = await openPage(t, `${url}#generation?range=1d`);
  const legend = page.locator('[data-testid="panel-mix"] .legend tbody tr:not([hidden])');
  await legend.first().waitFor();
  const names = await legend.locator('th').allTextContents();
  /* without a registry only what names and public facts tell is known */
  assert.ok(names.includes('Unknown') && names.includes('Battery charge'), names.join());
  /* the sum of means over five minutes, as drawn */
  const [{ gwh }] = await rowsOf(data, `
    select sum(greatest(0, case when duid in ('PUMP1', 'SNOWYP', 'HPRL1') then -scadavalue else scadavalue end)) / 12 / 1000 as gwh
    from scada5 where not regexp_matches(duid, '^(DG_|RT_|DRX)')`);
  const shown = (await legend.locator('td:nth-child(3)').allTextContents()).map(numberIn).filter((value) => value > 0);
  const total = shown.reduce((sum, value) => sum + value, 0);
  assert.ok(Math.abs(total - gwh) < 0.051 * shown.length, `${total} GWh in the table, ${gwh} in the store`);

  await page.getByRole('group', { name: 'Region' }).getByText('SA1').click();
  await page.waitForURL(/region=SA1/);
  await page.goBack();
  await page.waitForURL((address) => !address.hash.includes('region='));
  assert.equal(await page.getByRole('group', { name: 'Region' }).getByText('NEM').getAttribute('aria-pressed'), 'true');
  assert.deepEqual(page.complaints, []);
});

test('after a step what is looked at is asked for first, drawn once, and dimmed if that takes long', async (t) => {
  const { url } = await serve(t);
  const page = await openPage(t, `${url}#generation?range=1d`);
  await page.locator('[data-testid="panel-comparison"] tbody tr[data-row]').first().waitFor();
  await page.locator('[data-testid="panel-time-of-day"] .legend').waitFor();
  await idle(page);
  await countDrawings(page);
  /* no question is given up, as while the lid is closed, and what would be done after a few seconds this test does */
  await page.evaluate(() => {
    const { setTimeout } = window;
    window.patience = [];
    window.setTimeout = (work, ms) => (ms >= 2000 && ms <= 15000 ? -window.patience.push(work) : setTimeout(work, ms));
    AbortSignal.timeout = () => new AbortController().signal;
  });
  const asked = () => page.requests.map((each) => new URL(each).pathname).filter((path) => /^.v1.(generation|prices|pivot)/.test(path)).sort();
  const all = ['/v1/generation', '/v1/generation/comparison', '/v1/generation/time-of-day', '/v1/pivot', '/v1/prices'];
  const picture = page.locator('#mix .menu').getByText('PNG');
  const step = async (region) => {
    const answer = await hold(page, '**/v1/generation?by=fuel*');
    page.requests.length = 0;
    await choose(page, region);
    await page.locator('#mix.dimmed').waitFor();
    await page.locator('#prices:not(.loading)').waitFor();
    assert.equal(await page.locator('#comparison.loading, #time-of-day.loading').count(), 2, 'the others show that they wait');
    assert.deepEqual(asked(), ['/v1/generation', '/v1/prices']);
    assert.ok(await picture.isDisabled(), 'a picture would tell of another region than it shows');
    return answer;
  };
  const answer = await step('SA1');
  await answer();
  await idle(page);
  assert.equal(await page.locator('.dimmed').count(), 0);
  assert.ok(await picture.isEnabled());
  assert.deepEqual(asked(), all);
  assert.deepEqual((await page.evaluate(() => window.drawings)).sort(), ['mix', 'prices', 'time-of-day']);

  /* what never comes holds up the others for a while alone */
  const late = await step('VIC1');
  await page.evaluate(() => window.patience.forEach((work) => work()));
  await page.locator('#comparison:not(.loading)').waitFor();
  await page.locator('#time-of-day:not(.loading)').waitFor();
  assert.deepEqual(asked(), all);
  assert.equal(await page.locator('#mix.loading').count(), 1);
  await late();
  await idle(page);
  assert.deepEqual(page.complaints, []);
});

test('a step that is taken back before it was answered leaves what was there, and can be made again', async (t) => {
  const { url } = await serve(t, { units: { BW01: ['region=NSW1', 'fuel=Wind'], TB2BG1: ['region=QLD1', 'fuel=Water'] } });
  const page = await openPage(t, `${url}#generation?range=1d&region=NSW1`);
  const shown = (fuel) => page.locator('[data-testid="panel-mix"] .legend tbody tr:not([hidden])', { hasText: fuel }).waitFor();
  await shown('Wind');
  await idle(page);
  const question = /v1\/generation\?by=fuel.*region=QLD1/;
  const answer = await hold(page, question);
  await choose(page, 'QLD1');
  await page.locator('#mix.dimmed').waitFor();
  await page.goBack();
  await page.waitForURL(/region=NSW1/);
  await page.locator('#mix:not(.loading):not(.dimmed)').waitFor();
  await shown('Wind');
  await answer();
  await choose(page, 'QLD1');
  await shown('Hydro');
  await idle(page);
  assert.deepEqual(page.complaints, []);
});

test('the use of capacity is drawn once after a step: of one region\'s mix and capacities', async (t) => {
  const unit = (region, capacity) => [`station=Of ${region}`, `region=${region}`, 'fuel=Wind', `capacity_mw=${capacity}`];
  const { url } = await serve(t, { units: { BW01: unit('NSW1', 900), TB2BG1: unit('SA1', 9000) } });
  const page = await openPage(t, `${url}#generation?range=1d&region=NSW1&shape=use`);
  const wind = page.locator('[data-testid="panel-mix"] .legend tbody tr:not([hidden])', { hasText: 'Wind' });
  await wind.waitFor();
  await idle(page);
  await countDrawings(page);
  await choose(page, 'SA1');
  await page.waitForURL(/region=SA1/);
  await idle(page);
  assert.ok(numberIn((await wind.locator('td').allTextContents())[0]) <= 600 / 9000 * 100 + 1);
  assert.deepEqual((await page.evaluate(() => window.drawings)).filter((id) => id === 'mix'), ['mix']);
  assert.deepEqual(page.complaints, []);
});

test('fcas: the newest prices are the store\'s', async (t) => {
  const { data, url } = await serve(t);
  const page = await openPage(t, `${url}#fcas`);
  await page.locator('[data-testid="panel-services"] tbody tr[data-row]').nth(9).waitFor();
  const rows = await rowsOf(data, 'select * from fcas5 where settlementdate = (select max(settlementdate) from fcas5) order by regionid');
  for (const service of ['raisereg', 'raise6sec', 'lower60sec', 'lower5min']) {
    const cells = (await cellsOf(page, 'services', service)).slice(1).map(numberIn);
    rows.forEach((row, i) => assert.ok(Math.abs(cells[i] - row[`${service}rrp`]) < 0.51, `${service} of ${row.regionid}: ${cells[i]}`));
  }
  assert.deepEqual(page.complaints, []);
});

test('the evening is that of SQL, and so is the one before', async (t) => {
  const { data, url } = await serve(t, { more: [before] });
  const page = await openPage(t, `${url}#evening?range=1d`);
  await page.locator('[data-testid="panel-evenings"] tbody tr[data-row]').nth(5).waitFor();
  const evening = (day) => `settlementdate > '2025-08-${day} 17:00' and settlementdate <= '2025-08-${day} 22:00'`;
  const halves = (table, what, day) => `select ${what} as v, time_bucket(interval 30 minute, settlementdate - interval 1 second) as half
    from ${table} where ${evening(day)} group by all`;
  for (const region of regions) {
    const cells = (await cellsOf(page, 'evenings', region)).map(numberIn);
    for (const [day, column] of [[20, 3], [19, 4]]) {
      const [{ mean }] = await rowsOf(data, `select avg(v) as mean from (${halves(`(from prices5 where regionid = '${region}')`, 'avg(rrp)', day)})`);
      assert.ok(Math.abs(cells[column] - mean) < 0.51, `${region} on the ${day}th: ${cells[column]}, not ${mean}`);
    }
    assert.deepEqual(cells.slice(1, 3), [1, 1], 'evenings');
  }
  /* what was given, above zero, by the table of sources */
  const sums = `(select settlementdate, sum(greatest(0, case when duid in ('PUMP1', 'SNOWYP', 'HPRL1') then -scadavalue else scadavalue end)) as mw
    from scada5 where not regexp_matches(duid, '^(DG_|RT_|DRX)') group by all)`;
  const rows = await page.locator('[data-testid="panel-sources"] tbody tr[data-row]').all();
  const shown = await Promise.all(rows.map(async (row) => (await row.locator('> *').allTextContents()).map(numberIn)));
  for (const [day, column] of [[20, 1], [19, 2]]) {
    const [{ mw }] = await rowsOf(data, `select avg(v) as mw from (${halves(sums, 'avg(mw)', day)})`);
    const total = shown.map((cells) => cells[column]).filter((value) => value > 0).reduce((sum, value) => sum + value, 0);
    assert.ok(Math.abs(total - mw) <= 0.5 * shown.length, `${total} MW given on the ${day}th, ${mw} in the store`);
  }
  assert.deepEqual(page.complaints, []);
});

test('without a registry Stations and Batteries say what is missing', async (t) => {
  const { url } = await serve(t);
  const page = await openPage(t, `${url}#stations`);
  for (const id of ['output', 'prices', 'time-of-day', 'units'])
    await page.locator(`[data-testid="panel-${id}"] .empty`, { hasText: 'No station is registered yet' }).waitFor();
  await page.evaluate(() => { location.hash = 'stations?station=Nowhere'; });
  await page.locator('[data-testid="panel-output"] .empty', { hasText: 'No station is called that' }).waitFor();
  await page.evaluate(() => { location.hash = 'batteries'; });
  await page.locator('[data-testid="panel-own-price"] .empty', { hasText: 'Its region isn’t registered yet' }).waitFor();
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
  assert.ok(await page.locator('#own-price .menu').getByText('PNG').isDisabled(), 'there is nothing to take a picture of');
  assert.deepEqual(page.complaints, []);
});

test('a station of which no region is known is shown, and no price is asked for', async (t) => {
  const { url } = await serve(t, { units: { ARWF1: ['station=Somewhere', 'fuel=Wind', 'capacity_mw=900'] } });
  const page = await openPage(t, `${url}#stations`);
  await page.locator('[data-testid="panel-output"] .legend tbody tr', { hasText: 'Somewhere' }).waitFor();
  await page.locator('[data-testid="panel-units"] tr[data-row="ARWF1"]').waitFor();
  await page.locator('[data-testid="panel-prices"] .empty', { hasText: 'Its region isn’t registered yet' }).waitFor();
  await idle(page);
  assert.deepEqual(page.requests.filter((each) => each.includes('/v1/prices')), []);
  assert.deepEqual(page.complaints, []);
});

test('the keys open views, and what was chosen for all of them stays', async (t) => {
  const { url } = await serve(t);
  const page = await openPage(t, `${url}#generation?region=VIC1&range=1d`);
  await page.getByTestId('view-generation').waitFor();
  await page.keyboard.press('3');
  await page.getByTestId('view-prices').waitFor();
  assert.match(page.url(), /#prices\?.*region=VIC1/);
  await page.locator('[data-testid="panel-stats"] tbody tr[data-row]').first().waitFor();
  assert.deepEqual((await cellsOf(page, 'stats', 'VIC1')).length, 13);
  assert.equal((await cellsOf(page, 'stats', regions[0])).length, 0, 'other regions are not asked for');
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.goBack();
  await page.getByTestId('view-generation').waitFor();
  /* arrows go back by the range's length, and forth again, but not beyond today */
  const dates = () => /from=([\d-]+)&to=([\d-]+)/.exec(page.url())?.slice(1, 3);
  await page.keyboard.press('ArrowLeft');
  await page.waitForURL(/from=/);
  const earlier = dates();
  await page.keyboard.press('ArrowRight');
  await page.waitForURL((address) => !address.hash.includes(earlier[0]));
  const newest = dates();
  assert.equal(newest[0], earlier[1]);
  await page.keyboard.press('ArrowRight');
  assert.deepEqual(dates(), newest);
  await page.keyboard.press('t');
  await page.waitForURL((address) => !address.hash.includes('from='));
  /* a view without a search leads to the one of stations */
  await page.keyboard.press('/');
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Find a station or DUID');
  assert.deepEqual(page.complaints, []);
});

test('who goes on to another view before Stations has come isn\'t taken to its search', async (t) => {
  const { url } = await serve(t);
  const page = await openPage(t, `${url}#generation?range=1d`);
  await page.getByTestId('view-generation').waitFor();
  const come = await hold(page, /assets\/stations-.*\.js/);
  await page.keyboard.press('/');
  await page.waitForURL(/#stations/);
  await page.keyboard.press('7');
  await page.getByTestId('view-batteries').getByRole('combobox', { name: 'Find a battery' }).waitFor();
  await page.locator('[data-testid="panel-batteries"] thead').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'BODY');
  await come();
  assert.deepEqual(page.complaints, []);
});
