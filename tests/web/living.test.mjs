/* The page goes on living: over midnight, over a restart of its server, behind a proxy that forgets idle connections, and
 * after sleep. The market is the simulator's, whose files are there as its clock goes on. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { folderFor, later, rowsOf, start, startServer, until } from '../e2e/support/nemd.mjs';
import { nemsim } from '../e2e/support/nemsim.mjs';
import { numberOf, openPage } from './support/browser.mjs';

const shim = process.env.CLOCK_SHIFT;
const FEEDS = 'DispatchIS_Reports,Dispatch_SCADA,P5_Reports';
const unix = (time) => Date.parse(`${time.replace(' ', 'T')}:00+10:00`) / 1000;

/* The results of an interval come while it begins: at 17:51 the newest is that of 17:55.
 * A simulated market that stands still until it is told to go on: {tree, data, env, advance(to)}. nemd's clock is the market's
 * where the system lets it be set. */
async function market(t, from, to) {
  const [tree, data, folder] = [folderFor(t), folderFor(t), folderFor(t)];
  const clock = join(folder, 'clock');
  const env = shim ? { LD_PRELOAD: shim, CLOCK_SHIFT_FILE: clock } : {};
  let now = from;
  const advance = async (time) => {
    const wrote = await nemsim('write', tree, '--from', now.replace(' ', 'T'), '--to', time.replace(' ', 'T'), '--feeds', FEEDS);
    assert.equal(wrote.status, 0, wrote.stderr);
    writeFileSync(clock, String(Math.round(unix(time) - Date.now() / 1000)));
    now = time;
  };
  await advance(to);
  return { tree, data, env, advance };
}

const run = (t, { tree, data, env }) => startServer(t, ['run', '--data', data, '--source', tree, '--interval', '1'], { env });

/* What the store holds of the newest interval, once it is the one that ends at [time], and the page shows all of it. */
async function shows(page, data, time) {
  const prices = await until(`${time} in the store`, async () => {
    const rows = await rowsOf(data, `select regionid, rrp from prices5 where settlementdate = '${time}'`).catch(() => []);
    return rows.length === 5 && rows;
  });
  for (const { regionid, rrp } of prices)
    await page.waitForFunction(([id, value]) => document.querySelector(`[data-testid="price-${id}"]`)?.dataset.value === String(value),
      [regionid, rrp], { timeout: 30000 }).catch(async () => assert.fail(`${regionid} at ${time}: ${await numberOf(page, `price-${regionid}`)}, not ${rrp}`));
  return prices;
}

test('over midnight the page goes on with the new day', async (t) => {
  const m = await market(t, '2025-08-20 23:35', '2025-08-20 23:51');
  const server = await run(t, m);
  const page = await openPage(t, `http://127.0.0.1:${server.port}/`);
  await shows(page, m.data, '2025-08-20 23:55');
  for (const [clock, end, day] of [['2025-08-20 23:56', '2025-08-21 00:00', 'Thu 21 Aug 2025 00:00'], ['2025-08-21 00:01', '2025-08-21 00:05', 'Thu 21 Aug 2025 00:05'],
    ['2025-08-21 00:06', '2025-08-21 00:10', 'Thu 21 Aug 2025 00:10']]) {
    await m.advance(clock);
    await shows(page, m.data, end);
    await page.locator('#header').getByText(day).waitFor();
  }
  /* the table of prices goes on across midnight, and the day's summary begins anew, with the first reading of SCADA */
  const times = await page.locator('[data-testid="panel-price-table"] tbody:first-of-type th').allTextContents();
  assert.deepEqual(times.slice(-3), ['00:00', '00:05', '00:10']);
  const summary = page.locator('[data-testid="panel-summary"] tr[data-row="SA1"]');
  const [{ mean }] = await rowsOf(m.data, `select avg(rrp) as mean from prices5 where regionid = 'SA1' and settlementdate > '2025-08-21'
    and settlementdate <= (select max(settlementdate) from scada5)`);
  await page.waitForFunction((wanted) => document.querySelector('[data-testid="panel-summary"] tr[data-row="SA1"] td')?.textContent === wanted,
    mean.toFixed(2).replace('-', '−'), { timeout: 30000 }).catch(async () => assert.fail(`${await summary.textContent()}, not ${mean}`));
  if (shim) assert.equal(await page.locator('#header .status-word').textContent(), 'live');
  assert.deepEqual(page.complaints, []);
});

test('a server that was started anew is found again, also by a page that slept meanwhile', async (t) => {
  const m = await market(t, '2025-08-20 17:35', '2025-08-20 17:51');
  const server = await run(t, m);
  const page = await openPage(t, `http://127.0.0.1:${server.port}/`);
  await shows(page, m.data, '2025-08-20 17:55');
  const again = async () => {
    const next = start(t, ['run', '--data', m.data, '--source', m.tree, '--interval', '1', '--port', String(server.port)], { env: m.env });
    await next.saw(/Dashboard: /);
    return next;
  };
  await server.stop('SIGKILL');
  await page.locator('#header .status-word').getByText('offline').waitFor({ timeout: 30000 });
  await m.advance('2025-08-20 17:56');
  const second = await again();
  await shows(page, m.data, '2025-08-20 18:00');
  await page.waitForFunction(() => document.querySelector('#header .status-word')?.textContent !== 'offline');

  const session = await page.context().newCDPSession(page);
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  await second.stop();
  await m.advance('2025-08-20 18:01');
  await again();
  await session.send('Page.setWebLifecycleState', { state: 'active' });
  await shows(page, m.data, '2025-08-20 18:05');
});

/* A proxy that, from forget() on, passes on nothing over the connections that it had, and says so to nobody. */
async function forgetfulProxy(t, port) {
  const had = new Set();
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    const pair = { client, upstream, forgotten: false };
    had.add(pair);
    /* one who writes to a connection that was forgotten is told that there is none */
    client.on('data', (bytes) => (pair.forgotten ? client.resetAndDestroy() : upstream.write(bytes)));
    upstream.on('data', (bytes) => pair.forgotten || client.write(bytes));
    for (const end of [client, upstream]) end.on('error', () => {});
    client.on('close', () => { had.delete(pair); upstream.destroy(); });
    upstream.on('close', () => pair.forgotten || client.destroy());
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  later(t, () => {
    for (const { client } of had) client.destroy();
    server.close();
  });
  return { port: server.address().port, forget: () => { for (const pair of had) pair.forgotten = true; return had.size; } };
}

test('a proxy that forgets idle connections delays the page, and doesn\'t stop it', async (t) => {
  const m = await market(t, '2025-08-20 17:35', '2025-08-20 17:51');
  const server = await run(t, m);
  const proxy = await forgetfulProxy(t, server.port);
  const page = await openPage(t, 'about:blank');
  await page.clock.install();
  await page.goto(`http://127.0.0.1:${proxy.port}/`);
  await shows(page, m.data, '2025-08-20 17:55');
  await until('the stream of events', () => page.requests.some((url) => url.endsWith('/v1/events')));
  await page.waitForTimeout(500);
  assert.ok(proxy.forget() > 0);
  await m.advance('2025-08-20 17:56');
  await until('18:00 in the store', async () => (await rowsOf(m.data, "select 1 as one from prices5 where settlementdate = '2025-08-20 18:00'").catch(() => [])).length > 0);
  await page.clock.fastForward(50000);
  await shows(page, m.data, '2025-08-20 18:00');
  /* and it hears by itself again */
  await m.advance('2025-08-20 18:01');
  await shows(page, m.data, '2025-08-20 18:05');
});
