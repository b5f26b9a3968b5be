/* What a reader does on the page, and what comes of it: an alert is acknowledged, a station is found whatever its name, and
 * marks and gaps are drawn where they belong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, dispatch, intervals, regions, scada } from '../e2e/support/market.mjs';
import { collectOnce, folderFor, nemd, startServer, until } from '../e2e/support/nemd.mjs';
import { Nemweb } from '../e2e/support/server.mjs';
import { openPage } from './support/browser.mjs';

const MINUTES = 60000;
const AEST = 600 * MINUTES;
const flat = (price) => Object.fromEntries(regions.map((region) => [region, price]));
const rowsOf = ({ json: { data: { columns, rows } } }) =>
  rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i]])));

test('an alert is acknowledged from the page, for all who look, as long as it stands', async (t) => {
  const end = Math.floor((Date.now() + AEST) / (5 * MINUTES)) * 5 * MINUTES;
  const nemweb = await Nemweb.start(t, [dispatch(end - 10 * MINUTES, { rrp: flat('50') })]);
  const server = await startServer(t, ['run', '--data', folderFor(t), '--source', nemweb.url, '--interval', '1']);
  const rules = async () => rowsOf(await server.get('/v1/alerts?limit=1000')).filter(({ rule }) => rule === 'price');
  await until('a first judgement', async () => (await rules()).some(({ judged }) => judged), 30000);
  nemweb.put(dispatch(end - 5 * MINUTES, { rrp: { ...flat('50'), QLD1: '12000', SA1: '12000' } }));
  const told = async (of = 'QLD1') => rowsOf(await server.get('/v1/alerts/history?rule=price')).find(({ key }) => key === of);
  await until('the alert', told, 30000);

  const page = await openPage(t, `http://127.0.0.1:${server.port}/#status`);
  const { id } = await told();
  await page.locator(`#history tr[data-row="${id}"]`).getByRole('button', { name: 'Acknowledge' }).click();
  await page.locator('.said', { hasText: `No. ${id} is acknowledged` }).waitFor();
  await page.locator(`#history tr[data-row="${id}"]`, { hasNot: page.getByRole('button') }).waitFor();
  assert.equal(typeof (await told()).acknowledged, 'number');
  assert.equal((await rules()).find(({ key }) => key === 'QLD1').acknowledged, true);

  /* the first view knows it too */
  await page.evaluate(() => { location.hash = 'today'; });
  await page.locator('[data-alert="price QLD1"] .acknowledged').waitFor();
  await page.locator('[data-alert="price SA1"]').getByRole('button', { name: 'Acknowledge' }).waitFor();

  /* what is over is no news to acknowledge, neither by its end nor by its beginning */
  await page.evaluate(() => { location.hash = 'status'; });
  const other = await told('SA1');
  await page.locator(`#history tr[data-row="${other.id}"]`).getByRole('button', { name: 'Acknowledge' }).waitFor();
  nemweb.put(dispatch(end, { rrp: flat('50') }));
  await until('the recovery', async () => (await told('SA1')).kind === 'recovery', 30000);
  await page.locator(`#history tr[data-row="${(await told('SA1')).id}"]`).waitFor();
  await page.waitForFunction(() => !document.querySelector('#history .act'));
  assert.deepEqual(page.complaints, []);
});

test('a page that is opened again is the one before, unchanged', async (t) => {
  const nemweb = await Nemweb.start(t, []);
  const server = await startServer(t, ['run', '--data', folderFor(t), '--source', nemweb.url]);
  const page = await openPage(t, `http://127.0.0.1:${server.port}/`);
  for (let i = 0; i < 2; i++) {
    await page.getByText('No prices collected yet').first().waitFor();
    await page.goto('about:blank');
    const [again] = await Promise.all([page.waitForResponse(/\/$/), page.goto(`http://127.0.0.1:${server.port}/`)]);
    assert.match((await again.allHeaders())['content-security-policy'], /script-src 'self'/);
  }
  await page.reload();
  await page.getByText('No prices collected yet').first().waitFor();
  assert.deepEqual(page.complaints, []);
});

