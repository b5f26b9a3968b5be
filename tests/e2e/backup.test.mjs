/* A store is saved, destroyed and restored; backups are killed, damaged, and made while rows come in. */
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { at, dispatch } from './support/market.mjs';
import { folderFor, nemd, parquetOf, program, rowsOf, sleep, start, startServer, until } from './support/nemd.mjs';
import { receiver } from './support/receivers.mjs';
import { Nemweb } from './support/server.mjs';

/* Puts prices of the days from [from] to before [to], about [price] each, into a store. */
async function fill(folder, store, from, to, price) {
  const file = join(folder, `prices5-${from}.parquet`);
  const empty = join(folder, 'empty');
  mkdirSync(empty, { recursive: true });
  writeFileSync(join(empty, 'STORE'), 'format=1\nkind=real\n');
  const { stdout, stderr, status } = spawnSync(program, ['query', '--data', empty, '--format', 'parquet', `
    select t as settlementdate, regionid, ${price} + random() as rrp from range(timestamp '${from} 00:05', timestamp '${to} 00:05',
      interval 5 minute) r(t), (values ('NSW1'), ('QLD1'), ('SA1'), ('TAS1'), ('VIC1')) u(regionid)`], { maxBuffer: 1 << 28 });
  assert.equal(status, 0, String(stderr));
  writeFileSync(file, stdout);
  const done = await nemd('import', file, '--data', store);
  assert.equal(done.status, 0, done.stderr);
}

const backup = async (store, to, ...more) => {
  const { status, stdout, stderr } = await nemd('backup', '--to', to, '--json', '--data', store, ...more);
  return { status, stderr, ...(stdout ? JSON.parse(stdout) : {}) };
};

const bytesBelow = (folder) => readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile()).reduce((sum, entry) => sum + statSync(join(entry.path, entry.name)).size, 0);

test('a destroyed store comes back, with its settings, and without secrets unless asked for', async (t) => {
  const folder = folderFor(t);
  const [store, to] = [join(folder, 'the store'), join(folder, 'the backups')];
  await fill(folder, store, '2025-05-10', '2025-05-20', 50);
  const config = join(folder, 'nemd.env');
  const secrets = join(folder, 'nemd.secrets');
  writeFileSync(secrets, 'EMAIL_PASSWORD=hush\n', { mode: 0o600 });
  writeFileSync(config, `DASHBOARD_PORT=5016\nNEMD_SECRETS="${secrets}"\n`);
  const first = await backup(store, to, '--config', config);
  assert.equal(first.status, 0, first.stderr);
  assert.equal(first.copied, first.files);
  assert.doesNotMatch(spawnSync('grep', ['-r', 'hush', to]).stdout.toString(), /hush/);
  const files = parquetOf(store);
  const rows = await rowsOf(store, 'select count(*)::int as n, sum(rrp::decimal(18, 6))::varchar as s from prices5');
  rmSync(store, { recursive: true });
  const restored = await nemd('restore', '--from', to, '--data', store);
  assert.equal(restored.status, 0, restored.stderr);
  assert.deepEqual(parquetOf(store), files);
  assert.deepEqual(await rowsOf(store, 'select count(*)::int as n, sum(rrp::decimal(18, 6))::varchar as s from prices5'), rows);
  assert.match(readFileSync(join(store, 'settings/nemd.env'), 'utf8'), /5016/);
  assert.equal(existsSync(join(store, 'settings/nemd.secrets')), false);
  const verify = JSON.parse((await nemd('verify', '--json', '--data', store)).stdout);
  for (const kind of ['damaged', 'schema', 'derived', 'hidden', 'stray']) assert.equal(verify.counts[kind], 0, kind);
  assert.equal((await nemd('restore', '--from', to, '--data', store)).status, 2, 'into a folder that holds something');
  const second = await backup(store, to, '--config', config, '--secrets');
  assert.equal(second.status, 0, second.stderr);
  assert.ok(second.copied <= 4, `what was restored is known again: ${second.copied}`);
  assert.equal((await nemd('restore', '--from', to, '--data', join(folder, 'other'))).status, 0);
  assert.equal(statSync(join(folder, 'other/settings/nemd.secrets')).mode & 0o777, 0o600);
});

