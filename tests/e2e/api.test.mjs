/* The API over a small market: every number is the store's, every gap is a null. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { at, dispatch, duids, intervals, links, regions, scada, smallTree } from './support/market.mjs';
import { collectOnce, folderFor, nemd, program, rowsOf, start, startServer, until } from './support/nemd.mjs';
import { datasets, expectedOf } from './support/rules.mjs';
import { Nemweb } from './support/server.mjs';

const tree = smallTree();
const expected = expectedOf(tree.map((file) => file.bytes));

/* Unix seconds of an AEST time. */
const unix = (text) => (at(text) - 10 * 3600000) / 1000;
const aest = (seconds) => new Date(seconds * 1000 + 10 * 3600000).toISOString().slice(0, 19).replace('T', ' ');
const steps = (from, to) => [...intervals(from, to)].map((time) => (time - 10 * 3600000) / 1000);

const loads = ['PUMP1', 'SNOWYP', 'HPRL1'];
const signOf = (duid) => (/^(DG_|RT_|DRX)/.test(duid) ? 0 : loads.includes(duid) ? -1 : 1);

async function serving(t, files = tree) {
  const nemweb = await Nemweb.start(t, files);
  const data = folderFor(t);
  const end = await collectOnce(nemweb.url, data);
  assert.equal(end.status, 0, end.stderr);
  return { nemweb, data, serve: await startServer(t, ['serve', '--data', data], { ms: 600000 }) };
}

