/* The check-list over a nemd that runs: what only another program can show. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { dispatch, regions, rooftop, scada, trading } from './support/market.mjs';
import { folderFor, nemd, program, start, startServer, until } from './support/nemd.mjs';
import { receiver } from './support/receivers.mjs';
import { Nemweb } from './support/server.mjs';

const python = '/usr/bin/python3';

/* The market's clock, as support/market.mjs has it: AEST as if it were UTC. */
const marketNow = () => Date.now() + 10 * 3600000;
const boundary = (minutes) => Math.floor(marketNow() / (minutes * 60000)) * minutes * 60000;

function recentTree() {
  const five = Array.from({ length: 8 }, (_, i) => boundary(5) + (1 - i) * 300000);
  const rrp = Object.fromEntries(regions.map((region) => [region, 80])); /* nothing to be alerted of */
  return [...five.flatMap((time) => [dispatch(time, { rrp }), scada(time), trading(time, { rrp })]), rooftop(boundary(30))];
}

async function doctor(data, ...more) {
  const { status, stdout, stderr } = await nemd('doctor', '--json', '--data', data, ...more);
  assert.ok(status === 0 || status === 3, stderr);
  const report = JSON.parse(stdout);
  assert.equal(status, report.verdict === 'ok' ? 0 : 3);
  return Object.fromEntries(report.checks.map((check) => [check.name, check]));
}

test('a nemd that runs is found, opened and judged; killed, it is missed', async (t) => {
  const nemweb = await Nemweb.start(t, recentTree());
  const folder = folderFor(t);
  const data = join(folder, 'store');
  const config = join(folder, 'nemd.env');
  const hook = (await receiver(t)).url;
  writeFileSync(config, `ALERT_WEBHOOK_URL=${hook}\nALERT_WEBHOOK_ROUTE=price, new_unit\n`, { mode: 0o600 });
  const run = await startServer(t, ['run', '--source', nemweb.url, '--data', data, '--config', config]);
  await until('its rows', async () => (await run.get('/metrics')).body.toString().includes('nemd_dataset_age_seconds{dataset="rooftop30"}'));
  const checks = await until('prices that are judged', async () => {
    const found = await doctor(data);
    return !/before the newest/.test(found.price_alerts.text + found.unit_alerts.text) && found.datasets.verdict === 'ok' && found;
  });
  assert.match(checks.collector.text, new RegExp(`process ${run.child.pid} \\(run\\)`));
  assert.equal(checks.collector.verdict, 'ok');
  assert.match(checks.dashboard.text, new RegExp(`port ${run.port}, \\d+ requests`));
  assert.equal(checks.memory.text, `process ${run.child.pid} uses ${checks.memory.text.split(' uses ')[1]}`);
  assert.equal(checks.cycle.verdict, 'warning', 'it has just begun');
  assert.match(checks.price_alerts.text, /nothing was ever sent by webhook/, 'the settings are those of the process');
  assert.equal((await nemd('alerts', 'test', '--data', data, '--config', config)).status, 0);
  assert.equal((await doctor(data)).price_alerts.verdict, 'ok');
  const metrics = (await run.get('/metrics')).body.toString();
  assert.match(metrics, /^nemd_check_verdict\{check="price_alerts"\} 0$/m);
  assert.match(metrics, /^nemd_check_verdict\{check="backup"\} 2$/m);
  assert.match(metrics, /^nemd_check_timestamp_seconds \d{10}$/m);
  assert.match(metrics, /^nemd_disk_free_bytes \d+$/m);
  await run.stop('SIGKILL');
  assert.equal(readdirSync(join(data, 'running')).length, 1);
  const after = await doctor(data, '--config', config);
  for (const name of ['collector', 'cycle', 'dashboard', 'price_alerts'])
    assert.notEqual(after[name].verdict, 'ok', name);
  assert.deepEqual(readdirSync(join(data, 'running')), []);
  assert.equal((await nemd('doctor', '--data', join(folder, 'none'))).status, 2);
});

