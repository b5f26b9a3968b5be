/* Gaps are found, filled from whatever still has them, and told; what a store holds is checked. */
import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { collectOnce, folderFor, nemd, parquetOf, rowsOf } from './support/nemd.mjs';
import { startSim } from './support/nemsim.mjs';

const nemweb = join(process.env.NEMD_SHARED ?? '/nonexistent', 'data/nemweb');
const skip = existsSync(nemweb) ? false : `no real data in ${nemweb}`;

const verifyOf = async (data, ...more) => {
  const { status, stdout, stderr } = await nemd('verify', '--json', '--data', data, ...more);
  assert.ok(status === 0 || status === 3, stderr);
  const found = JSON.parse(stdout);
  assert.equal(status, Object.values(found.counts).some(Boolean) ? 3 : 0);
  return found;
};
/* What was found but gaps, as lines. */
const faultsOf = (found) => found.findings.filter((f) => f.kind !== 'gap').map((f) => Object.values(f).join(' '));
const linesOf = (text) => text.trimEnd().split('\n');

describe('repair', () => {
  test('what CURRENT never had comes from MMSDM, a missing 00:00 too', async (t) => {
    const sim = await startSim(t, '--now', '2025-08-21T01:07:00', '--speed', '0', '--history', '0.0008', '--control',
      '--faults', 'never=0.04,midnight=1');
    const data = folderFor(t);
    const only = ['--dataset', 'scada5,demand30'];
    const collected = await collectOnce(sim.url, data);
    assert.equal(collected.status, 0, collected.stderr);

    const listed = await nemd('repair', '--dry-run', '--data', data, ...only);
    assert.equal(listed.status, 3);
    const gaps = linesOf(listed.stdout).filter((line) => /^(scada5|demand30), /.test(line));
    for (const dataset of ['scada5', 'demand30'])
      assert.ok(gaps.some((line) => line.startsWith(`${dataset}, 2025/08/21 00:00`)), listed.stdout);
    assert.ok(gaps.length > 2, listed.stdout);
    assert.equal((await verifyOf(data, ...only)).counts.gap, gaps.length);

    const vain = await nemd('repair', '--source', sim.url, '--data', data, ...only);
    assert.equal(vain.status, 3, vain.stderr);
    assert.match(vain.stdout, /^scada5, 2025\/08\/21 00:00.*: still missing, no file of the source has it$/m);

    await sim.setClock('2025-09-15T03:00:00');
    const days = ['--from', '2025-08-20', '--to', '2025-08-20'];
    const filled = await nemd('repair', '--source', sim.url, '--data', data, ...only, ...days);
    assert.equal(filled.status, 0, filled.stdout + filled.stderr);
    const told = linesOf(filled.stdout);
    assert.match(told.pop(), /^\d+ gaps, (\d+) filled, 0 remain\.$/);
    for (const line of told) assert.match(line, /: filled$/);
    const found = await verifyOf(data, ...only, ...days);
    assert.deepEqual([found.counts.gap, ...faultsOf(found)], [0]);
    const again = await nemd('repair', '--source', sim.url, '--data', data, ...only, ...days);
    assert.deepEqual([again.status, again.stdout], [0, 'No gaps.\n']);
  });

  test('a file of the store that is gone is read again, though the ledger has its files as done', async (t) => {
    const sim = await startSim(t, '--now', '2025-08-21T00:37:00', '--speed', '0', '--history', '0.0003');
    const data = folderFor(t);
    assert.equal((await collectOnce(sim.url, data)).status, 0);
    const readings = () => rowsOf(data, 'SELECT * FROM scada5 ORDER BY settlementdate, duid');
    const halves = () => rowsOf(data, 'SELECT * FROM scada30 ORDER BY settlementdate, duid');
    const before = [await readings(), await halves()];
    for (const dataset of ['scada5', 'scada30']) rmSync(join(data, dataset), { recursive: true });
    const broken = await verifyOf(data);
    assert.ok(broken.counts.ledger > 10);
    assert.match(broken.findings.find((f) => f.kind === 'ledger').text, /^the ledger has dispatchscada PUBLIC_DISPATCHSCADA_2025082/);
    const end = await nemd('repair', '--source', sim.url, '--data', data, '--dataset', 'scada5', '--from', '2025-08-20',
      '--to', '2025-08-21');
    assert.equal(end.status, 3, end.stderr);
    assert.match(end.stdout, /^scada5, 2025\/08\/20 00:05 to .*: partly filled, no file of the source has it$/m);
    assert.ok(before[0].length > 1000);
    assert.deepEqual(await readings(), before[0]);
    assert.deepEqual(await halves(), before[1]);
    assert.deepEqual((await verifyOf(data)).findings, []);
  });

  test('no gaps are nothing to do, and a store or a source that is not there is said', async (t) => {
    const sim = await startSim(t, '--now', '2025-08-20T18:07:00', '--speed', '0', '--history', '0.0002', '--faults', 'never=0.2');
    const data = folderFor(t);
    assert.equal((await nemd('repair', '--dry-run', '--data', join(data, 'none'))).status, 2);
    assert.equal((await nemd('verify', '--data', join(data, 'none'))).status, 2);
    for (const args of [['--dataset', 'prices6'], ['--from', 'noon'], ['--from', '2025-08-02', '--to', '2025-08-01']])
      for (const command of ['repair', 'verify'])
        assert.equal((await nemd(command, '--data', data, ...args)).status, 2, `${command} ${args}`);
    assert.equal((await collectOnce(sim.url, data)).status, 0);
    const none = await nemd('repair', '--source', 'http://127.0.0.1:9', '--data', data, '--dataset', 'scada30');
    assert.deepEqual([none.status, none.stdout], [0, 'No gaps.\n']);
    const dead = await nemd('repair', '--source', 'http://127.0.0.1:9', '--data', data);
    assert.equal(dead.status, 1);
    assert.match(dead.stdout, /: not fetched$/m);
    assert.match(dead.stderr, /127\.0\.0\.1:9/);
  });
});

