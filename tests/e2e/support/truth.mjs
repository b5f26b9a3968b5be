/* Holds a dataset of a store against the market's own truth. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderFor, start } from './nemd.mjs';
import { command } from './nemsim.mjs';

/* A month of units is millions of rows, and a machine can be busy. */
const ms = 3600000;
const nemsim = (...args) => start(null, args, { command, ms }).ended;

async function rowsOf(data, sql) {
  const { status, stdout, stderr } = await start(null, ['--data', data, 'query', '--format', 'json', sql], { ms }).ended;
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

const notValues = new Set(['source', 'lastchanged']);

/* {rows, wrong, list}: the rows compared, those that are missing, too many or other, and some of them. [where]
 * narrows both sides, [without] names columns that the files of the time lacked, which must be empty. */
export async function compareWithTruth(t, data, dataset, { from, to, seed = 1, where = 'true', without = [] }) {
  const { status, stdout, stderr } = await nemsim('truth', dataset, '--from', from, '--to', to, '--seed', `${seed}`);
  assert.equal(status, 0, stderr);
  const file = join(folderFor(t), `${dataset}.csv`);
  writeFileSync(file, stdout);
  const columns = (await rowsOf(data, `DESCRIBE ${dataset}`)).filter(({ column_name }) => !notValues.has(column_name));
  const names = columns.map(({ column_name }) => column_name);
  assert.deepEqual(names, stdout.slice(0, stdout.indexOf('\n')).split(','), `columns of ${dataset}`);
  const keys = names.slice(0, names[0] === 'run_time' ? 3 : 2);
  const types = columns.map(({ column_name, column_type }) => `'${column_name}': '${column_type}'`).join();
  const differs = names.slice(keys.length)
    .map((c) => `have.${c} IS DISTINCT FROM ${without.includes(c) ? 'NULL' : `want.${c}`}`).join(' OR ');
  const [found] = await rowsOf(data, `
    WITH want AS (FROM read_csv('${file}', header = true, columns = {${types}}) WHERE ${where}),
      have AS (FROM ${dataset} WHERE ${keys[0]} > TIMESTAMP '${from}' AND ${keys[0]} <= TIMESTAMP '${to}' AND (${where})),
      wrong AS (SELECT want, have FROM want FULL JOIN have ON ${keys.map((c) => `want.${c} = have.${c}`).join(' AND ')}
        WHERE want.${keys[0]} IS NULL OR have.${keys[0]} IS NULL OR ${differs})
    SELECT (SELECT count(*) FROM want) AS rows, (SELECT count(*) FROM wrong) AS wrong,
      (SELECT list(line) FROM (SELECT CAST(wrong AS VARCHAR) AS line FROM wrong LIMIT 5)) AS list`);
  return { rows: Number(found.rows), wrong: Number(found.wrong), list: found.list ?? [] };
}
