/* Every parameter of every route, as the program itself documents them. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { smallTree } from './support/market.mjs';
import { collectOnce, folderFor, startServer } from './support/nemd.mjs';
import { faultOf } from './support/schema.mjs';
import { Nemweb } from './support/server.mjs';

/* Values of a parameter that its schema allows, each with the text that says so in a query. */
function validOf({ schema, example }) {
  const { type, items, enum: choices, minimum, maximum, default: fallback } = schema;
  if (type === 'array') {
    const all = items.enum ?? example ?? ['BW01'];
    return [...all, all.slice(0, schema.maxItems).join(','), ...(schema.maxItems > 1 ? [[all[0], all[0]].join(',')] : []), ...(example ? [example.join(',')] : [])];
  }
  if (choices) return choices;
  if (type === 'integer' || type === 'number') return [minimum, maximum, fallback ?? minimum].map(String);
  return [example ?? 'BW01'];
}

/* Values that it doesn't. */
function invalidOf({ schema }) {
  const { type, items, enum: choices, minimum, maximum } = schema;
  if (type === 'array') {
    const one = items.enum?.[0] ?? 'a';
    return ['', ',', `${one},`, `,${one}`, '%07', Array(schema.maxItems + 1).fill(one).join(','), ...(items.enum ? ['nonsense', `${one},nonsense`] : [])];
  }
  if (choices) return ['', 'nonsense', `${choices[0]}%20`, choices[0].toUpperCase() + 'x', choices.slice(0, 2).join(',')];
  if (type === 'integer' || type === 'number') return ['', 'nonsense', String(minimum - 1), String(maximum + 1), '1e999', '0x10', 'NaN'];
  return ['', '%07', 'a'.repeat(900), ...(schema.pattern?.includes('1,100') ? [] : ['nonsense', '2025-13-01', '99999999999999999999'])];
}

