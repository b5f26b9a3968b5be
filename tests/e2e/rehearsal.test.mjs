/* The whole way from the earlier system to nemd and back, as its owner would go it, with every defect
 * that the earlier files are known for: dry run, migrate, both side by side, switch, check-list, backup,
 * the store lost, restore, rollback. At the end every value is held against what the market was.
 *
 * The clock is set, so that a quarter of an hour passes in a moment: without that it can't run. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { createServer, request as ask } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { folderFor, later, parquetOf, program, sleep, start, startServer, until } from './support/nemd.mjs';
import { nemsim, startSim } from './support/nemsim.mjs';

const shim = process.env.CLOCK_SHIFT;
const python = '/usr/bin/python3';
const why = !shim ? 'no clock to set' : !existsSync(python) || spawnSync(python, ['-c', 'import pandas']).status !== 0 ? 'no pandas' : false;
const minute = 60000;
const patience = 180000; /* of a machine that is busy */
const day = 1440 * minute;
/* Times are milliseconds, as if AEST were UTC. */
const text = (time) => new Date(time).toISOString().slice(0, 16);
const stamp = (time) => `timestamp '${text(time).replace('T', ' ')}'`;
const tables = ['scada5', 'scada30', 'prices5', 'prices30', 'transmission5', 'transmission30', 'rooftop30'];
const kind = (table) => table.replace(/\d+$/, '');
const key = (table) => ({ scada: 'duid', prices: 'regionid', transmission: 'interconnectorid', rooftop: 'regionid' })[kind(table)];
const values = (table) => ({ scada: 'scadavalue', prices: 'rrp', transmission: 'meteredmwflow, mwflow, exportlimit, importlimit, mwlosses',
  rooftop: 'power, quality_indicator, type' })[kind(table)];
const half = (table) => table.endsWith('30');

