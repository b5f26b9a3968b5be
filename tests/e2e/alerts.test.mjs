/* Alerts from outside: held against SQL over the same prices, killed at random, and sent by a collector. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { collectOnce, folderFor, later, nemd, rowsOf, sleep, start, until } from './support/nemd.mjs';
import { mmsFile } from './support/mms.mjs';
import { startSim } from './support/nemsim.mjs';
import { certificates, hasSmtp, smtpServer } from './support/receivers.mjs';

const real = join(process.env.NEMD_SHARED ?? '', 'data/nemweb');

/* Episodes by window functions, without a state machine: they are parted by prices at or below normal; the first
 * one at or over high begins an episode, a first one at or over extreme behind it escalates it, and the price that
 * parts it from the next ends it. */
const crossings = ({ high, extreme, normal, from, to }) => `
  with p as (select settlementdate as t, regionid as r, rrp, sum((rrp <= ${normal})::int) over w as part
             from prices5 where settlementdate > '${from}' and settlementdate <= '${to}'
             window w as (partition by regionid order by settlementdate rows unbounded preceding)),
  e as (select r, part, min(t) filter (rrp >= ${high}) as began, min(t) filter (rrp >= ${extreme}) as worse from p group by all)
  select epoch(t)::bigint - 36000 as "at", r as "key", kind from (
    select began as t, r, 'alert' as kind from e where began is not null
    union all select worse, r, 'escalation' from e where worse > began
    union all select min(p.t), e.r, 'recovery' from e join p on p.r = e.r and p.part = e.part + 1
      where e.began is not null and p.rrp <= ${normal} group by e.r, e.part)
  order by 1, 2, 3`;

const settings = ({ high, extreme, normal }) => ({
  HIGH_PRICE_THRESHOLD: String(high), EXTREME_PRICE_THRESHOLD: String(extreme), NORMAL_PRICE_THRESHOLD: String(normal) });
const told = (rows) => rows.map(({ at, key, kind }) => ({ at, key, kind }))
  .sort((a, b) => a.at - b.at || a.key.localeCompare(b.key) || a.kind.localeCompare(b.kind));

async function replayed(t, data, span, ...more) {
  const args = ['alerts', 'replay', '--data', data, '--rule', 'price', '--from', span.from, '--to', span.to, '--json', ...more];
  const { status, stdout, stderr } = await start(t, args, { env: settings(span) }).ended;
  assert.equal(status, 0, stderr);
  return told(JSON.parse(stdout));
}

/* The same, killed at moments that grow until it comes through; it goes on from what it kept. */
async function replayedUnderFire(t, data, span) {
  const file = join(folderFor(t), 'replay.db');
  let kills = 0;
  for (let ms = 5; ; ms += 5 + Math.random() * 20) {
    const args = ['alerts', 'replay', '--data', data, '--rule', 'price', '--from', span.from, '--to', span.to, '--into', file];
    const run = start(t, args, { env: settings(span) });
    await Promise.race([sleep(ms), run.ended]);
    if (!run.running) break;
    kills += (await run.stop('SIGKILL')).signal === 'SIGKILL';
  }
  assert.ok(kills > 0);
  return replayed(t, data, span, '--into', file);
}

describe('a replay tells what SQL finds, none missing, none twice', () => {
  test('real prices', async (t) => {
    if (!existsSync(join(real, 'Reports'))) return t.skip('no real files');
    const data = folderFor(t);
    await collectOnce(real, data);
    for (const span of [
      { high: 1000, extreme: 10000, normal: 300, from: '2025-06-01', to: '2025-09-01' },
      { high: 200, extreme: 400, normal: 100, from: '2024-03-01', to: '2025-09-01' },
    ]) {
      const wanted = told(await rowsOf(data, crossings(span)));
      assert.ok(wanted.length >= 10, `${wanted.length} crossings`);
      assert.deepEqual(await replayed(t, data, span), wanted);
      assert.deepEqual(await replayedUnderFire(t, data, span), wanted);
    }
  });

  test('a simulated month', async (t) => {
    const sim = await startSim(t, '--now', '2025-09-12', '--speed', '0');
    const data = folderFor(t);
    const { status, stderr } = await nemd('backfill', '--source', sim.url, '--data', data, '--from', '2025-07-01', '--to', '2025-07-31',
      '--dataset', 'prices5,pricestatus5');
    assert.ok(status === 0 || status === 3, stderr);
    const span = { high: 150, extreme: 280, normal: 90, from: '2025-07-01', to: '2025-08-01' };
    const wanted = told(await rowsOf(data, crossings(span)));
    assert.ok(wanted.length > 50, `${wanted.length} crossings`);
    assert.deepEqual(await replayed(t, data, span), wanted);
    assert.deepEqual(await replayedUnderFire(t, data, span), wanted);
  });
});