test('generations share what is the same, and any of them can be had', async (t) => {
  const folder = folderFor(t);
  const [store, to] = [join(folder, 'store'), join(folder, 'to')];
  await fill(folder, store, '2025-05-10', '2025-05-20', 50);
  const a = await backup(store, to);
  const [files, size] = [parquetOf(store), bytesBelow(to)];
  const b = await backup(store, to);
  assert.ok(b.copied <= 2, 'the databases alone are copied again');
  assert.ok(bytesBelow(to) < size * 1.5);
  await fill(folder, store, '2025-06-01', '2025-06-10', 60);
  const c = await backup(store, to);
  assert.ok(c.copied >= 2 && c.copied < c.files);
  assert.equal(c.generations, 3);
  assert.equal((await nemd('restore', '--from', to, '--at', a.generation, '--data', join(folder, 'old'))).status, 0);
  assert.deepEqual(parquetOf(join(folder, 'old')), files);
  assert.equal((await nemd('restore', '--from', to, '--at', '1999', '--data', join(folder, 'x'))).status, 2);
  const d = await backup(store, to, '--keep', '2');
  assert.deepEqual([d.generations, d.removed], [2, 2]);
  assert.match((await nemd('restore', '--from', to, '--verify-only')).stdout, /are whole/);
  assert.equal((await nemd('restore', '--from', to, '--data', join(folder, 'new'))).status, 0);
  assert.deepEqual(parquetOf(join(folder, 'new')), parquetOf(store));
});

test('a killed backup leaves what was there, and the next one goes on', async (t) => {
  const folder = folderFor(t);
  const [store, to] = [join(folder, 'store'), join(folder, 'to')];
  await fill(folder, store, '2024-02-20', '2024-03-10', 50);
  assert.equal((await backup(store, to)).status, 0);
  const files = parquetOf(store);
  await fill(folder, store, '2024-02-20', '2024-03-10', 5000); // larger bits: every file is another one
  for (const ms of [5, 20, 60]) {
    const run = start(t, ['backup', '--to', to, '--data', store]);
    await sleep(ms);
    await run.stop('SIGKILL');
    const check = await nemd('restore', '--from', to, '--verify-only');
    assert.equal(check.status, 0, check.stderr);
  }
  assert.equal((await nemd('restore', '--from', to, '--at', readdirSync(to).filter((n) => /^2/.test(n)).sort()[0],
    '--data', join(folder, 'old'))).status, 0);
  assert.deepEqual(parquetOf(join(folder, 'old')), files);
  assert.equal((await backup(store, to)).status, 0);
  assert.equal((await nemd('restore', '--from', to, '--data', join(folder, 'new'))).status, 0);
  assert.deepEqual(parquetOf(join(folder, 'new')), parquetOf(store));
  assert.deepEqual(readdirSync(join(to, 'objects')).filter((name) => name.startsWith('.') && !name.endsWith('.tmp')), []);
});

test('a damaged or missing object is named, and nothing is restored', async (t) => {
  const folder = folderFor(t);
  const [store, to] = [join(folder, 'store'), join(folder, 'to')];
  await fill(folder, store, '2025-05-10', '2025-05-20', 50);
  const { generation } = await backup(store, to);
  const manifest = join(to, generation, 'MANIFEST');
  const line = readFileSync(manifest, 'utf8').split('\n').find((l) => l.endsWith('prices5/2025/2025-05.parquet'));
  const object = join(to, 'objects', line.slice(0, 2), line.split(' ')[0]);
  const whole = join(folder, 'whole');
  cpSync(object, whole);
  for (const harm of [() => truncateSync(object, 100), () => { cpSync(whole, object); appendFileSync(object, 'x'); },
    () => { const bytes = readFileSync(whole); bytes[1000] ^= 1; writeFileSync(object, bytes); }, () => unlinkSync(object)]) {
    harm();
    const verify = await nemd('restore', '--from', to, '--verify-only');
    assert.equal(verify.status, 1);
    assert.match(verify.stderr, /prices5\/2025\/2025-05\.parquet/);
    const restore = await nemd('restore', '--from', to, '--data', join(folder, 'new'));
    assert.equal(restore.status, 1);
    assert.match(restore.stderr, /nothing was restored/);
    assert.deepEqual(readdirSync(join(folder, 'new')), []);
  }
  /* a manifest that leads elsewhere */
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('prices5/2025/2025-05.parquet', '../../escaped.parquet'));
  assert.match((await nemd('restore', '--from', to, '--data', join(folder, 'new'))).stderr, /line \d+ is no file of a backup/);
  assert.equal((await nemd('backup', '--to', store, '--data', store)).status, 2, 'into the store itself');
  assert.equal((await nemd('backup', '--data', store)).status, 2);
});