test('stations are found whatever their names hold, and a link shows them again', async (t) => {
  const nemweb = await Nemweb.start(t, [...intervals('2025-08-20 21:05', '2025-08-21 00:10')].flatMap((time) => [dispatch(time), scada(time)]));
  const data = folderFor(t);
  assert.equal((await collectOnce(nemweb.url, data)).status, 0);
  const names = { BW01: 'Here, There | Nowhere', ARWF1: 'Back\\slash, & more' };
  for (const [duid, station] of Object.entries(names))
    assert.equal((await nemd('units', 'set', duid, `station=${station}`, 'region=NSW1', 'fuel=Wind', 'capacity_mw=900', '--data', data)).status, 0);
  const server = await startServer(t, ['serve', '--data', data]);
  const page = await openPage(t, `http://127.0.0.1:${server.port}/#stations`);
  const shown = (wanted) => page.waitForFunction((all) => {
    const labels = [...document.querySelectorAll('[data-testid="panel-output"] .legend tbody tr:not([hidden]) th')].map((cell) => cell.textContent);
    return labels.sort().join('\n') === all;
  }, wanted.sort().join('\n'));
  for (const duid of Object.keys(names)) {
    await page.getByRole('combobox', { name: 'Find a station or DUID' }).fill(duid);
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('Enter');
  }
  await shown(Object.values(names));
  assert.deepEqual(await page.locator('[data-testid="panel-units"] tr[data-row]').evaluateAll((rows) => rows.map((row) => row.dataset.row).sort()), ['ARWF1', 'BW01']);

  /* one of them alone, kept in the address, and the address elsewhere */
  await page.locator('[data-testid="panel-output"] .legend').getByRole('button', { name: names.BW01 }).click();
  const other = await openPage(t, page.url());
  const off = other.locator('[data-testid="panel-output"] .legend tr.off');
  await off.waitFor();
  assert.match(await off.textContent(), /Back\\slash, & more/);
  assert.deepEqual(await other.locator('.tags button').allTextContents(), Object.values(names).map((name) => `${name} ×`));
  await page.getByRole('button', { name: `Leave out ${names.BW01}` }).click();
  await shown([names.ARWF1]);
  await page.goBack();
  await shown(Object.values(names));
  assert.deepEqual(page.complaints, []);
});

/* Of a chart of one series: at the end of each interval how many pixels of the series' colour there are above each other, 0 for
 * none. Where an interval ends, the cursor says. */
function heights(page, panel, count) {
  return page.evaluate(async ([id, steps]) => {
    const chart = document.querySelector(`[data-testid="panel-${id}"] .chart`);
    const swatch = document.querySelector(`[data-testid="panel-${id}"] .legend tbody tr:not([hidden]) .swatch`);
    const [red, green, blue] = getComputedStyle(swatch).color.match(/\d+/g).map(Number);
    const canvas = chart.querySelector('canvas');
    const pen = canvas.getContext('2d');
    const over = chart.querySelector('.u-over');
    const press = (key) => chart.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    const found = [];
    press('End');
    for (let i = 0; i < steps; i++) {
      const at = new DOMMatrix(getComputedStyle(chart.querySelector('.u-cursor-x')).transform).e;
      /* the level of an interval lies before its end; a ring around it, too */
      const x = Math.round((over.offsetLeft + at - 1) * devicePixelRatio);
      const { data } = pen.getImageData(x, over.offsetTop, 1, over.offsetHeight);
      let rows = 0;
      for (let y = 0; y < data.length; y += 4)
        if (data[y + 3] > 60 && Math.abs(data[y] - red) + Math.abs(data[y + 1] - green) + Math.abs(data[y + 2] - blue) < 120) rows++;
      found.unshift(rows);
      press('ArrowLeft');
      await new Promise((done) => requestAnimationFrame(done));
    }
    return found;
  }, [panel, count]);
}