/* -- a collector that is killed again and again ------------------------------------------------------------ */

const regions = ['NSW1', 'QLD1', 'SA1', 'TAS1', 'VIC1'];
const priceColumns = ['SETTLEMENTDATE', 'RUNNO', 'REGIONID', 'DISPATCHINTERVAL', 'INTERVENTION', 'RRP', 'EEP', 'ROP', 'APCFLAG',
  'MARKETSUSPENDEDFLAG', 'LASTCHANGED', 'RAISE6SECRRP', 'RAISE60SECRRP', 'RAISE5MINRRP', 'RAISEREGRRP', 'LOWER6SECRRP',
  'LOWER60SECRRP', 'LOWER5MINRRP', 'LOWERREGRRP', 'PRICE_STATUS'];
const aemo = (unix) => new Date((unix + 36000) * 1000).toISOString().replace(/-/g, '/').replace('T', ' ').slice(0, 19);

/* Puts a file of prices into a folder laid out as NEMWEB is. */
function publish(source, unix, prices) {
  const folder = join(source, 'Reports/CURRENT/DispatchIS_Reports');
  const at = aemo(unix), stamp = at.replace(/\D/g, '').slice(0, 12);
  const rows = regions.map((region, i) =>
    [at, 1, region, 1, 0, prices[i], 0, prices[i], 0, 0, at, 1, 1, 1, 1, 1, 1, 1, 1, 'FIRM']);
  const name = join(folder, `PUBLIC_DISPATCHIS_${stamp}_0000000000000001.csv`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${name}.part`, mmsFile({ report: 'DISPATCHIS', published: at, tables: [{ table: 'DISPATCH.PRICE.5', columns: priceColumns, rows }] }));
  renameSync(`${name}.part`, name);
}

async function receiver(t) {
  const got = [];
  let answer = () => 200;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk)).on('end', () => {
      const status = answer();
      if (status === 200) got.push({ key: request.headers['idempotency-key'], at: Date.now(), ...JSON.parse(body) });
      response.writeHead(status).end();
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  later(t, () => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  return { got, url: `http://127.0.0.1:${server.address().port}/`, answer: (how) => (answer = how) };
}

describe('a collector', () => {
  const begin = Math.floor(Date.now() / 1000 / 300) * 300 - 600;
  const run = (t, source, data, sink) => start(t, ['collect', '--source', source, '--data', data, '--interval', '1'],
    { env: { ALERT_WEBHOOK_URL: sink.url, ALERT_WEBHOOK_ROUTE: 'price' } });
  const decisions = async (data) => told(JSON.parse((await nemd('alerts', 'history', '--json', '--limit', '1000', '--rule', 'price', '--data', data)).stdout));

  test('sends within moments what a file brings, and says what it holds armed', async (t) => {
    const source = folderFor(t), data = join(folderFor(t), 'store');
    const sink = await receiver(t);
    publish(source, begin, [50, 50, 50, 50, 50]);
    const collector = run(t, source, data, sink);
    await collector.saw(/collected/);
    await until('a first judgement', async () => (await nemd('alerts', 'list', '--json', '--data', data)).stdout.includes('"judged":1'));
    publish(source, begin + 300, [50, 12000, 50, 50, 1500]);
    await until('a message', () => sink.got.length === 1);
    assert.equal(sink.got[0].severity, 'critical');
    assert.deepEqual(sink.got[0].decisions.map((d) => d.key), ['QLD1', 'VIC1']);
    const { stdout } = await nemd('alerts', 'list', '--json', '--data', data);
    const price = JSON.parse(stdout).rules.find((rule) => rule.rule === 'price');
    assert.deepEqual(price.armed.map(({ key, level, peak }) => [key, level, peak]), [['QLD1', 2, 12000], ['VIC1', 1, 1500]]);
    assert.equal(price.next, begin + 600);
    publish(source, begin + 600, [50, 50, 50, 50, 50]);
    await until('the recovery', () => sink.got.length === 2);
    const { stdout: text } = await nemd('alerts', 'history', '--data', data);
    assert.match(text, /Extreme price: QLD1 \$12,000\.00\/MWh.*webhook sent/);
    const id = text.match(/^ *(\d+)/)[1];
    assert.equal((await nemd('alerts', 'ack', id, '--data', data)).status, 0);
    assert.match((await nemd('alerts', 'history', '--data', data)).stdout, /acknowledged/);
    assert.equal((await nemd('alerts', 'ack', '9999', '--data', data)).status, 2);
    assert.equal((await nemd('alerts', 'mute', 'prices', '--until', '2h', '--data', data)).status, 2);
    assert.equal((await nemd('alerts', 'mute', 'price', '--key', 'SA1', '--until', '2h', '--data', data)).status, 0);
    publish(source, begin + 900, [50, 50, 5000, 50, 50]);
    await until('the muted decision', async () => (await nemd('alerts', 'history', '--data', data)).stdout.includes('not sent: muted'));
    assert.equal(sink.got.length, 2);
  });

  test('killed at random, through refusals: each alert is told, none is told twice under another key', async (t) => {
    const source = folderFor(t), data = join(folderFor(t), 'store');
    const sink = await receiver(t);
    publish(source, begin, [50, 50, 50, 50, 50]);
    let collector = run(t, source, data, sink);
    await until('a first judgement', async () => (await nemd('alerts', 'list', '--json', '--data', data)).stdout.includes('"judged":1'));
    for (let i = 1; i <= 10; i++) { /* up and down, of another region each time */
      sink.answer(() => (i % 3 ? 200 : 503));
      publish(source, begin + i * 300, regions.map((_, r) => (r === i % 5 || r === (i + 1) % 5 ? 2000 + i : 50)));
      await sleep(300 + Math.random() * 900);
      await collector.stop('SIGKILL');
      collector = run(t, source, data, sink);
    }
    sink.answer(() => 200);
    const span = { high: 1000, extreme: 10000, normal: 300, from: aemo(begin).replaceAll('/', '-'), to: '2100-01-01' };
    const wanted = told(await rowsOf(data, crossings(span)));
    assert.ok(wanted.length >= 18);
    const all = () => told(sink.got.filter((m, i) => sink.got.findIndex((o) => o.key === m.key) === i)
      .flatMap((m) => m.decisions.map(({ key, kind }) => ({ at: m.at, key, kind }))));
    await until('all decisions', async () => (await decisions(data)).length >= wanted.length, 40000);
    assert.deepEqual(await decisions(data), wanted);
    const waiting = async () => JSON.parse((await start(t, ['alerts', 'list', '--json', '--data', data],
      { env: { ALERT_WEBHOOK_URL: sink.url } }).ended).stdout).sinks.find((s) => s.sink === 'webhook').waiting;
    await until('an empty outbox', async () => (await waiting()) === 0, 40000);
    /* what piled up came in summaries, which name each title; the rest came by itself */
    const summaries = sink.got.filter((m) => m.kind === 'summary').map((m) => m.text).join('\n');
    const messages = JSON.parse((await nemd('alerts', 'history', '--json', '--limit', '1000', '--rule', 'price', '--data', data)).stdout);
    for (const d of messages) {
      const alone = all().some((o) => o.at === d.at && o.key === d.key && o.kind === d.kind);
      const brief = d.text.match(/\w+1 \$[\d,.]+\/MWh/)[0];
      assert.ok(alone || summaries.includes(brief), `${d.text} reached nobody`);
      assert.ok(d.deliveries.every((o) => o.status === 'sent' || o.status === 'summed'));
    }
  });

  test('a mail goes out once its server is there, though nemd was killed meanwhile', { skip: hasSmtp ? false : 'aiosmtpd is not there' }, async (t) => {
    const source = folderFor(t), data = join(folderFor(t), 'store'), files = certificates(t);
    const begun = (port) => start(t, ['collect', '--source', source, '--data', data, '--interval', '1'], { env: {
      EMAIL_SMTP_SERVER: 'localhost', EMAIL_SMTP_PORT: String(port), EMAIL_ADDRESS: 'nemd@example.com', EMAIL_PASSWORD: 'hunter2',
      EMAIL_RECIPIENT: 'a@example.com', ALERT_MAIL_ROUTE: 'price', ALERT_CA_FILE: files.ca } });
    publish(source, begin, [50, 50, 50, 50, 50]);
    const first = begun(9); /* nobody there */
    await until('a first judgement', async () => (await nemd('alerts', 'list', '--json', '--data', data)).stdout.includes('"judged":1'));
    publish(source, begin + 300, [50, 50, 3000, 50, 50]);
    await first.saw(/not delivered, trying again.*sink=mail/);
    assert.ok(!first.stderr.includes('hunter2'));
    await first.stop('SIGKILL');
    const server = await smtpServer(t, 'starttls', files);
    begun(server.port);
    await until('the mail', () => server.mails().length === 1, 40000);
    await sleep(1500);
    assert.equal(server.mails().length, 1);
    assert.match(server.mails()[0].data, /^Subject: High price: SA1 \$3,000\.00\/MWh/m);
  });

  test('does not start with settings that are wrong, and says which', async (t) => {
    const { status, stderr } = await start(t, ['collect', '--source', folderFor(t), '--data', join(folderFor(t), 'store')],
      { env: { HIGH_PRICE_THRESHOLD: '1' } }).ended;
    assert.equal(status, 2);
    assert.match(stderr, /NORMAL_PRICE_THRESHOLD \(300\) < HIGH_PRICE_THRESHOLD \(1\)/);
  });
});
