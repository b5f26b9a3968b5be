/* Real AEMO files, where there are any: what nemd stores is what an independent reading of them says. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { folders } from './support/market.mjs';
import { collectOnce, folderFor, parquetOf } from './support/nemd.mjs';
import { assertRows, datasets, expectedOf, storedRows } from './support/rules.mjs';

const root = join(process.env.NEMD_SHARED ?? '/nonexistent', 'data', 'nemweb');
const prefixes = {
  [folders.dispatch]: 'PUBLIC_DISPATCHIS_',
  [folders.scada]: 'PUBLIC_DISPATCHSCADA_',
  [folders.trading]: 'PUBLIC_TRADINGIS_',
  [folders.rooftop]: 'PUBLIC_ROOFTOP_PV_ACTUAL_',
};

function* files() {
  for (const [folder, prefix] of Object.entries(prefixes))
    for (const inner of ['', 'DUPLICATE']) {
      const path = join(root, 'Reports/CURRENT', folder, inner);
      if (!existsSync(path)) continue;
      for (const name of readdirSync(path).sort())
        if (name.startsWith(prefix) && /\.(zip|csv)$/i.test(name)) yield readFileSync(join(path, name));
    }
}

test('real files are stored as an independent reading of them says, and again without changing a byte',
  { skip: existsSync(join(root, 'Reports/CURRENT')) ? false : `no real data in ${root}` }, async (t) => {
    const data = folderFor(t);
    const end = await collectOnce(root, data);
    assert.equal(end.status, 0, end.stderr);
    const all = [...files()];
    const expected = expectedOf(all);
    let count = 0;
    for (const name of Object.keys(datasets)) {
      const rows = await storedRows(data, name);
      assert.equal(rows.length > 0, true, name);
      assertRows(rows, expected[name], name);
      count += rows.length;
    }
    t.diagnostic(`${all.length} files, ${count} rows, ${Object.keys(parquetOf(data)).length} Parquet files`);
    const before = parquetOf(data);
    const again = await collectOnce(root, data);
    assert.equal(again.status, 0, again.stderr);
    assert.deepEqual(parquetOf(data), before);

    /* the same files, read a second time into a store that has forgotten which it read */
    for (const name of ['state.db', 'state.db-wal', 'state.db-shm']) rmSync(join(data, name), { force: true });
    const afresh = await collectOnce(root, data);
    assert.equal(afresh.status, 0, afresh.stderr);
    assert.deepEqual(parquetOf(data), before);
  });
