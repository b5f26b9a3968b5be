/* The registry of units, from outside: out of nemsim's monthly archive, of files, and of the user's
 * mouth. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { collectOnce, folderFor, nemd, rowsOf, statusOf } from './support/nemd.mjs';
import { startSim } from './support/nemsim.mjs';

const stopped = ['--speed', '0'];
const brief = [...stopped, '--history', '0.0003'];
const units = (data, ...args) => nemd('units', ...args, '--data', data);
const refresh = (data, source) => units(data, 'refresh', '--source', source);

/* What nemsim's kinds of unit are called in the registry. Three of its gas turbines are, in truth,
 * engines, and known to be. */
const fuels = {
  BLACK_COAL: 'Black coal', BROWN_COAL: 'Brown coal', CCGT: 'CCGT', OCGT: 'OCGT', GAS_STEAM: 'Gas other',
  DISTILLATE: 'Distillate', HYDRO: 'Water', PUMP: 'Water', WIND: 'Wind', SOLAR: 'Solar', BATTERY: 'Battery',
  BIOMASS: 'Biomass', DUMMY: 'Other',
};
const engines = new Set(['BARKIPS1', 'GERMCRK', 'MBAHNTH']);
const types = { GENERATOR: 'GENERATOR', LOAD: 'LOAD', BIDIRECTIONAL: 'BIDIRECTIONAL' };

/* The fleet as its table has it: {duid, region, fuel, type, mw, first, last}. */
function fleet() {
  const source = readFileSync(fileURLToPath(new URL('../../sim/model/fleet.c', import.meta.url)), 'utf8');
  const line = /^ {4}\{"([^"]+)", "[^"]*", "[^"]*", SIM_(\w+), SIM_(\w+), SIM_(\w+), (.*)\},$/gm;
  return [...source.matchAll(line)].map(([, duid, region, fuel, type, rest]) => ({
    duid, region, fuel: engines.has(duid) ? 'Gas other' : fuels[fuel], type: types[type],
    mw: Number(rest.match(/\.capacity_mw = ([\d.]+)/)?.[1] ?? 0),
    first: Number(rest.match(/\.first = (\d+)/)[1]), last: Number(rest.match(/\.last = (\d+)/)?.[1] ?? 0),
  }));
}

describe('out of the monthly archive', { concurrency: 2 }, () => {
  test('every unit of the fleet has its fuel, type, region and capacity, and none is unknown', async (t) => {
    const sim = await startSim(t, '--now', '2026-06-20', ...stopped);
    const data = folderFor(t);
    const { status, stdout } = await refresh(data, sim.url);
    assert.equal(status, 0);
    assert.match(stdout, /MMSDM 2026-05/);
    const known = fleet().filter((unit) => unit.first <= 20260531);
    assert.ok(known.length > 550);
    const rows = await rowsOf(data, `select duid, region, dispatch_type, fuel, capacity_mw, valid_from::VARCHAR "from",
      valid_to::VARCHAR "to" from units qualify row_number() over (partition by duid order by valid_from desc) = 1`);
    const registered = new Map(rows.map((row) => [row.duid, row]));
    assert.equal(registered.size, known.length);
    for (const unit of known) {
      const row = registered.get(unit.duid);
      assert.deepEqual([row.region, row.dispatch_type, row.fuel, row.capacity_mw],
        [unit.region, unit.type, unit.fuel, unit.mw], unit.duid);
      assert.equal(row.to === null, unit.last === 0 || unit.last >= 20260601, unit.duid);
    }
    assert.equal((await refresh(data, sim.url)).stdout.match(/as before/g).length, 2);
  });

  test('loss factors change on 1 July, and each fact says where it is from', async (t) => {
    const sim = await startSim(t, '--now', '2026-06-20', ...stopped);
    const data = folderFor(t);
    await refresh(data, sim.url);
    const rows = await rowsOf(data, `select valid_from::VARCHAR "from", mlf, sources from units where duid = 'BW01' order by 1 desc limit 3`);
    assert.deepEqual(rows.map((row) => row.from), ['2025-07-01', '2024-07-01', '2023-07-01']);
    assert.equal(new Set(rows.map((row) => row.mlf)).size, 3);
    const sources = JSON.parse(rows[0].sources);
    assert.equal(sources.mlf, 'MMSDM DUDETAILSUMMARY 2026-05');
    assert.equal(sources.capacity_mw, 'MMSDM DUDETAIL 2026-05');
    assert.equal(sources.fuel, 'MMSDM GENUNITS 2026-05');
    const [cap] = await rowsOf(data, "select * from thresholds where effectivedate = '2025-07-01'");
    assert.deepEqual([cap.market_price_cap, cap.cumulative_price_threshold, cap.administered_price_cap], [20300, 1823600, 600]);
    assert.match(cap.source, /MMSDM/);
  });

  test('an older month takes nothing back, the user is believed over all, and can change his mind', async (t) => {
    const [now, before] = await Promise.all(['2026-06-20', '2025-03-20'].map((time) => startSim(t, '--now', time, ...stopped)));
    const data = folderFor(t);
    await refresh(data, now.url);
    assert.match((await refresh(data, before.url)).stdout, /units as before/);
    const wind = async () => (await rowsOf(data, "select fuel, capacity_mw mw from units where duid = 'BW01' and valid_to is null"))[0];
    assert.equal((await units(data, 'set', 'BW01', 'fuel=Wind', 'capacity_mw=1')).status, 0);
    await refresh(data, now.url);
    assert.deepEqual(await wind(), { fuel: 'Wind', mw: 1 });
    assert.equal((await units(data, 'set', 'BW01', 'fuel=', 'capacity_mw=')).status, 0);
    assert.deepEqual(await wind(), { fuel: 'Black coal', mw: 660 });
  });

  test('real tables: what a month lacks is said, and ends with 3', async (t) => {
    const real = join(process.env.NEMD_SHARED ?? '', 'data/nemweb');
    if (!existsSync(join(real, 'Data_Archive'))) return t.skip('no real files');
    const data = folderFor(t);
    const { status, stdout, stderr } = await refresh(data, real);
    assert.equal(status, 3);
    assert.match(stdout, /MMSDM 2020-10/);
    assert.match(stderr, /lacks DUDETAIL .*GENUNITS/);
    const [{ all, now }] = await rowsOf(data, 'select count(distinct duid) "all", count(*) filter (valid_to is null) "now" from units');
    assert.equal(all, 693);
    assert.equal(now, 526);
  });

  test('a source without the archive is a failure, and real and simulated units never mix', async (t) => {
    const data = folderFor(t);
    const none = await refresh(data, folderFor(t));
    assert.equal(none.status, 1);
    assert.match(none.stderr, /no month with the table DUDETAILSUMMARY/);
    await units(data, 'set', 'X1', 'fuel=Wind');
    const sim = await startSim(t, '--now', '2026-06-20', ...stopped);
    const mixed = await refresh(data, sim.url);
    assert.equal(mixed.status, 2);
    assert.match(mixed.stderr, /holds real data/);
  });
});