describe('verify', () => {
  test('finds nothing in what was collected', async (t) => {
    const sim = await startSim(t, '--now', '2025-08-21T00:37:00', '--speed', '0', '--history', '0.0003');
    const data = folderFor(t);
    assert.equal((await collectOnce(sim.url, data)).status, 0);
    const before = parquetOf(data);
    const found = await verifyOf(data);
    assert.deepEqual(found.findings, []);
    assert.equal(found.files, Object.keys(before).filter((path) => path.includes('/')).length);
    assert.ok(found.rows > 10000);
    const { status, stdout } = await nemd('verify', '--data', data);
    assert.equal(status, 0);
    assert.match(stdout, /^\d+ files, \d+ rows, nothing found\n$/);
    assert.deepEqual(parquetOf(data), before);
  });

  test('finds nothing in a month that was brought at once', async (t) => {
    const sim = await startSim(t, '--now', '2025-08-20T18:07:00', '--speed', '0', '--history', '0.2');
    const data = folderFor(t);
    const only = 'prices5,prices30,fcas5,pricestatus5,regions5,transmission5,demand30,rooftop30';
    const brought = await nemd('backfill', '--from', '2025-07-01', '--to', '2025-07-31', '--source', sim.url, '--data', data,
      '--dataset', only);
    assert.equal(brought.status, 0, brought.stderr);
    const found = await verifyOf(data);
    assert.deepEqual(found.findings, []);
    assert.ok(found.files >= 8);
  });

  test('finds nothing in real files but what lies between them', { skip }, async (t) => {
    const data = folderFor(t);
    const end = await collectOnce(nemweb, data);
    assert.equal(end.status, 0, end.stderr);
    const found = await verifyOf(data);
    assert.deepEqual(faultsOf(found), []);
    assert.ok(found.files > 50);
  });
});