describe('the OpenAPI document', () => {
  const shared = { hooks: [], after(work) { this.hooks.push(work); } };
  let serve;
  let document;
  before(async () => {
    const nemweb = await Nemweb.start(shared, smallTree());
    const data = folderFor(shared);
    assert.equal((await collectOnce(nemweb.url, data)).status, 0);
    serve = await startServer(shared, ['serve', '--data', data], { ms: 600000 });
    document = (await serve.get('/v1/openapi.json')).json;
  });
  after(async () => {
    for (const work of shared.hooks) await work();
  });

  const requiredOf = (get) => Object.fromEntries(get.parameters.filter((p) => p.required).map((p) => [p.name, validOf(p)[0]]));
  const queryOf = (values) => Object.entries(values).map(([name, value]) => `${name}=${value.replaceAll(' ', '%20')}`).join('&');

  /* Holds an answer against what is documented for its status. */
  function check(path, get, answer) {
    const response = get.responses[answer.status] ?? get.responses.default;
    const type = answer.headers['content-type'].split(';')[0];
    const content = response.content[type] ?? (get.responses[200].content['text/csv'] && type === 'application/vnd.apache.parquet' ? {} : undefined);
    assert.notEqual(content, undefined, `${path}: ${answer.status} ${type} is not documented`);
    if (!content.schema) return;
    const fault = faultOf(answer.json, content.schema, document);
    assert.equal(fault, null, `${path}: ${fault}`);
  }

  test('has the form that its readers need', () => {
    assert.equal(document.openapi, '3.1.0');
    assert.match(document.info.version, /^\d+\.\d+/);
    assert.equal(Object.keys(document.paths).length >= 10, true);
    for (const [path, { get: asked, post, ...rest }] of Object.entries(document.paths)) {
      assert.deepEqual(Object.keys(rest), [], path);
      assert.equal(Boolean(asked) !== Boolean(post), true, path);
      const get = asked ?? post;
      assert.equal(get.summary.length > 3 && get.tags.length === 1, true, path);
      const names = get.parameters.map((p) => p.name);
      assert.equal(new Set(names).size, names.length, path);
      for (const p of get.parameters) {
        assert.deepEqual([p.in, typeof p.required, p.description.length > 3], ['query', 'boolean', true], `${path} ${p.name}`);
        for (const value of [p.schema.default, p.example].filter((v) => v !== undefined))
          assert.equal(faultOf(value, p.schema, document), null, `${path} ${p.name}`);
      }
      for (const { content } of Object.values(get.responses)) assert.equal(typeof content, 'object');
    }
  });

  test('and about what is posted', async () => {
    let posted = 0;
    for (const [path, { post }] of Object.entries(document.paths)) {
      if (!post) continue;
      assert.deepEqual(post.parameters, [], path);
      const { schema } = post.requestBody.content['application/json'];
      const valid = Object.fromEntries(Object.entries(schema.properties).map(([name, p]) => [name, p.examples?.[0] ?? p.default ?? p.minimum]));
      assert.equal(faultOf(valid, schema, document), null, path);
      const refused = async (body, parameter, code = 'bad_parameter') => {
        const answer = await serve.post(path, body);
        assert.deepEqual([answer.status, answer.json?.error.code, answer.json?.error.parameter], [400, code, parameter], `${path} ${JSON.stringify(body)}`);
        assert.equal(faultOf(answer.json, post.responses[400].content['application/json'].schema, document), null);
      };
      for (const [name, p] of Object.entries(schema.properties)) {
        await refused({ ...valid, [name]: p.type === 'integer' ? '1' : 1 }, name);
        await refused({ ...valid, [name]: p.type === 'integer' ? p.maximum + 1 : 'a'.repeat(900) }, name);
        await refused(`${JSON.stringify(valid).slice(0, -1)},"${name}":${JSON.stringify(valid[name])}}`, name);
        if (!schema.required.includes(name)) continue;
        const { [name]: _, ...without } = valid;
        await refused(without, name);
      }
      await refused({ ...valid, colour: 'red' }, 'colour');
      for (const body of ['', '{', '[]', 'null', '{"a":{}}', '{"a":[1]}', '{"a":true}', '{"a":"b"}x', '{"a":"\\ud800"}', '{"a":01}'])
        await refused(body, undefined, 'bad_body');
      const answer = await serve.post(path, valid);
      assert.equal([200, 400, 404].includes(answer.status), true, `${path}: ${answer.status}`);
      const response = post.responses[answer.status] ?? post.responses.default;
      assert.equal(faultOf(answer.json, response.content['application/json'].schema, document), null, path);
      assert.equal((await serve.post(`${path}?a=b`, valid)).json.error.parameter, 'a');
      assert.equal((await serve.post(path, valid, { 'Content-Type': 'text/plain' })).status, 415);
      assert.equal((await serve.post(path, valid, { Origin: 'http://evil.example' })).status, 403);
      const got = await serve.get(path);
      assert.deepEqual([got.status, got.headers.allow], [405, 'POST'], path);
      posted++;
    }
    assert.ok(posted >= 2);
  });

  test('tells the truth about every parameter of every route', async (t) => {
    let valid = 0;
    let invalid = 0;
    for (const [path, { get }] of Object.entries(document.paths)) {
      if (!get || get.responses[200].content['text/event-stream']) continue;
      const needed = requiredOf(get);
      check(path, get, await serve.get(`${path}?${queryOf(needed)}`));
      for (const p of get.parameters) {
        /* a name need not be there, nor go with the defaults of the others: then one of them is at fault */
        const free = /1,100/.test(p.schema.pattern ?? p.schema.items?.pattern ?? '');
        const names = get.parameters.map((one) => one.name);
        /* a begin in the past may be too far from the end that it has without `to` */
        const beside = p.name === 'from' && names.includes('to') ? { ...needed, to: '2025-08-21' } : needed;
        for (const value of validOf(p)) {
          const target = `${path}?${queryOf({ ...beside, [p.name]: value })}`;
          const answer = await serve.get(target);
          if (p.name === 'cursor') assert.equal(answer.json?.error.parameter, 'cursor', target);
          else if (free && answer.status !== 200) assert.equal(names.includes(answer.json?.error.parameter), true, target);
          else assert.equal(answer.status, 200, `${target}: ${answer.body.subarray(0, 300)}`);
          check(target, get, answer);
          valid++;
        }
        for (const value of invalidOf(p)) {
          const target = `${path}?${queryOf({ ...needed, [p.name]: value })}`;
          const answer = await serve.get(target);
          assert.deepEqual([answer.status, answer.json?.error.code, answer.json?.error.parameter], [400, 'bad_parameter', p.name], target.slice(0, 200));
          assert.match(answer.json.error.message, /^must /, target.slice(0, 200));
          check(target, get, answer);
          invalid++;
        }
        const twice = await serve.get(`${path}?${queryOf({ ...needed, [p.name]: validOf(p)[0] })}&${queryOf({ [p.name]: validOf(p)[0] })}`);
        assert.deepEqual([twice.status, twice.json?.error.parameter], [400, p.name], `${path}: ${p.name} twice`);
        if (p.required) {
          const without = await serve.get(path);
          assert.deepEqual([without.status, without.json?.error.parameter], [400, p.name], `${path} without ${p.name}`);
        }
      }
      const unknown = await serve.get(`${path}?${queryOf({ ...needed, colour: 'red' })}`);
      assert.deepEqual([unknown.status, unknown.json?.error.parameter], [400, 'colour'], path);
      check(path, get, unknown.status === 400 && !get.responses[400] ? { ...unknown, status: 'default' } : unknown);
    }
    t.diagnostic(`${valid} valid values, ${invalid} invalid ones`);
  });

  test('and about its event stream', async () => {
    for (const [path, { get }] of Object.entries(document.paths)) {
      if (!get?.responses[200].content['text/event-stream']) continue;
      const type = await new Promise((done, failed) => {
        const asked = request({ host: '127.0.0.1', port: serve.port, path, agent: false }, (response) => {
          done(response.headers['content-type']);
          response.destroy();
        });
        asked.on('error', failed);
        asked.end();
      });
      assert.equal(type, 'text/event-stream', path);
    }
  });

  test('whatever is asked together, the answer has its form', async (t) => {
    let seed = 5;
    const pick = (list) => list[((seed = (seed * 1103515245 + 12345) % 2147483648) >> 8) % list.length];
    const counts = {};
    for (let i = 0; i < 300; i++) {
      const [path, { get }] = pick(Object.entries(document.paths).filter(([, { get: g }]) => g?.parameters.length));
      const values = requiredOf(get);
      for (const p of get.parameters) if (pick([true, false])) values[p.name] = pick([...validOf(p), ...validOf(p), pick(invalidOf(p))]);
      if (values.format === 'parquet' && i % 5) values.format = 'csv';
      const answer = await serve.get(`${path}?${queryOf(values)}`);
      assert.equal([200, 400, 404].includes(answer.status), true, `${path}?${queryOf(values).slice(0, 500)}: ${answer.status}`);
      check(`${path}?${queryOf(values)}`, get, answer);
      counts[answer.status] = (counts[answer.status] ?? 0) + 1;
    }
    t.diagnostic(JSON.stringify(counts));
    assert.equal(counts[200] > 50, true);
  });
});