describe('units with readings', () => {
  test('those that nobody registered are listed, and counted all the same', async (t) => {
    const time = ['--now', '2025-08-20T18:07:00'];
    const [sim, live] = await Promise.all([stopped, brief].map((how) => startSim(t, ...time, ...how)));
    const data = folderFor(t);
    await collectOnce(live.url, data);
    const before = await units(data, 'list', '--unknown', '--json');
    assert.equal(before.status, 3);
    const unknown = JSON.parse(before.stdout);
    assert.ok(unknown.length > 400);
    assert.equal((await statusOf(data)).unknown_units, unknown.length);
    assert.match((await nemd('status', '--data', data)).stdout, new RegExp(`^${unknown.length} units with readings in the last day aren't in the registry`, 'm'));
    assert.ok(!unknown.some(({ duid }) => /^(DG_|RT_|DRX)/.test(duid)));
    assert.equal(unknown.find(({ duid }) => duid === 'ADPPV1').guess, 'Solar');
    assert.equal(unknown.find(({ duid }) => duid === 'SNOWYP').dispatch_type, 'LOAD');
    assert.equal((await refresh(data, sim.url)).status, 0);
    const after = await units(data, 'list', '--unknown', '--json');
    /* what joined after the month of the archive */
    const { duids } = (await rowsOf(data, "select list(distinct duid) duids from scada5 where duid not in (select duid from units)"))[0];
    assert.deepEqual(JSON.parse(after.stdout).map(({ duid }) => duid).sort(), (duids ?? []).sort());
    assert.equal(after.status, duids?.length ? 3 : 0);
    assert.equal((await statusOf(data)).unknown_units, duids?.length ?? 0);
  });
});

describe('of files and words', { concurrency: 4 }, () => {
  test('a list of the user, over the monthly archive, by day', async (t) => {
    const data = folderFor(t);
    const file = join(folderFor(t), 'units.csv');
    writeFileSync(file, 'duid,fuel,capacity_mw,valid_from\nNEW1,Solar,50,2025-01-01\nNEW1,Solar,60,2025-07-01\n');
    const { status, stdout } = await units(data, 'import', file);
    assert.equal(status, 0);
    assert.match(stdout, /^1 units in units\.csv/);
    const rows = await rowsOf(data, 'select valid_from::VARCHAR "from", capacity_mw mw from units where capacity_mw is not null order by 1');
    assert.deepEqual(rows, [{ from: '2025-01-01', mw: 50 }, { from: '2025-07-01', mw: 60 }]);
    const list = await units(data, 'list', '--history', '--json');
    assert.equal(JSON.parse(list.stdout).filter(({ duid }) => duid === 'NEW1').length, 2);
    assert.match((await units(data, 'list')).stdout, /^NEW1 .* Solar .* 60\.0 +2025-07-01/m);
  });

  const wrong = [
    [[], 2, /list, refresh, import or set/],
    [['sing'], 2, /not sing/],
    [['list', 'all'], 2, /what is 'all'/],
    [['import'], 2, /one file/],
    [['import', '/nonexistent.csv'], 1, /nonexistent/],
    [['set', 'X1'], 2, /key=value/],
    [['set', 'X1', 'fuel'], 2, /no key=value/],
    [['set', 'X1', 'fuel=Peat'], 1, /not one of .*Black coal/],
    [['set', 'X1', 'valid_from=2025-01-01'], 2, /no fact is set/],
    [['set', 'X1', 'fuel=Wind', 'valid_from=soon'], 2, /not a date/],
  ];
  for (const [args, status, words] of wrong)
    test(`units ${args.join(' ')}`, async (t) => {
      const data = folderFor(t);
      await units(data, 'set', 'A1', 'fuel=Wind');
      const run = await units(data, ...args);
      assert.equal(run.status, status);
      assert.match(run.stderr, words);
    });
});