test('a gap is drawn as a gap, and a price that may be revised has a ring', async (t) => {
  const missing = new Set(['2025-08-20 22:15', '2025-08-20 22:20', '2025-08-20 22:25'].map(at));
  const doubted = at('2025-08-20 22:50');
  const times = [...intervals('2025-08-20 22:05', '2025-08-20 23:00')];
  const files = times.filter((time) => !missing.has(time))
    .map((time) => dispatch(time, { rrp: flat('50'), status: time === doubted ? { SA1: 'NOT FIRM' } : {} }));
  const nemweb = await Nemweb.start(t, files);
  const data = folderFor(t);
  assert.equal((await collectOnce(nemweb.url, data)).status, 0);
  const server = await startServer(t, ['serve', '--data', data]);
  const page = await openPage(t, `http://127.0.0.1:${server.port}/#prices?region=SA1&range=1d&zoom=2025-08-20T22:00:00/2025-08-20T23:00:00`);
  await page.locator('[data-testid="panel-series"] .legend tbody tr').nth(1).waitFor({ state: 'attached' });
  await page.locator('[data-testid="panel-series"] .legend').getByRole('button', { name: 'SA1' }).click(); // the NEM's lies over it
  await page.waitForFunction(() => document.querySelector('[data-testid="panel-series"] .legend tr.off'));
  const drawn = await heights(page, 'series', times.length);
  times.forEach((time, i) => {
    const what = `${new Date(time).toISOString().slice(11, 16)}: ${drawn}`;
    if (missing.has(time)) assert.equal(drawn[i], 0, what);
    else if (time === doubted) assert.ok(drawn[i] > 2 * Math.max(...drawn.filter((_, k) => k !== i)) - 2 && drawn[i] >= 3, what);
    else assert.ok(drawn[i] >= 1 && drawn[i] <= 3, what);
  });
  assert.deepEqual(page.complaints, []);
});

test('a chart is zoomed by dragging, panned by wheel and keys, and a double click ends it', async (t) => {
  const nemweb = await Nemweb.start(t, [...intervals('2025-08-20 21:05', '2025-08-21 00:10')].flatMap((time) => [dispatch(time), scada(time)]));
  const data = folderFor(t);
  assert.equal((await collectOnce(nemweb.url, data)).status, 0);
  const server = await startServer(t, ['serve', '--data', data]);
  const page = await openPage(t, `http://127.0.0.1:${server.port}/#generation?from=2025-08-20&to=2025-08-21`);
  const over = page.locator('[data-testid="panel-mix"] .u-over');
  const box = await over.boundingBox();
  const middle = box.y + box.height / 2;
  const zoom = () => new URL(page.url()).hash.match(/zoom=([^&]+)/)?.[1].split('/').map((time) => Date.parse(`${time}Z`) / MINUTES);
  const moved = (before) => until('another zoom', () => zoom() && zoom().join() !== before?.join() && zoom(), 20000);

  await page.mouse.move(box.x + box.width * 0.5, middle);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.75, middle, { steps: 5 });
  await page.mouse.up();
  const dragged = await moved();
  const length = dragged[1] - dragged[0];
  assert.ok(Math.abs(length - 360) < 15 && Math.abs(dragged[0] - at('2025-08-20 12:00') / MINUTES) < 15, `${dragged}`);
  await page.getByRole('button', { name: 'Zoom out' }).waitFor();

  await page.mouse.wheel(box.width / 2, 0);
  const panned = await moved(dragged);
  assert.ok(Math.abs(panned[1] - panned[0] - length) <= 1 && Math.abs(panned[0] - dragged[0] - length / 2) < 15, `${panned}`);
  await page.getByRole('button', { name: 'Earlier' }).focus(); // in a chart, keys move the cursor
  await page.keyboard.press('ArrowLeft');
  const stepped = await moved(panned);
  assert.ok(Math.abs(stepped[0] - panned[0] + length) <= 1, `${stepped}`);
  await page.goBack();
  assert.deepEqual(await moved(stepped), panned);
  await over.dblclick();
  await until('no zoom', () => !zoom());
  assert.deepEqual(page.complaints, []);
});