async function listen(t, answer) {
  const server = createServer(answer);
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  later(t, () => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  return `http://127.0.0.1:${server.address().port}`;
}

/* A NEMWEB before the simulated one: without the folders that this test has no time for, and without the
 * word that it is simulated, which a store of real rows refuses; of some it has the last files alone. */
const hidden = /P5_Reports|Predispatch|Next_Day|FORECAST|Public_Prices|PRICE_REVISIONS|Market_Notice|Operational_Demand/i;
const mirror = (t, sim, recent) => listen(t, (request, response) => {
  if (hidden.test(request.url)) return response.writeHead(404).end();
  const upstream = ask(sim.url + request.url, { method: request.method, headers: request.headers, agent: false }, (answer) => {
    const { 'x-simulated': simulated, ...headers } = answer.headers;
    assert.ok(simulated);
    const since = request.url.match(/(ROOFTOP_PV\/ACTUAL|TradingIS_Reports)\/$/i) && recent(/TradingIS/i.test(request.url) ? 120 : 4320);
    if (!since) {
      response.writeHead(answer.statusCode, headers);
      return answer.pipe(response);
    }
    let page = '';
    return answer.setEncoding('utf8').on('data', (part) => (page += part)).on('end', () => response.end(
      page.split('<br>').filter((line) => !(line.match(/_(\d{12})\d*_\d+\.zip/i)?.[1] < since)).join('<br>')));
  });
  upstream.on('error', () => response.destroy());
  return request.pipe(upstream);
});

/* Somebody who takes every message. */
const webhook = (t) => listen(t, (request, response) => request.on('data', () => {}).on('end', () => response.end('{}')));

test('from the earlier system to nemd and back, and nothing is missing', { skip: why }, async (t) => {
  const folder = folderFor(t);
  const path = (...names) => join(folder, ...names);
  /* -- the clock: two minutes after a half hour, some while ago */
  const base = (Math.floor((Date.now() + 600 * minute) / (30 * minute)) - 1) * 30 * minute;
  const begin = base + 2 * minute;
  const sim = await startSim(t, '--now', text(begin), '--speed', '1', '--control');
  const setClock = async (time) => {
    await sim.setClock(text(time), 1);
    writeFileSync(path('clock'), `${Math.round((time - Date.now()) / 1000) - 36000}`);
  };
  await setClock(begin);

  /* -- the user's machine: a home, a systemd that says what was asked of it */
  const [home, bin] = [path('home'), path('bin')];
  mkdirSync(home), mkdirSync(bin);
  writeFileSync(join(bin, 'systemctl'), '#!/bin/sh\ncase " $* " in *" show "*) printf \'UnitFileState=enabled\\nActiveState=active\\n\';; esac\n');
  chmodSync(join(bin, 'systemctl'), 0o755);
  const env = { LD_PRELOAD: shim, CLOCK_SHIFT_FILE: path('clock'), HOME: home, PATH: `${bin}:${process.env.PATH}` };
  const nemd = async (...args) => {
    const { status, stdout, stderr } = await start(null, args, { env }).ended;
    return { status, stdout, stderr, json: stdout.startsWith('{') ? JSON.parse(stdout) : null };
  };
  let phase = Date.now();
  const done = (what) => {
    t.diagnostic(`${what}: ${Date.now() - phase} ms`);
    phase = Date.now();
  };
  const query = async (data, sql) => {
    const { status, stdout, stderr } = await nemd('query', '--format', 'json', '--data', data, sql);
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
  };
  const empty = path('empty');
  mkdirSync(empty);
  writeFileSync(join(empty, 'STORE'), 'format=1\nkind=real\n');
  const parquet = (sql) => {
    const { status, stdout, stderr } = spawnSync(program, ['query', '--format', 'parquet', '--data', empty, sql], { maxBuffer: 1 << 28 });
    assert.equal(status, 0, String(stderr));
    return stdout;
  };

  /* -- what the market was, until an hour after the beginning, as CSV */
  const oldest = base - 4 * day;
  const truth = (table) => `read_csv('${path(`${table}.csv`)}')`;
  await Promise.all(tables.map(async (table) => {
    const { status, stdout, stderr } = await nemsim('truth', table, '--from', text(oldest), '--to', text(base + 60 * minute));
    assert.equal(status, 0, stderr);
    writeFileSync(path(`${table}.csv`), stdout);
  }));

  /* -- the earlier system: its folder, and its collector, which writes each file anew under its lock */
  const old = path('old system');
  const data = join(old, 'data');
  mkdirSync(data, { recursive: true });
  const midnight = Math.floor((base - 3 * day) / day) * day;
  const defect = oldest + (oldest + 60 * minute === midnight ? 120 : 60) * minute;
  /* more than the unit ever gives: in whatever order the three are read, one is another value and one the same */
  const defects = {
    scada5: `union all select ${stamp(defect)}, 'BW01', 900.0 union all select ${stamp(defect)}, 'BW01', 900.0
      union all select ${stamp(defect)} + interval 30 second, 'BW01', 1.0 union all select null, 'BW01', 1.0
      union all select ${stamp(defect)}, null, 1.0 union all select ${stamp(defect)}, 'NULL1', null
      union all select timestamp '1970-01-01', 'BW01', 1.0 union all select timestamp '2225-01-01', 'BW01', 1.0`,
    scada30: `union all select ${stamp(defect)} + interval 5 minute, 'BW01', 7.0`,
    rooftop30: `union all select settlementdate, 'QLDN', 1.0, 1, 'MEASUREMENT' from ${truth('rooftop30')} where regionid = 'QLD1'
      and settlementdate <= ${stamp(base - 10 * 60 * minute)}`,
  };
  const writeOld = (table, bytes) => {
    const file = join(data, `${table}.parquet`);
    writeFileSync(path('new.parquet'), bytes);
    const { status, stderr } = spawnSync('flock', [`${file}.lock`, 'cp', path('new.parquet'), file]);
    assert.equal(status, 0, String(stderr));
  };
  const collectOld = (ends) => {
    for (const table of tables) {
      const without = table === 'scada5' ? `and settlementdate <> ${stamp(midnight)}` : '';
      const time = table === 'rooftop30' ? "settlementdate at time zone 'UTC'" : 'settlementdate';
      writeOld(table, parquet(`select ${time} as settlementdate, * exclude (settlementdate) from (
        select settlementdate, ${key(table)}, ${values(table)} from ${truth(table)} where settlementdate <= ${stamp(ends(table))} ${without}
        ${defects[table] ?? ''})`));
    }
  };
  const pickles = spawnSync(python, ['-c', `
import datetime, pickle, sys, pandas
pandas.DataFrame([['NSW1', 'Bayswater', 'AGL', 'BW01', 660.0, None, 'Coal'], ['SA1', 'Hornsdale', 'Neoen', 'HPR1', 150.0, 193.5, 'Battery Storage'],
  ['NSW1', 'Twice', 'AGL', 'BW01', 1.0, None, 'Coal']], columns=['Region', 'Site Name', 'Owner', 'DUID', 'Capacity(MW)', 'Storage(MWh)', 'Fuel']).to_pickle(sys.argv[1])
pickle.dump({'NSW1': {'high_alert': False, 'high_time': datetime.datetime(2025, 1, 1), 'last_price': 80.0}}, open(sys.argv[2], 'wb'))`,
  join(data, 'gen_info.pkl'), join(data, 'price_alert_state.pkl')]);
  assert.equal(pickles.status, 0, String(pickles.stderr));
  writeFileSync(join(data, 'renewable_records.json'), '{"all_time": {"value": 78.7, "timestamp": "2025-10-11T12:30:00"}, "hourly": {}}');
  writeFileSync(join(old, '.env'), `DATA_DIR=${data}\nHIGH_PRICE_THRESHOLD=20000\nEXTREME_PRICE_THRESHOLD=30000\nUPDATE_INTERVAL_MINUTES=4.5\n`);
  /* It stands still some hours before, and in one table earlier: the seam that has to be closed. */
  collectOld((table) => base - (table === 'transmission5' ? 600 : 300) * minute);
  const digests = () => Object.fromEntries(readdirSync(data).filter((name) => !name.endsWith('.lock'))
    .map((name) => [name, createHash('sha256').update(readFileSync(join(data, name))).digest('hex')]));

  done('what there was');
  /* -- 1, 2: a dry run, then the run itself */
  const store = path('store');
  const migrate = (...more) => nemd('migrate', '--from', old, '--to', store, '--json', '--settings-to', path('settings'), ...more);
  const before = digests();
  const dry = await migrate('--dry-run');
  assert.equal(dry.status, 3, dry.stderr);
  assert.equal(existsSync(store), false);
  const found = Object.fromEntries(dry.json.tables.map((table) => [table.dataset, table.findings]));
  assert.deepEqual(found.scada5, { 'no time': 1, 'no key': 1, time: 2, 'off grid': 1, 'no value': 1, repeated: 1, contradicts: 1 });
  assert.deepEqual(found.scada30, { '5-minute row': 1 });
  assert.deepEqual(Object.keys(found.rooftop30), ['sub-region']);
  assert.ok(dry.json.tables.find((table) => table.dataset === 'scada5').midnights >= 1);
  const moved = await migrate();
  assert.equal(moved.status, 3, moved.stderr);
  assert.equal(moved.json.failed, false);
  for (const table of moved.json.tables) assert.deepEqual([table.missing, table.different], [0, 0], table.dataset);
  assert.deepEqual(digests(), before);

  done('dry run, migrate');
  /* -- 3: both run; the earlier system catches up, holding a lock for a while */
  const config = moved.json.config;
  writeFileSync(config, `${readFileSync(config, 'utf8')}ALERT_WEBHOOK_URL=${await webhook(t)}/in\nNEMD_BACKUP=${path('backup')}\n`);
  chmodSync(config, 0o600);
  const source = await mirror(t, sim, (minutes) => text(base - minutes * minute).replace(/\D/g, ''));
  const running = (...more) => startServer(t, ['run', '--data', store, '--config', config, '--source', source, '--interval', '1', ...more], { env, ms: 600000 });
  const follow = async () => (await sleep(300), (await nemd('status', '--json', '--data', store)).json.follow);
  const held = start(t, [join(data, 'scada5.parquet.lock'), 'sleep', '2'], { command: 'flock' });
  let run = await running('--follow', old);
  const early = await until('a first comparison', follow);
  assert.equal(early.safe, false);
  assert.equal(held.running, false, 'it waited for the lock');
  collectOld(() => base);
  const agreed = await until('the word that the earlier system can be stopped', async () => {
    const seen = await follow();
    return seen.safe && seen;
  }, patience).catch(async (error) => {
    throw new Error(`${error.message}: ${JSON.stringify(await follow())}\n${run.stderr.slice(-3000)}`);
  });
  for (const table of agreed.tables) {
    assert.deepEqual([table.different, table.missing, table.by_rule], [0, 0, 0], table.name);
    assert.ok(table.intervals >= (half(table.name) ? 48 : 288), `${table.name}: ${table.intervals}`);
  }
  assert.match(run.stderr, /the earlier system can be stopped/);
  done('side by side');
  /* what is written wrong is seen, and forgotten when it is right again */
  const right = readFileSync(join(data, 'prices5.parquet'));
  writeOld('prices5', parquet(`select settlementdate, regionid, case when settlementdate = ${stamp(base - 60 * minute)} and regionid = 'SA1'
    then rrp + 1 else rrp end as rrp from '${join(data, 'prices5.parquet')}'`));
  const doubt = await until('the difference', async () => {
    const seen = await follow();
    return !seen.safe && /different/.test(seen.why) && seen;
  }, patience);
  assert.equal(doubt.tables.find((table) => table.name === 'prices5').different, 1);
  assert.match(doubt.why, /SA1/);
  writeOld('prices5', right);
  await until('agreement again', async () => (await follow()).safe, patience);

  done('a difference');
  /* -- 4: the switch */
  assert.equal((await run.stop()).status, 0, run.stderr);
  renameSync(old, path('put away'));
  const installed = await nemd('service', 'install', '--data', store, '--config', config);
  assert.equal(installed.status, 0, installed.stderr);
  const units = await nemd('units', 'refresh', '--data', store, '--source', source);
  assert.equal(units.status, 0, `${units.stdout}${units.stderr}`);
  const repaired = await nemd('repair', '--data', store, '--source', source);
  assert.equal(repaired.status, 0, `${repaired.stdout}${repaired.stderr}`);
  run = await running();

  done('switch');
  /* -- 5, 6, 7: everything is in order, once it has run for some cycles */
  assert.equal((await nemd('alerts', 'test', '--data', store, '--config', config)).status, 0);
  const backup = (await nemd('backup', '--data', store, '--config', config, '--to', path('backup'), '--json')).json;
  assert.ok(backup.files > 20);
  assert.ok([0, 3].includes((await nemd('verify', '--json', '--data', store)).status));
  for (let i = 1; i <= 4; i++) {
    await setClock(begin + 5 * i * minute);
    const next = stamp(base + 5 * (i + 1) * minute);
    await until(`the interval that ends at ${next}`, async () => (await query(store,
      `select ((select max(settlementdate) from scada5) >= ${next} and (select max(settlementdate) from prices5) >= ${next})::int as n`))[0].n);
  }
  done('cycles');
  let checks;
  await until('nothing but good news', async () => {
    const report = (await nemd('doctor', '--json', '--data', store)).json;
    checks = report.checks.filter((check) => check.verdict !== 'ok');
    return report.verdict === 'ok';
  }, patience).catch((error) => {
    throw new Error(`${error.message}: ${JSON.stringify(checks, null, 1)}\n${run.stderr.slice(-3000)}`);
  });
  const metrics = (await run.get('/metrics')).body.toString();
  assert.equal(metrics.match(/^nemd_check_verdict\{check="\w+"\} 0$/gm).length, 19);

  done('doctor');
  /* -- 8: the store is lost, and had again */
  assert.equal((await run.stop()).status, 0);
  assert.equal((await nemd('backup', '--data', store, '--config', config, '--to', path('backup'))).status, 0);
  const files = parquetOf(store);
  rmSync(store, { recursive: true });
  assert.equal((await nemd('restore', '--from', path('backup'), '--data', store)).status, 0);
  assert.deepEqual(parquetOf(store), files);
  const again = (await nemd('doctor', '--json', '--data', store)).json.checks;
  assert.match(again.find((check) => check.name === 'takeover').text, /^none since /, 'it knows where it took over');
  assert.match(again.find((check) => check.name === 'parallel').text, /it can be stopped$/);

  done('backup, restore');
  /* -- 9: back; every value of the files is that of the market, and none is missing */
  const back = path('back');
  const rolled = await nemd('rollback', '--data', store, '--to', back);
  assert.equal(rolled.status, 0, rolled.stderr);
  for (const table of tables) {
    const last = base + (half(table) ? -30 : 20) * minute;
    const rows = (from) => `select settlementdate, ${key(table)}, ${values(table)} from ${from}
      where settlementdate > ${stamp(oldest)} and settlementdate <= ${stamp(last)}
      and not (settlementdate = ${stamp(defect)} and ${key(table)} = 'BW01')`;
    const [row] = await query(empty, `with truth as (${rows(truth(table))}), have as (${rows(`'${join(back, table)}.parquet'`)}),
      pairs as (select h.settlementdate is null as lost, t.settlementdate is null as more,
        ${values(table).split(', ').map((c) => (c === 'type' ? 'h.type is distinct from t.type' : `abs(h.${c} - t.${c}) > 1e-6`)).join(' or ')} as other
        from truth t full join have h on t.settlementdate = h.settlementdate and t.${key(table)} = h.${key(table)})
      select count(*)::int as n, count(*) filter (lost)::int as lost, count(*) filter (more)::int as more, count(*) filter (other)::int as other from pairs`);
    assert.ok(row.n > (half(table) ? 900 : 5000), `${table}: ${row.n} rows`);
    assert.deepEqual([row.lost, row.more, row.other], [0, 0, 0], table);
  }
  assert.ok(statSync(join(back, 'gen_info.csv')).size > 0);
  done('rollback, every value');
});