test('a backup while rows are written is a store that is whole', async (t) => {
  const folder = folderFor(t);
  const [store, to] = [join(folder, 'store'), join(folder, 'to')];
  await fill(folder, store, '2024-02-20', '2024-03-10', 50);
  let writing = true;
  const writer = (async () => {
    for (let i = 0; writing; i++) await fill(folder, store, '2024-02-20', '2024-03-10', 100 * (i + 1));
  })();
  const made = [];
  for (let i = 0; i < 3; i++) made.push(await backup(store, to));
  writing = false;
  await writer;
  for (const { status, stderr, generation } of made) {
    assert.equal(status, 0, stderr);
    const copy = join(folder, generation);
    assert.equal((await nemd('restore', '--from', to, '--at', generation, '--data', copy)).status, 0);
    assert.deepEqual(await rowsOf(copy, 'select count(*)::int as n from prices5'), [{ n: 19 * 288 * 5 }]);
    const { counts } = JSON.parse((await nemd('verify', '--json', '--data', copy)).stdout);
    for (const kind of ['damaged', 'schema', 'span', 'order', 'duplicate', 'hidden']) assert.equal(counts[kind], 0, kind);
  }
});

/* Targets that rsync reaches without a network: a shell that stands in for ssh, a daemon on a socket. */
function farTargets(folder) {
  const shell = join(folder, 'shell');
  writeFileSync(shell, '#!/bin/sh\n[ "$1" != -l ] || shift 2\nshift\nexec sh -c "$*"\n', { mode: 0o755 });
  const config = join(folder, 'rsyncd.conf');
  writeFileSync(config, `use chroot = no\n[nem]\npath = ${folder}\nread only = no\n${process.getuid() === 0 ? 'uid = root\ngid = root\n' : ''}`);
  return [
    { to: `somebody@box:${join(folder, 'by-shell')}/`, at: join(folder, 'by-shell'), env: { RSYNC_RSH: shell } },
    { to: 'rsync://box/nem/by-daemon', at: join(folder, 'by-daemon'), env: { RSYNC_CONNECT_PROG: `rsync --daemon --config=${config}` } },
  ];
}

