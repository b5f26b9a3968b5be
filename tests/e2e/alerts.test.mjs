/* Alerts from outside: held against SQL over the same prices, killed at random, and sent by a collector. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { collectOnce, folderFor, ledgerOf, nemd, rowsOf, sleep, start, startServer, until } from './support/nemd.mjs';
import { mmsFile } from './support/mms.mjs';
import { startSim } from './support/nemsim.mjs';
import { certificates, hasSmtp, receiver, smtpServer } from './support/receivers.mjs';
import { crossings, replayed, replayedUnderFire, told } from './support/replay.mjs';

const real = join(process.env.NEMD_SHARED ?? '', 'data/nemweb');

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

test('what is typed wrong is said, and does nothing', async (t) => {
  const data = join(folderFor(t), 'store');
  await collectOnce(folderFor(t), data);
  for (const [args, said] of [
    [[], /list, test, history, replay, ack or mute is expected/], [['lists'], /expected, not lists/], [['list', 'price'], /what is 'price'\?/],
    [['test', 'sms'], /what is 'sms'\?/], [['history', '--rule', 'prices'], /no rule prices/], [['history', '--limit', 'all'], /not a whole number/],
    [['replay'], /--from TIME/], [['replay', '--from', '2025-13-01'], /--from TIME/], [['replay', '--from', '2025-02-01', '--to', '2025-01-01'], /isn't behind/],
    [['replay', '--rule', 'price_low', '--from', '2025-01-01', '--to', '2025-02-01'], /isn't on/], [['ack'], /ack ID is expected/], [['ack', '-1'], /\S/],
    [['ack', '1', '2'], /what is '2'\?/], [['mute', 'price'], /--until TIME/], [['mute', 'price', '--until', 'soon'], /--until TIME/],
    [['mute', 'price', 'SA1', '--until', '2h'], /what is 'SA1'\?/], [['mute', 'prices', '--until', '2h'], /no rule prices/], [['test', '--sink', 'fax'], /no sink fax/]]) {
    const { status, stdout, stderr } = await nemd('alerts', ...args, '--data', data);
    assert.deepEqual([status, stdout], [2, ''], args.join(' '));
    assert.match(stderr, said);
  }
  assert.match((await nemd('alerts', 'mute', 'price', '--until', '0m', '--data', data)).stdout, /^rule price, key \*: told again$/m);
  assert.doesNotMatch((await nemd('alerts', 'list', '--data', data)).stdout, /muted/);
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
    assert.deepEqual(JSON.parse(stdout).processes, [collector.child.pid]);
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
    /* the records are kept by the collector itself: nobody serves yet */
    const record = () => ledgerOf(data, "SELECT value, at FROM records WHERE measure = 'price' AND extreme = 'max' AND region = 'QLD1' AND hour = 24", 'alerts.db');
    if (record()) await until('a record', () => record().join() === `12000.0,${begin + 300}`);
    await overHttp(t, data);
    assert.equal((await nemd('alerts', 'mute', 'prices', '--until', '2h', '--data', data)).status, 2);
    assert.equal((await nemd('alerts', 'mute', 'price', '--key', 'SA1', '--until', '2h', '--data', data)).status, 0);
    publish(source, begin + 900, [50, 50, 5000, 50, 50]);
    await until('the muted decision', async () => (await nemd('alerts', 'history', '--data', data)).stdout.includes('not sent: muted'));
    assert.equal(sink.got.length, 2);
    assert.doesNotMatch((await nemd('alerts', 'list', '--data', data)).stdout, /Nobody judges/);
    await collector.stop();
    assert.match((await nemd('alerts', 'list', '--data', data)).stdout, /^Nobody judges or sends: no `nemd run` or `nemd collect` is at work/);
  });

  /* The same from a page: what the collector has written down, and changes to it. */
  async function overHttp(t, data) {
    const serve = await startServer(t, ['serve', '--data', data]);
    const table = async (path) => {
      const { data: { columns, rows }, meta } = (await serve.get(path)).json;
      return { meta, rows: rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i]]))) };
    };
    const { rows } = await table('/v1/alerts');
    for (const rule of ['price', 'stale', 'record', 'trip']) assert.ok(rows.some((row) => row.rule === rule), rule);
    const price = rows.filter((row) => row.rule === 'price');
    assert.deepEqual(price.map(({ key, level, judged, next }) => [key, level, judged, next]), [[null, 0, begin + 600, begin + 900]]);
    await until('what was sent to be marked', async () => (await table('/v1/alerts/sinks')).rows.every((row) => row.waiting === 0));
    const history = await table('/v1/alerts/history?rule=price');
    assert.deepEqual(history.rows.map(({ key, kind, severity, value, at, deliveries, not_sent: unsent }) => [key, kind, severity, value, at, deliveries.includes('webhook sent'), unsent]), [
      ['VIC1', 'recovery', 'warning', 50, begin + 600, true, null], ['QLD1', 'recovery', 'critical', 50, begin + 600, true, null],
      ['VIC1', 'alert', 'warning', 1500, begin + 300, true, null], ['QLD1', 'alert', 'critical', 12000, begin + 300, true, null]]);
    const first = await table('/v1/alerts/history?rule=price&limit=3');
    assert.deepEqual([...first.rows, ...(await table(`/v1/alerts/history?rule=price&limit=3&cursor=${first.meta.next}`)).rows], history.rows);
    const webhook = (await table('/v1/alerts/sinks')).rows.find((row) => row.sink === 'webhook');
    assert.deepEqual([webhook.sink, webhook.sent, webhook.waiting, webhook.failed, webhook.error], ['webhook', 2, 0, 0, null]);
    const { id } = history.rows[0];
    assert.equal((await serve.post('/v1/alerts/acknowledge', { id })).json.data.id, id);
    assert.ok((await table('/v1/alerts/history?rule=price')).rows[0].acknowledged > begin);
    const gone = await serve.post('/v1/alerts/acknowledge', { id: 9999 });
    assert.deepEqual([gone.status, gone.json.error.parameter], [404, 'id']);
    const muted = async (body) => (await serve.post('/v1/alerts/mute', body)).status;
    assert.equal(await muted({ rule: 'prices', until: '2h' }), 400);
    assert.equal(await muted({ rule: 'trip', until: 'soon' }), 400);
    assert.equal(await muted({ rule: 'trip', key: 'ER01', until: '2h' }), 200);
    assert.deepEqual((await table('/v1/alerts/mutes')).rows.map(({ rule, key }) => [rule, key]), [['trip', 'ER01']]);
    const { stdout } = await nemd('alerts', 'list', '--json', '--data', data);
    assert.deepEqual(JSON.parse(stdout).mutes.map(({ rule, key }) => [rule, key]), [['trip', 'ER01']]);
    assert.equal(await muted({ rule: 'trip', key: 'ER01', until: '0m' }), 200);
    assert.deepEqual((await table('/v1/alerts/mutes')).rows, []);
    await serve.stop();
  }

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
      { env: { ALERT_WEBHOOK_URL: sink.url } }).ended).stdout).sinks.reduce((sum, s) => sum + s.waiting, 0);
    await until('an empty outbox', async () => (await waiting()) === 0, 40000);
    /* what piled up came in summaries, which name what they have room for; the rest came by itself */
    const summaries = sink.got.filter((m) => m.kind === 'summary').map((m) => m.text).join('\n');
    const messages = JSON.parse((await nemd('alerts', 'history', '--json', '--limit', '1000', '--rule', 'price', '--data', data)).stdout);
    for (const d of messages) {
      const alone = all().some((o) => o.at === d.at && o.key === d.key && o.kind === d.kind);
      const brief = d.text.match(/\w+1 \$[\d,.]+\/MWh/)[0];
      assert.ok(alone || summaries.includes(brief) || /^and \d+ more: nemd alerts history$/m.test(summaries), `${d.text} reached nobody: ${JSON.stringify(d)}\n${JSON.stringify(sink.got, null, 1)}`);
      assert.ok(d.deliveries.every((o) => o.status === 'sent' || o.status === 'summed'));
    }
  });

  test('goes on once the file of what alerts remember can be opened', async (t) => {
    const source = folderFor(t), data = join(folderFor(t), 'store'), file = join(data, 'alerts.db');
    const sink = await receiver(t);
    publish(source, begin, [50, 50, 50, 50, 50]);
    assert.equal((await collectOnce(source, data)).status, 3, 'most feeds are missing');
    for (const name of readdirSync(data).filter((one) => one.startsWith('alerts.db'))) rmSync(join(data, name));
    mkdirSync(file);
    const collector = run(t, source, data, sink);
    await collector.saw(/alerts can't be judged/);
    rmdirSync(file);
    await until('a first judgement', async () => (await nemd('alerts', 'list', '--json', '--data', data)).stdout.includes('"judged":1'));
    publish(source, begin + 300, [50, 1500, 50, 50, 50]);
    await until('the message', () => sink.got.length === 1);
    assert.equal((await collector.stop()).status, 0);
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