describe('the API', () => {
  /* What the tests share ends with their suite, as what a test has ends with the test. */
  const shared = { hooks: [], after(work) { this.hooks.push(work); } };
  let serve;
  let data;
  before(async () => {
    ({ serve, data } = await serving(shared));
  });
  after(async () => {
    for (const work of shared.hooks) await work();
  });

  const ok = async (path) => {
    const answer = await serve.get(path);
    assert.equal(answer.status, 200, `${path}: ${answer.body}`);
    assert.match(answer.headers['content-type'], /^application\/json/);
    return answer.json;
  };

  /* {id: {AEST time: value}} of an answer. */
  const tableOf = (answer) => Object.fromEntries(answer.data.series.map((series) =>
    [series.id, Object.fromEntries(answer.data.time.map((time, i) => [aest(time), series.values[i]]))]));

  /* Checks every cell of an answer against rows of the store; cells without a row must be null. */
  async function assertCells(answer, sql, ids) {
    const rows = await rowsOf(data, sql);
    const wanted = new Map(rows.map((row) => [`${row.id}|${row.t}`, row.v]));
    const seen = [];
    assert.deepEqual(answer.data.series.map((series) => series.id).sort(), [...ids].sort());
    for (const series of answer.data.series) {
      assert.equal(series.values.length, answer.data.time.length);
      answer.data.time.forEach((time, i) => {
        const key = `${series.id}|${aest(time)}`;
        const value = wanted.get(key) ?? null;
        assert.equal(series.values[i], value, key);
        if (value !== null) seen.push(key);
      });
    }
    assert.equal(seen.length > 0, true);
    return seen.length;
  }

  const range = 'from=2025-08-20T23:30&to=2025-08-21T00:30';
  const wide = 'from=2025-08-20&to=2025-08-22';
  const inWide = "settlementdate > '2025-08-20' AND settlementdate <= '2025-08-22'";

  describe('what the API says', () => {
    test('/v1/meta tells every dataset\'s step, bounds and size', async () => {
      const { meta, data: { datasets: list } } = await ok('/v1/meta');
      assert.match(meta.version, /^\d+\.\d+\.\d+/);
      assert.deepEqual([meta.attribution, meta.simulated], ['Data: AEMO', false]);
      const filled = list.filter((d) => d.latest);
      assert.deepEqual(filled.map((d) => d.name).sort(), Object.keys(expected).filter((name) => expected[name].length).sort());
      for (const d of filled) {
        const rows = expected[d.name];
        assert.deepEqual([d.step_minutes, aest(d.first), aest(d.latest), d.stale],
          [d.name.endsWith('30') ? 30 : 5, rows[0].settlementdate, rows.at(-1).settlementdate, true], d.name);
        assert.equal(d.bytes > 0 && d.stale_after > 0, true, d.name);
      }
    });

    test('every answer has the documented form', async () => {
      const { meta, data: body } = await ok(`/v1/prices?${range}`);
      assert.deepEqual(Object.keys(meta), ['version', 'attribution', 'simulated', 'complete', 'dataset', 'resolution', 'from', 'to', 'latest']);
      assert.deepEqual([meta.dataset, meta.resolution, meta.from, meta.to, meta.latest],
        ['prices5', '5m', unix('2025-08-20 23:30'), unix('2025-08-21 00:30'), unix('2025-08-21 00:30')]);
      assert.deepEqual(body.time, steps('2025-08-20 23:35', '2025-08-21 00:30'));
      for (const series of body.series) assert.deepEqual([Object.keys(series), series.unit], [['id', 'unit', 'values'], '$/MWh']);
    });

    test('/v1/prices and /v1/demand are the store\'s, with a null for every gap', async () => {
      const prices = await ok(`/v1/prices?${wide}`);
      await assertCells(prices, `SELECT settlementdate::VARCHAR AS t, regionid AS id, rrp AS v FROM prices5 WHERE ${inWide}`, regions);
      const demand = await ok(`/v1/demand?${wide}`);
      await assertCells(demand, `SELECT settlementdate::VARCHAR AS t, regionid AS id, totaldemand AS v FROM regions5 WHERE ${inWide}`, regions);
      assert.equal(demand.data.time.length, 2 * 288);
      assert.deepEqual([tableOf(demand).NSW1['2025-08-20 12:10:00'], tableOf(demand).NSW1['2025-08-20 12:15:00'] === null], [null, false]);
      assert.equal(tableOf(prices).TAS1['2025-08-20 23:50:00'], -0.00001);
      assert.equal(tableOf(prices).NSW1['2025-08-20 23:50:00'], -1000);
    });

    test('region= picks regions', async () => {
      const answer = await ok(`/v1/prices?${range}&region=SA1,NSW1`);
      assert.deepEqual(answer.data.series.map((series) => series.id).sort(), ['NSW1', 'SA1']);
      assert.deepEqual((await ok(`/v1/demand?${range}&region=TAS1`)).data.series.map((series) => series.id), ['TAS1']);
    });

    test('/v1/generation?by=unit gives output positive and consumption negative, and leaves out what is in no sum', async () => {
      const answer = await ok(`/v1/generation?by=unit&${wide}`);
      const signs = duids.map((duid) => `('${duid}', ${signOf(duid)})`).join();
      await assertCells(answer, `SELECT settlementdate::VARCHAR AS t, duid AS id, s.sign * scadavalue + 0 AS v
        FROM scada5 JOIN (VALUES ${signs}) s(id, sign) ON s.id = duid WHERE s.sign <> 0 AND ${inWide}`, duids.filter(signOf));
      const table = tableOf(answer);
      assert.equal(table.PUMP1['2025-08-21 00:05:00'] < 0, true);
      assert.equal(Object.values(table.HPR1).some((v) => v < 0) && Object.values(table.HPR1).some((v) => v > 0), true);
      assert.equal(Object.values(table.HPRL1).every((v) => v === null || v <= 0), true, 'the charging half of a battery');
      assert.equal('DG_NSW1' in table || 'RT_VIC1' in table || 'DRXNDA01' in table, false);
      assert.equal(answer.data.series.every((series) => series.unit === 'MW'), true);
    });

    test('/v1/generation?by=total sums signs unit by unit: pumps and charging batteries are load', async () => {
      const answer = await ok(`/v1/generation?by=total&${wide}`);
      assert.deepEqual(answer.data.series.map((series) => [series.id, series.unit]), [['generation', 'MW'], ['load', 'MW']]);
      const sums = new Map();
      for (const row of expected.scada5) {
        const mw = signOf(row.duid) * row.scadavalue;
        if (!signOf(row.duid) || row.scadavalue === null) continue;
        const sum = sums.get(row.settlementdate) ?? { generation: 0, load: 0 };
        sum[mw > 0 ? 'generation' : 'load'] += Math.abs(mw);
        sums.set(row.settlementdate, sum);
      }
      let seen = 0;
      for (const [id, values] of Object.entries(tableOf(answer)))
        for (const [time, value] of Object.entries(values)) {
          const sum = sums.get(time)?.[id];
          if (sum === undefined) assert.equal(value, null, time);
          else assert.equal(Math.abs(value - sum) <= 1e-9 * Math.max(1, sum), true, `${id} ${time}: ${value}, not ${sum}`);
          seen += sum !== undefined;
        }
      assert.equal(seen, 2 * [...sums.keys()].filter((time) => time > '2025-08-20' && time <= '2025-08-22 00:00:00').length);
      assert.deepEqual((await ok(`/v1/generation?${wide}`)).data, answer.data, 'total is the default');
    });

    test('/v1/transmission has each measure, and where a positive flow goes', async () => {
      const measures = { meteredmwflow: 'MW', mwflow: 'MW', mwlosses: 'MW', exportlimit: 'MW', importlimit: 'MW', marginalvalue: '$/MWh' };
      for (const [measure, unit] of Object.entries(measures)) {
        const answer = await ok(`/v1/transmission?measure=${measure}&${wide}`);
        await assertCells(answer, `SELECT settlementdate::VARCHAR AS t, interconnectorid AS id, ${measure} AS v FROM transmission5 WHERE ${inWide}`, links);
        assert.equal(answer.data.series.every((series) => series.unit === unit && series.measure === measure), true);
      }
      const both = await ok(`/v1/transmission?measure=mwflow,exportlimit&${range}`);
      assert.deepEqual(both.data.series.map((series) => `${series.id} ${series.measure}`).sort(),
        links.flatMap((id) => [`${id} exportlimit`, `${id} mwflow`]).sort());
      const ends = Object.fromEntries(both.data.series.map((series) => [series.id, `${series.from}>${series.to}`]));
      assert.deepEqual(ends, { 'N-Q-MNSP1': 'NSW1>QLD1', 'NSW1-QLD1': 'NSW1>QLD1', 'T-V-MNSP1': 'TAS1>VIC1', 'V-S-MNSP1': 'VIC1>SA1', 'V-SA': 'VIC1>SA1', 'VIC1-NSW1': 'VIC1>NSW1' });
      assert.deepEqual((await ok(`/v1/transmission?${range}`)).data.series.map((series) => series.measure), links.map(() => 'meteredmwflow'));
    });

    test('a range is (from, to], in whatever form its ends are written', async () => {
      const times = async (query) => (await ok(`/v1/prices?${query}`)).data.time;
      const hour = steps('2025-08-20 12:05', '2025-08-20 12:20');
      for (const [from, to] of [
        ['2025-08-20T12:00', '2025-08-20T12:20'],
        ['2025-08-20T12:00:00', '2025-08-20T12:20:00'],
        ['2025-08-20%2012:00', '2025-08-20%2012:20'],
        ['2025-08-20T02:00:00Z', '2025-08-20T02:20:00Z'],
        ['2025-08-20T12:00:00%2B10:00', '2025-08-20T12:20:00%2B10:00'],
        ['2025-08-20T12:00:00+10:00', '2025-08-20T12:20:00+10:00'],
        ['2025-08-20T13:00:00+11:00', '2025-08-19T20:20:00-06:00'],
        ['2025-08-20T12:00:00.000Z'.replace('12', '02'), '2025-08-20T02:20:00.000Z'],
      ]) assert.deepEqual(await times(`from=${from}&to=${to}`), hour, `${from} ${to}`);
      assert.deepEqual(await times('from=2025-08-20&to=2025-08-21'), steps('2025-08-20 00:05', '2025-08-21 00:00'), 'a day ends with its 00:00');
      assert.deepEqual(await times('from=2025-08-20T12:02&to=2025-08-20T12:13'), steps('2025-08-20 12:05', '2025-08-20 12:10'), 'off the grid');
      assert.deepEqual(await times('from=2025-08-20T12:00&to=2025-08-20T12:00'), [], 'an empty range');
      assert.deepEqual(await times(''), steps('2025-08-20 00:35', '2025-08-21 00:30'), 'the 24 hours up to the latest');
      assert.deepEqual(await times('to=2025-08-20T12:00'), steps('2025-08-19 12:05', '2025-08-20 12:00'));
      assert.deepEqual((await ok('/v1/prices?from=9999-12-30&to=9999-12-31')).data.time.length, 288);
      assert.deepEqual((await ok('/v1/prices?from=1969-12-31&to=1970-01-01')).data.time.at(-1), -36000);
      const nothing = await ok('/v1/prices?from=2024-01-01&to=2024-01-02');
      assert.equal(nothing.data.time.length, 288);
      for (const series of nothing.data.series) assert.equal(series.values.every((v) => v === null), true);
    });
  });

  describe('what the API says of itself', () => {
    test('docs/api.md, /v1/docs and /v1/openapi.json name the same routes and parameters', async () => {
      const { openapi, paths } = (await serve.get('/v1/openapi.json')).json;
      assert.equal(openapi, '3.1.0');
      const text = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
      const page = await serve.get('/v1/docs');
      assert.match(page.headers['content-type'], /^text\/html/);
      assert.doesNotMatch(String(page.body), /<script|http:|style=/);
      const inText = new Set([...text.matchAll(/^\|.*?\|/gm)].flatMap(([cell]) => [...cell.matchAll(/`(\/[^`?]*)/g)].map(([, path]) => path)));
      assert.deepEqual(Object.keys(paths).filter((path) => !inText.has(path)), [], 'docs/api.md lacks them');
      assert.deepEqual([...inText].filter((path) => !paths[path]), [], 'docs/api.md has them beyond the routes');
      for (const [path, { get, post }] of Object.entries(paths)) {
        const part = String(page.body).split(`<h3 id="${path}">`)[1]?.split('<h3')[0];
        assert.notEqual(part, undefined, path);
        const names = get ? get.parameters.map(({ name }) => name) : Object.keys(post.requestBody.content['application/json'].schema.properties);
        for (const name of names) {
          assert.match(part, new RegExp(`<code>${name}</code>`), `${path} ${name}`);
          assert.match(text, new RegExp(`\\b${name}\\b`), `docs/api.md: ${name}`);
        }
      }
      assert.equal((await serve.get('/v1/docs.css')).headers['content-type'], 'text/css; charset=utf-8');
    });

    test('the same numbers come as CSV', async () => {
      const json = await ok(`/v1/transmission?measure=mwflow,exportlimit&${range}`);
      const csv = await serve.get(`/v1/transmission?measure=mwflow,exportlimit&${range}&format=csv`);
      assert.match(csv.headers['content-type'], /^text\/csv/);
      const [head, ...lines] = String(csv.body).trimEnd().split('\n').map((line) => line.split(','));
      assert.deepEqual(head, ['settlementdate', ...json.data.series.map((series) => `${series.id}.${series.measure}`)]);
      assert.deepEqual(lines.map(([time]) => Date.parse(time) / 1000), json.data.time);
      json.data.series.forEach((series, k) =>
        assert.deepEqual(lines.map((line) => (line[k + 1] === '' ? null : Number(line[k + 1]))), series.values));
    });
  });

  describe('what the API refuses', () => {
    for (const [path, parameter] of [
      ['/v1/prices?from=yesterday', 'from'], ['/v1/prices?to=2025-02-30', 'to'], ['/v1/prices?from=2025-08-20T25:00', 'from'],
      ['/v1/prices?from=2025-08-20T12:00:00+1000x', 'from'], ['/v1/prices?from=', 'from'],
      ['/v1/prices?from=2025-08-21&to=2025-08-20', 'from'], ['/v1/prices?from=2015-07-01&to=2025-08-20', 'from'],
      ['/v1/prices?region=NSW2', 'region'], ['/v1/prices?region=NSW1,,SA1', 'region'], ['/v1/prices?region=', 'region'],
      ['/v1/prices?region=nsw1', 'region'], ['/v1/prices?resolution=7m', 'resolution'], ['/v1/prices?colour=red', 'colour'],
      ['/v1/prices?from=2025-08-20&from=2025-08-21', 'from'], ['/v1/prices?by=unit', 'by'], ['/v1/meta?region=NSW1', 'region'],
      ['/v1/generation?by=mood', 'by'], ['/v1/generation?by=unit&from=2025-08-01&to=2025-08-20', 'from'],
      ['/v1/transmission?measure=flow', 'measure'], ['/v1/demand?measure=mwflow', 'measure'],
      [`/v1/prices?region=${'NSW1,'.repeat(40)}SA1`, 'region'],
      ['/v1/prices?from=9999-12-31&to=2025-08-20', 'from'], ['/v1/prices?from=0000-01-01&to=0000-01-02', 'from'],
    ])
      test(`${path.slice(0, 60)} is 400 and names ${parameter}`, async () => {
        const answer = await serve.get(path);
        assert.equal(answer.status, 400, String(answer.body));
        assert.deepEqual(Object.keys(answer.json), ['error']);
        assert.deepEqual([answer.json.error.code, answer.json.error.parameter], ['bad_parameter', parameter]);
        assert.equal(answer.json.error.message.length > 5, true);
      });

    test('a page that is not there is 404', async () => {
      for (const path of ['/v1/nothing', '/v1/prices/', '/v2/prices', '/etc/passwd', '/v1']) {
        const answer = await serve.get(path);
        assert.deepEqual([answer.status, answer.json?.error.code], [404, 'not_found'], path);
      }
    });

    test('methods other than GET and HEAD are 405 and say what is allowed', async () => {
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
        const answer = await serve.get('/v1/prices', { method });
        assert.deepEqual([answer.status, answer.json?.error.code], [405, 'method_not_allowed'], method);
        assert.match(answer.headers.allow, method === 'POST' ? /^GET, HEAD$/ : /GET, HEAD/, method);
      }
    });

    test('a bad escape is 400', async () => {
      const answer = await serve.get('/v1/prices?from=%zz');
      assert.equal(answer.status, 400);
      assert.equal(typeof answer.json.error.code, 'string');
    });
  });

  describe('how the API answers', () => {
    /* The grid may still be looked at when the first answers come, and a tag is of it. */
    const tagIsKnown = (path, tagOf) => until(`304 of ${path}`, async () => {
      const first = await serve.get(path);
      assert.match(first.headers.etag, /^(W\/)?"[^"]+"$/);
      const again = await serve.get(path, { headers: { 'If-None-Match': tagOf(first.headers.etag) } });
      if (again.status === 200 && again.headers.etag !== first.headers.etag) return false;
      assert.deepEqual([again.status, again.body.length, again.headers.etag], [304, 0, first.headers.etag]);
      return true;
    });

    test('with an ETag, and 304 without a body to who knows it', async () => {
      for (const path of ['/v1/meta', '/v1/gauges/today', `/v1/prices?${range}`, `/v1/generation?by=unit&${range}`, `/v1/prices/stats?${range}&format=csv`]) {
        for (const tagOf of [(tag) => tag, (tag) => `"other", ${tag}`, () => '*']) await tagIsKnown(path, tagOf);
        assert.equal((await serve.get(path, { headers: { 'If-None-Match': '"other"' } })).status, 200);
      }
    });

    test('whose ETag is of what was asked, however that is written', async () => {
      const tag = async (path) => (await serve.get(path)).headers.etag;
      const path = '/v1/prices?region=NSW1,SA1&from=2025-08-20T23:30&to=2025-08-21T00:30';
      await until('one tag', async () => await tag(path) === await tag('/v1/prices?to=2025-08-20T14%3A30Z&from=2025-08-20T23:30%2B10:00&region=NSW1%2CSA1&format=json'));
      const others = [path.replace('00:30', '00:25'), path.replace('SA1', 'VIC1'), path.replace('NSW1,', ''), `${path}&format=csv`, `${path}&smooth=mean:1h`, path.replace('prices', 'demand')];
      const tags = new Set([await tag(path)]);
      for (const other of others) tags.add(await tag(other));
      assert.equal(tags.size, others.length + 1);
      const [, hash] = (await tag(path)).match(/"(.*)-/);
      assert.equal((await serve.get(path.replace('prices?', 'prices?bad=1&'), { headers: { 'If-None-Match': `"${hash}-1"` } })).status, 400);
    });

    test('gzipped when the client takes that and the body is over 1 KB', async () => {
      const path = `/v1/prices?${wide}`;
      const plain = await serve.get(path);
      assert.equal(plain.headers['content-encoding'], undefined);
      const packed = await serve.get(path, { headers: { 'Accept-Encoding': 'br, gzip' } });
      assert.equal(packed.headers['content-encoding'], 'gzip');
      assert.equal(packed.body.length < plain.body.length / 3, true);
      assert.deepEqual(gunzipSync(packed.body), plain.body);
      assert.equal((await serve.get(path, { headers: { 'Accept-Encoding': 'gzip;q=0' } })).headers['content-encoding'], undefined);
      assert.equal((await serve.get('/health', { headers: { 'Accept-Encoding': 'gzip' } })).headers['content-encoding'], undefined);
    });

    test('HEAD like GET, without the body', async () => {
      const path = `/v1/prices?${range}`;
      const [get, head] = [await serve.get(path), await serve.get(path, { method: 'HEAD' })];
      assert.deepEqual([head.status, head.body.length], [200, 0]);
      for (const name of ['content-length', 'content-type', 'etag']) assert.equal(head.headers[name], get.headers[name], name);
    });

    test('/health as long as it lives, and the dashboard at /', async () => {
      assert.deepEqual((await serve.get('/health')).json, { status: 'ok' });
      const page = await serve.get('/');
      assert.equal(page.status, 200);
      assert.match(page.headers['content-type'], /^text\/html/);
      assert.match(String(page.body), /<!doctype html>/i);
    });

    test('a hundred at once alike', async () => {
      const path = `/v1/generation?by=unit&${range}`;
      const one = await serve.get(path);
      const many = await Promise.all(Array.from({ length: 100 }, () => serve.get(path)));
      for (const answer of many) assert.deepEqual([answer.status, answer.body.equals(one.body)], [200, true]);
    });
  });

  describe('a store that grows under the server', () => {
    test('says which answers lack what another program put there, until the grid has it', { skip: !existsSync('/usr/bin/flock') }, async (t) => {
      const { nemweb, data: store, serve: own } = await serving(t);
      const ask = async (query) => (await own.get(`/v1/prices?region=NSW1&${query}`)).json;
      const [inside, outside] = ['from=2025-08-20T23:30&to=2025-08-21T00:00', 'from=2025-08-21T00:00&to=2025-08-21T00:30'];
      const isWhole = async () => (await ask(inside)).meta.complete && (await ask(outside)).meta.complete;
      await until('a whole grid', isWhole);
      const before = (await ask(inside)).data.series[0].values;
      /* as long as the lock is held, the grid stays as it is */
      const lock = start(t, ['-c', 'exec 9>>"$0"; flock 9; echo held; exec sleep 80', join(store, 'lock')], { command: '/bin/sh' });
      await lock.saw(/held/);
      const folder = join(store, 'prices5/2025');
      const made = await start(null, ['-c', `"${program}" query --data "${store}" --format parquet "SELECT * REPLACE (rrp + 1 AS rrp) FROM prices5 WHERE settlementdate > '2025-08-20' AND settlementdate <= '2025-08-21'" > "${folder}/other" && mv "${folder}/other" "${folder}/2025-08-20.parquet"`], { command: '/bin/sh' }).ended;
      assert.equal(made.status, 0, made.stderr);
      await until('an answer that lacks something', async () => (await ask(inside)).meta.complete === false);
      assert.equal((await ask(outside)).meta.complete, true);
      assert.deepEqual((await ask(inside)).data.series[0].values, before);
      await lock.stop('SIGKILL');
      nemweb.put(dispatch(at('2025-08-21 00:35'))); /* after a commit the grid is looked through */
      assert.equal((await collectOnce(nemweb.url, store)).status, 0);
      await until('the grid to have it', isWhole);
      assert.deepEqual((await ask(inside)).data.series[0].values, before.map((value) => value === null ? null : value + 1));
    });

    test('is seen without a restart: new intervals, revised values, another year', async (t) => {
      const { nemweb, data: store, serve: own } = await serving(t);
      const last = async () => (await own.get('/v1/prices?from=2025-08-21T00:25')).json;
      const meta = await own.get('/v1/meta');
      assert.equal((await collectOnce(nemweb.url, store)).status, 0);
      assert.equal((await own.get('/v1/meta', { headers: { 'If-None-Match': meta.headers.etag } })).status, 304, 'nothing new');
      assert.equal((await last()).meta.latest, unix('2025-08-21 00:30'));

      const { etag: tag } = (await own.get('/v1/prices?from=2025-08-21T00:25')).headers;
      const time = at('2025-08-21 00:35');
      for (const file of [dispatch(time, { rrp: { NSW1: '77.7' } }), scada(time)]) nemweb.put(file);
      assert.equal((await collectOnce(nemweb.url, store)).status, 0);
      assert.equal((await own.get('/v1/meta', { headers: { 'If-None-Match': meta.headers.etag } })).status, 200);
      const changed = await own.get('/v1/prices?from=2025-08-21T00:25', { headers: { 'If-None-Match': tag } });
      assert.deepEqual([changed.status, changed.headers.etag === tag], [200, false]);
      const grown = await last();
      assert.deepEqual([grown.meta.latest, grown.data.time.at(-1)], [unix('2025-08-21 00:35'), unix('2025-08-21 00:35')]);
      assert.equal(grown.data.series.find((series) => series.id === 'NSW1').values.at(-1), 77.7);

      nemweb.put(dispatch(time, { rrp: { NSW1: '78.8' }, change: 60, serial: 3 }));
      assert.equal((await collectOnce(nemweb.url, store)).status, 0);
      assert.equal((await last()).data.series.find((series) => series.id === 'NSW1').values.at(-1), 78.8);

      const year = at('2026-01-01 00:05');
      nemweb.put(dispatch(year));
      assert.equal((await collectOnce(nemweb.url, store)).status, 0);
      assert.equal((await own.get('/v1/meta')).json.data.datasets[0].latest, unix('2026-01-01 00:05'));
    });

    test('is served whole while a collector writes to it', async (t) => {
      const nemweb = await Nemweb.start(t, tree.slice(0, 1));
      const store = folderFor(t);
      assert.equal((await collectOnce(nemweb.url, store)).status, 0);
      const own = await startServer(t, ['serve', '--data', store]);
      const run = start(t, ['collect', '--interval', '1', '--source', nemweb.url, '--data', store]);
      let latest = 0;
      let answers = 0;
      for (const time of intervals('2025-08-21 01:00', '2025-08-21 01:10')) {
        nemweb.put(dispatch(time));
        nemweb.put(scada(time));
        await until('the interval', async () => {
          const answer = await own.get('/v1/prices?from=2025-08-21T00:55&to=2025-08-21T01:10');
          const meta = await own.get('/v1/meta');
          assert.deepEqual([answer.status, meta.status], [200, 200]);
          answers++;
          assert.equal(answer.json.meta.latest >= latest, true, 'never back in time');
          latest = answer.json.meta.latest;
          return latest === (time - 10 * 3600000) / 1000;
        });
      }
      t.diagnostic(`${answers} answers while three intervals came in`);
      assert.equal((await run.stop()).status, 0);
    });

    test('from its very beginning: an empty store is served as one', async (t) => {
      const nemweb = await Nemweb.start(t);
      const store = folderFor(t);
      assert.equal((await collectOnce(nemweb.url, store)).status, 0);
      const begun = performance.now();
      const own = await startServer(t, ['serve', '--data', store]);
      for (const path of ['/v1/prices', '/v1/demand', '/v1/generation', '/v1/generation?by=unit', '/v1/transmission']) {
        const answer = await own.get(path);
        assert.equal(answer.status, 200, path);
        assert.equal(answer.json.meta.latest, null);
        assert.equal(answer.json.data.time.length, 288);
        for (const series of answer.json.data.series) assert.equal(series.values.every((v) => v === null), true);
      }
      t.diagnostic(`from nothing to five answers: ${(performance.now() - begun).toFixed(0)} ms`);
    });

    test('answers soon after its start', async (t) => {
      const begun = performance.now();
      const own = await startServer(t, ['serve', '--data', data]);
      const answer = await own.get(`/v1/prices?${wide}`);
      t.diagnostic(`start of serve to first answer: ${(performance.now() - begun).toFixed(0)} ms, the answer itself ${answer.ms.toFixed(1)} ms`);
      assert.equal(answer.status, 200);
      assert.equal((await nemd('serve', '--data', data, '--port', String(own.port))).status, 1, 'its port is taken');
    });
  });
});