test('a backup on another machine, by rsync: incremental, compared, tidied, restored', async (t) => {
  if (spawnSync('rsync', ['--version']).error) return t.skip('there is no rsync');
  const folder = folderFor(t);
  for (const { to, at, env } of farTargets(folder)) {
    const store = `${at}'s store`;
    await fill(folder, store, '2025-05-10', '2025-05-12', 50);
    const run = (...args) => start(t, args, { env }).ended;
    const save = async (...more) => {
      const { status, stdout, stderr } = await run('backup', '--to', to, '--json', '--data', store, ...more);
      assert.equal(status, 0, stderr);
      return JSON.parse(stdout);
    };
    const whole = async () => {
      const { stdout, stderr } = await run('restore', '--from', to, '--verify-only', '--data', join(folder, 'none'));
      assert.match(stdout, /are whole/, stderr);
    };
    const a = await save();
    assert.equal(a.copied, a.files);
    const files = parquetOf(store);
    const { checks } = JSON.parse((await run('doctor', '--json', '--data', store)).stdout);
    const verdict = checks.find((check) => check.name === 'backup' || check.check === 'backup');
    assert.equal(verdict.verdict, 'ok', JSON.stringify(verdict));
    const b = await save();
    assert.ok(b.copied <= 2, `the databases alone: ${b.copied}`);
    await fill(folder, store, '2025-06-01', '2025-06-03', 60);
    /* what is there already in part, as a backup that was cut off leaves it */
    mkdirSync(join(at, 'objects/00'), { recursive: true });
    writeFileSync(join(at, 'objects/00', '0'.repeat(64)), 'an object that no generation names');
    mkdirSync(join(at, '2020-01-01T000000'));
    for (const ms of env.RSYNC_RSH ? [60, 200] : []) {
      const cut = start(t, ['backup', '--to', to, '--data', store], { env });
      await sleep(ms);
      await cut.stop('SIGKILL');
      await whole();
    }
    const c = await save('--keep', '2');
    assert.equal(c.generations, 2);
    assert.equal(existsSync(join(at, a.generation)), false);
    assert.equal(existsSync(join(at, 'objects/00', '0'.repeat(64))), false);
    assert.equal(existsSync(join(store, '.backup')), false, 'nothing is left on this side');
    assert.equal((await run('restore', '--from', to, '--at', b.generation, '--data', join(folder, 'old'))).status, 0);
    assert.deepEqual(parquetOf(join(folder, 'old')), files);
    rmSync(join(folder, 'old'), { recursive: true });
    assert.equal((await run('restore', '--from', to, '--data', join(folder, 'new/'))).status, 0);
    assert.deepEqual(parquetOf(join(folder, 'new')), parquetOf(store));
    assert.deepEqual(readdirSync(folder).filter((name) => name.endsWith('.fetched')), []);
    rmSync(join(folder, 'new'), { recursive: true });
    if (!env.RSYNC_RSH) continue;
    /* as a backup on that machine itself */
    assert.match((await nemd('restore', '--from', at, '--verify-only')).stdout, /are whole/);
    const line = readFileSync(join(at, c.generation, 'MANIFEST'), 'utf8').split('\n').find((l) => l.includes('prices5/2025/2025-05'));
    unlinkSync(join(at, 'objects', line.slice(0, 2), line.split(' ')[0]));
    const damaged = await run('restore', '--from', to, '--data', join(folder, 'new'));
    assert.equal(damaged.status, 1);
    assert.match(damaged.stderr, /prices5\/2025\/2025-05\.parquet can't be read: nothing was restored/);
    assert.equal((await save()).copied >= 1, true, 'what went missing is sent again');
    await whole();
  }
});

test('a target that rsync can\'t use is refused with one line', async (t) => {
  if (spawnSync('rsync', ['--version']).error) return t.skip('there is no rsync');
  const folder = folderFor(t);
  const store = join(folder, 'store');
  await fill(folder, store, '2025-05-10', '2025-05-12', 50);
  const [{ env }] = farTargets(folder);
  const run = async (...args) => {
    const end = await start(t, args, { env }).ended;
    assert.equal(end.stderr.split('\n').length, 2, end.stderr);
    return end;
  };
  mkdirSync(join(folder, 'photos'));
  writeFileSync(join(folder, 'photos/a.jpg'), 'not a photo');
  const other = await run('backup', '--to', `box:${folder}/photos`, '--data', store);
  assert.deepEqual([other.status, /photos holds other things/.test(other.stderr)], [2, true], other.stderr);
  assert.deepEqual(readdirSync(join(folder, 'photos')), ['a.jpg']);
  assert.equal((await run('restore', '--from', `box:${folder}/photos`, '--verify-only', '--data', store)).status, 2);
  assert.match((await run('backup', '--to', `box:${folder}/none/of/these`, '--data', store)).stderr, /rsync failed \(\d+\): /);
  assert.equal((await run('backup', '--to', '-e:x', '--data', store)).status, 2);
  assert.equal((await run('backup', '--to', `box:${folder}/x`, '--data', join(folder, 'no store'))).status, 2);
});

const shim = process.env.CLOCK_SHIFT;

test('run makes one each night by itself; one that fails is told, and tried again', { skip: !shim && 'no clock to set' }, async (t) => {
  const folder = folderFor(t);
  const [data, disk, clock, config] = ['store', 'disk', 'clock', 'nemd.env'].map((name) => join(folder, name));
  const to = join(disk, 'backups');
  const hook = await receiver(t);
  const nemweb = await Nemweb.start(t, [dispatch(at('2025-08-21 00:05'))]);
  const day = 86400000;
  const midnight = Math.floor((Date.now() + 36000000) / day) * day - 36000000; /* AEST's */
  const set = (days, minutes) => writeFileSync(clock, `${Math.round((midnight + days * day + minutes * 60000 - Date.now()) / 1000)}`);
  const env = { LD_PRELOAD: shim, CLOCK_SHIFT_FILE: clock };
  writeFileSync(config, `NEMD_BACKUP=${to}\nNEMD_BACKUP_AT=02:30\nNEMD_BACKUP_KEEP=2\nALERT_WEBHOOK_URL=${hook.url}\n` +
    'ALERT_WEBHOOK_ROUTE=backup_failed\n', { mode: 0o600 });
  const generations = () => (existsSync(to) ? readdirSync(to).filter((name) => /^2/.test(name)).sort() : []);
  const check = async () => {
    const { stdout } = await start(null, ['doctor', '--json', '--data', data], { env }).ended;
    return JSON.parse(stdout).checks.find((one) => one.name === 'backup');
  };
  set(1, 120);
  let run = await startServer(t, ['run', '--data', data, '--config', config, '--source', nemweb.url, '--interval', '5'], { env, ms: 300000 });
  await run.saw(/msg=collected/);
  assert.equal((await check()).verdict, 'failed', 'none was made before its time');
  set(1, 151);
  await until('the first night', () => generations().length === 1);
  await until('the check-list', async () => (await check()).verdict === 'ok');
  assert.match(readFileSync(join(to, generations()[0], 'MANIFEST'), 'utf8'), /settings\/nemd\.env/);
  /* the disk is away: its folder is there, and empty */
  renameSync(disk, `${disk}.away`);
  mkdirSync(disk);
  set(2, 151);
  await until('the message', () => hook.got.length === 1);
  assert.match(hook.got[0].text, /^Backup failed: .*the backups that were in .*backups aren't there: is its disk mounted\?/);
  const verdict = await check();
  assert.equal(verdict.verdict, 'warning', JSON.stringify(verdict));
  assert.match(verdict.text, /is its disk mounted/);
  assert.deepEqual(readdirSync(disk), [], 'nothing was begun in its place');
  assert.match(run.stderr, /level=error msg="backup failed"/);
  /* nemd is off while the disk comes back, and makes up for it */
  assert.equal((await run.stop()).status, 0);
  rmSync(disk, { recursive: true });
  renameSync(`${disk}.away`, disk);
  set(2, 240);
  run = await startServer(t, ['run', '--data', data, '--config', config, '--source', nemweb.url, '--interval', '5'], { env, ms: 300000 });
  await until('the second', () => generations().length === 2);
  await until('the end of it', () => hook.got.length === 2);
  assert.match(hook.got[1].text, /^Backup works again: /);
  assert.equal((await check()).verdict, 'ok');
  const [first] = generations();
  set(3, 151);
  await until('the third', () => generations().length === 2 && generations()[0] !== first);
  assert.equal((await run.stop()).status, 0);
  assert.match((await nemd('restore', '--from', to, '--verify-only')).stdout, /are whole/);
});

test('a schedule that is wrong is refused, with its setting', async (t) => {
  const folder = folderFor(t);
  const run = (env) => start(t, ['collect', '--source', folder, '--data', join(folder, 'store')], { env }).ended;
  for (const [env, said] of [[{ NEMD_BACKUP_AT: '25:00', NEMD_BACKUP: folder }, /NEMD_BACKUP_AT is '25:00', not a time of day as 02:30/],
    [{ NEMD_BACKUP_AT: '02:30' }, /NEMD_BACKUP_AT: .*NEMD_BACKUP/], [{ NEMD_BACKUP_AT: '02:30', NEMD_BACKUP: folder, NEMD_BACKUP_KEEP: 'all' }, /NEMD_BACKUP_KEEP/]]) {
    const { status, stderr } = await run(env);
    assert.deepEqual([status, stderr.split('\n').length], [2, 2], stderr); /* one line */
    assert.match(stderr, said);
  }
});
