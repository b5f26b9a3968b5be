/* The page, in a real browser, over a real nemd that collects from a NEMWEB on the loopback. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, dispatch, intervals, links, regions, scada } from '../e2e/support/market.mjs';
import { collectOnce, folderFor, rowsOf, startServer, until } from '../e2e/support/nemd.mjs';
import { Nemweb } from '../e2e/support/server.mjs';
import { numberOf, openPage } from './support/browser.mjs';

const first = '2025-08-20 23:30', last = '2025-08-21 00:10', next = at('2025-08-21 00:15');

/* Two hours around midnight: the page of an earlier system froze there. */
function tree() {
  return [...intervals(first, last)].flatMap((time) => [dispatch(time, { rrp: { SA1: '17500', TAS1: '-31.2' } }), scada(time)]);
}

test('the page shows the numbers that the store holds', async (t) => {
  const nemweb = await Nemweb.start(t, tree());
  const data = folderFor(t);
  assert.equal((await collectOnce(nemweb.url, data)).status, 0);
  const server = await startServer(t, ['serve', '--data', data]);
  const page = await openPage(t, `http://127.0.0.1:${server.port}/`);

  const prices = await rowsOf(data, 'select regionid, rrp from prices5 where settlementdate = (select max(settlementdate) from prices5)');
  assert.equal(prices.length, regions.length);
  for (const { regionid, rrp } of prices) assert.equal(await numberOf(page, `price-${regionid}`), rrp, regionid);
  assert.match(await page.getByTestId('price-SA1').textContent(), /\$17,500/);
  assert.match(await page.getByTestId('price-TAS1').textContent(), /−\$31\.20/);

  const flows = await rowsOf(data, 'select interconnectorid, meteredmwflow from transmission5 where settlementdate = (select max(settlementdate) from transmission5)');
  assert.equal(flows.length, links.length);
  for (const { interconnectorid, meteredmwflow } of flows)
    assert.equal(await numberOf(page, `flow-${interconnectorid}`), meteredmwflow, interconnectorid);

  /* pumps and the charging halves of batteries consume, dummies are in no sum */
  const [{ generation }] = await rowsOf(data, `
    select sum(greatest(0, case when duid in ('PUMP1', 'SNOWYP', 'HPRL1') then -scadavalue else scadavalue end)) as generation
    from scada5 where settlementdate = (select max(settlementdate) from scada5) and not regexp_matches(duid, '^(DG_|RT_|DRX)')`);
  const shown = await page.locator('[data-testid="panel-generation"] .legend tbody tr:not([hidden]) td:nth-child(2)').allTextContents();
  const sum = shown.map((text) => Number(text.replace(',', '').replace('−', '-'))).filter((mw) => mw > 0).reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(sum - generation) <= 0.5 * shown.length, `${sum} MW in the table, ${generation} in the store`);

  assert.match(await page.getByTestId('attribution').textContent(), /Data: AEMO/);
  await page.locator('#header').getByText(/21 Aug 2025 00:10/).waitFor();
  assert.deepEqual(page.complaints, []);
  const elsewhere = page.requests.filter((url) => !url.startsWith(`http://127.0.0.1:${server.port}/`) && !url.startsWith('data:'));
  assert.deepEqual(elsewhere, [], 'nothing is loaded from other hosts');
});

test('a new interval shows up by itself, and old data says how old it is', async (t) => {
  const nemweb = await Nemweb.start(t, tree());
  const data = folderFor(t);
  const server = await startServer(t, ['run', '--data', data, '--source', nemweb.url, '--interval', '1']);
  const page = await openPage(t, `http://127.0.0.1:${server.port}/`);
  assert.equal(await numberOf(page, 'price-SA1'), 17500);
  await page.locator('#main').getByText(/last data 21 Aug 2025 00:10, [\d,]+ days ago/).first().waitFor();

  nemweb.put(dispatch(next, { rrp: { SA1: '-1000' } }));
  await until('the new price on the page', async () => await numberOf(page, 'price-SA1') === -1000, 30000);
  await page.locator('#main').getByText(/00:15/).first().waitFor();
  assert.deepEqual(page.complaints, []);
});

test('an empty store gives a calm page, and a server that goes away keeps the numbers', async (t) => {
  const nemweb = await Nemweb.start(t, []);
  const data = folderFor(t);
  const server = await startServer(t, ['run', '--data', data, '--source', nemweb.url, '--interval', '1']);
  const page = await openPage(t, `http://127.0.0.1:${server.port}/`);
  await page.getByText('No prices collected yet').first().waitFor();
  for (const file of tree()) nemweb.put(file);
  await until('prices on the page', async () => await page.getByTestId('price-NSW1').getAttribute('data-value'), 30000);
  const price = await numberOf(page, 'price-NSW1');
  await server.stop('SIGKILL');
  await page.getByText(/since \d\d:\d\d.*retrying/).first().waitFor({ timeout: 20000 });
  assert.equal(await numberOf(page, 'price-NSW1'), price);
});

test('it fits a phone, and an unknown DUID is text and nothing else', async (t) => {
  const hostile = '<IMG/SRC=X>';
  const nemweb = await Nemweb.start(t, [scada(at(last), { units: ['BW01', hostile], values: { [hostile]: '9999' } })]);
  const data = folderFor(t);
  await collectOnce(nemweb.url, data);
  const server = await startServer(t, ['serve', '--data', data]);
  const page = await openPage(t, `http://127.0.0.1:${server.port}/`, { viewport: { width: 390, height: 844 } });
  await page.getByText(hostile, { exact: true }).first().waitFor();
  assert.equal(await page.locator('img').count(), 0);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 390, `the page is ${width} px wide`);
});