/* Runs monitor on a terminal; what terminal.py says, with the page drawn last as lines. */
async function onTerminal(columns, rows, send, ...args) {
  const script = fileURLToPath(new URL('./support/terminal.py', import.meta.url));
  const { stdout, stderr } = await start(null, [script, `${columns}`, `${rows}`, send, program, 'monitor', ...args],
    { command: python }).ended;
  assert.equal(stderr, '');
  const seen = JSON.parse(stdout);
  const page = seen.drawn.split('\x1b[H').at(-1).split('\x1b[J')[0];
  return { ...seen, lines: page.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '').split('\r\n') };
}

test('monitor draws all of it on a plain terminal, which is as it was afterwards', async (t) => {
  if (!existsSync(python)) return t.skip('there is no python3 to make a terminal with');
  const nemweb = await Nemweb.start(t, recentTree());
  const data = join(folderFor(t), 'store');
  const run = await startServer(t, ['run', '--source', nemweb.url, '--data', data]);
  await until('its rows', async () => (await run.get('/metrics')).body.toString().includes('nemd_dataset_age_seconds{dataset="rooftop30"}'));
  writeFileSync(join(data, 'notes/errors.log'), `time=2025-08-20T18:05:14+10:00 level=error msg="é${'x'.repeat(300)}"\n`.repeat(40));
  for (const [columns, rows, send] of [[80, 24, 'q'], [80, 24, 'SIGTERM'], [80, 24, '\x03'], [60, 10, 'Q'], [200, 60, 'suspend']]) {
    const seen = await onTerminal(columns, rows, send, '--data', data, '--every', '1');
    assert.deepEqual([seen.status, seen.raw, seen.as_before], [0, true, true], send);
    assert.match(seen.drawn, /^\x1b\[\?1049h\x1b\[\?25l/, 'the other screen, without a cursor');
    assert.match(seen.end, /\x1b\[\?25h\x1b\[\?1049l$/, 'and back');
    assert.ok(seen.lines.length <= rows, `${seen.lines.length} lines of ${rows}`);
    for (const line of seen.lines) assert.ok([...line].length <= columns, line);
    if (send === 'suspend') assert.deepEqual(seen.suspended, { stopped: true, as_before: true });
    if (rows < 24) continue;
    const text = seen.lines.join('\n');
    assert.match(text, /prices5 +\d\d\/\d\d \d\d:\d\d +\d+ (s|min)/);
    assert.match(text, new RegExp(`^${run.child.pid} +run +\\d+\\.\\d% +[0-9.]+ [MG]B +\\d+ (s|min) +http://127\\.0\\.0\\.1:${run.port}`, 'm'));
    assert.match(text, /^disk +[0-9.]+ [KMG]B used, /m);
    assert.match(text, /backup none +service not installed/);
    assert.match(text, /^errors +0, warnings \d in the last day/m);
    assert.match(text, /^08\/20 18:05 +msg="éxxx/m);
  }
  const once = await nemd('monitor', '--data', data);
  assert.equal(once.status, 0);
  assert.match(once.stdout, /^prices5 /m);
  assert.ok(!once.stdout.includes('\x1b'), 'no terminal, no colours');
  assert.equal((await nemd('monitor', '--data', join(data, 'none'))).status, 2);
});

test('what a service logs as wrong is kept, and told', async (t) => {
  const nemweb = await Nemweb.start(t, recentTree().slice(0, 2));
  const data = join(folderFor(t), 'store');
  const file = recentTree()[2];
  nemweb.put({ ...file, bytes: Buffer.from('no zip at all') });
  const run = await startServer(t, ['run', '--source', nemweb.url, '--data', data]);
  const log = join(data, 'notes/errors.log');
  await until('the refusal', () => existsSync(log) && readFileSync(log, 'utf8').includes(file.name));
  assert.match(readFileSync(log, 'utf8'), /^time=\S+ level=(warn|error) msg=/);
  const checks = await doctor(data);
  assert.match(checks.errors.text, /[1-9]\d* warnings|[1-9]\d* errors/);
  assert.match(checks.refused.text, new RegExp(`^1, the newest ${file.name}: `));
  assert.equal((await run.stop()).status, 0);
  assert.deepEqual(readdirSync(join(data, 'running')), [], 'who ends takes his entry along');
});
