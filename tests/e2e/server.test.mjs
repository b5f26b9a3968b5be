/* The server under clients of every kind: live events, exports, tokens, and what an attacker or a
 * bad line sends. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { at, dispatch, scada, smallTree } from './support/market.mjs';
import { collectOnce, folderFor, nemd, program, rowsOf, sleep, start, startServer, until } from './support/nemd.mjs';
import { Nemweb } from './support/server.mjs';
import { dial, listen, say } from './support/wire.mjs';

const unix = (text) => (at(text) - 10 * 3600000) / 1000;
const tree = smallTree();

/* {rss: bytes, cpu: seconds} of a process, where the system has /proc. */
const usage = (pid) => ({
  rss: Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]) * 1024,
  cpu: readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13).reduce((sum, ticks) => sum + Number(ticks) / 100, 0),
});
const hasProc = existsSync('/proc/self/status');

describe('the server', () => {
  const shared = { hooks: [], after(work) { this.hooks.push(work); } };
  let nemweb;
  let data;
  let serve;
  before(async () => {
    nemweb = await Nemweb.start(shared, tree);
    data = folderFor(shared);
    assert.equal((await collectOnce(nemweb.url, data)).status, 0);
    serve = await startServer(shared, ['serve', '--data', data], { ms: 600000 });
  });
  after(async () => {
    for (const work of shared.hooks) await work();
  });
  const alive = async (server = serve) => assert.equal((await server.get('/v1/prices')).status, 200);

  describe('its live events', () => {
    test('tell the state, then each change by another process; a client that comes back gets what it missed', async (t) => {
      const source = await Nemweb.start(t, tree);
      const store = folderFor(t);
      assert.equal((await collectOnce(source.url, store)).status, 0);
      const own = await startServer(t, ['serve', '--data', store], { env: { EVENTS_HEARTBEAT: '1' } });
      const first = listen(t, own.port);
      await first.saw('prices5', (e) => e.event === 'interval' && e.data.dataset === 'prices5' && e.data.latest === unix('2025-08-21 00:30'));
      await first.saw('stale', (e) => e.event === 'stale' && e.data.dataset === 'prices5' && e.data.stale === true);
      assert.match(first.response.headers['content-type'], /^text\/event-stream/);
      await until('two heartbeats', () => first.heartbeats >= 2);

      const commit = async (text) => {
        source.put(dispatch(at(text)));
        assert.equal((await collectOnce(source.url, store)).status, 0);
      };
      const isPrice = (text) => (e) => e.event === 'interval' && e.data.dataset === 'prices5' && e.data.latest === unix(text);
      await commit('2025-08-21 00:35');
      const { id } = await first.saw('00:35', isPrice('2025-08-21 00:35'));
      await until('the other datasets', () => first.events.some((e) => e.event === 'interval' && e.data.dataset === 'regions5' && e.data.latest === unix('2025-08-21 00:35')));
      const last = first.events.at(-1).id;
      first.close();
      await commit('2025-08-21 00:40');
      const again = listen(t, own.port, { 'Last-Event-ID': last });
      await again.saw('00:40', isPrice('2025-08-21 00:40'));
      const numberOf = (one) => Number(one.split('-')[1]);
      assert.deepEqual(again.events.map((e) => numberOf(e.id)), again.events.map((_, i) => numberOf(last) + 1 + i));

      for (const lost of ['', 'nonsense', '1-5', `${id.split('-')[0]}-99999999`, id.replace(/.$/, 'x')]) {
        const other = listen(t, own.port, { 'Last-Event-ID': lost });
        await other.saw('the state', isPrice('2025-08-21 00:40'));
        await other.saw('of all', (e) => e.event === 'interval' && e.data.dataset === 'scada5');
        other.close();
      }
      assert.equal((await own.stop()).status, 0);
      await until('the end of the stream', () => again.closed);
    });

    test('come at once when the collector is in the same process', async (t) => {
      const source = await Nemweb.start(t, tree.slice(0, 1));
      const store = folderFor(t);
      const run = await startServer(t, ['run', '--interval', '1', '--source', source.url, '--data', store]);
      const client = listen(t, run.port);
      source.put(dispatch(at('2025-08-21 01:00')));
      source.put(scada(at('2025-08-21 01:00')));
      for (const name of ['prices5', 'scada5'])
        await client.saw(name, (e) => e.event === 'interval' && e.data.dataset === name && e.data.latest === unix('2025-08-21 01:00'));
      assert.equal((await run.stop()).status, 0);
    });

    test('HEAD of them ends, and the connection goes on', async (t) => {
      const client = dial(t, serve.port);
      client.write('HEAD /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\nGET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await client.saw(/event-stream[\s\S]*\r\n\r\nHTTP\/1\.1 200[\s\S]*\{"status":"ok"\}/);
    });
  });

  describe('its exports', () => {
    const fetchCsv = async (query) => {
      const answer = await serve.get(`/v1/export?${query}`);
      assert.equal(answer.status, 200, String(answer.body));
      const [head, ...lines] = String(answer.body).trimEnd().split('\n');
      return { answer, head, lines };
    };

    test('have the rows that the store has', async () => {
      const { answer, head, lines } = await fetchCsv('dataset=prices5&from=2025-08-20T23:30&to=2025-08-21T00:15');
      assert.match(answer.headers['content-disposition'], /attachment; filename="nemd-prices5\.csv"/);
      assert.equal(head, 'settlementdate,regionid,rrp,source,lastchanged');
      const rows = await rowsOf(data, "SELECT settlementdate::VARCHAR t, regionid id, rrp FROM prices5 WHERE settlementdate > '2025-08-20 23:30' AND settlementdate <= '2025-08-21 00:15'");
      const wanted = rows.map((row) => `${row.t},${row.id},${row.rrp}`).sort();
      const got = lines.map((line) => line.split(',')).map(([t, id, rrp]) => `${t},${id},${Number(rrp)}`).sort();
      assert.deepEqual(got, wanted);
      assert.equal(wanted.length > 20, true);
      assert.equal((await fetchCsv('dataset=scada5')).lines.length, (await rowsOf(data, 'SELECT count(*)::INTEGER n FROM scada5'))[0].n);
      assert.equal((await fetchCsv('dataset=prices5&from=2001-01-01&to=2001-02-01')).lines.length, 0);
      assert.equal((await fetchCsv('dataset=units')).head.startsWith('duid,'), true);
    });

    test('and answers as Parquet, can be read by others', async (t) => {
      const folder = folderFor(t);
      for (const [path, sql] of [
        ['/v1/export?dataset=fcas5&format=parquet', 'FROM fcas5'],
        ['/v1/prices?from=2025-08-20&to=2025-08-22&format=parquet',
          "FROM (FROM (SELECT settlementdate, regionid, rrp FROM prices5 WHERE settlementdate > '2025-08-20' AND settlementdate <= '2025-08-22') PIVOT (first(rrp) FOR regionid IN ('NSW1', 'QLD1', 'SA1', 'TAS1', 'VIC1') GROUP BY settlementdate))"],
      ]) {
        const answer = await serve.get(path);
        assert.equal(answer.headers['content-type'], 'application/vnd.apache.parquet', String(answer.body).slice(0, 300));
        const file = join(folder, 'answer.parquet');
        writeFileSync(file, answer.body);
        const ours = `FROM read_parquet('${file}') ${path.includes('prices') ? 'WHERE NSW1 IS NOT NULL OR SA1 IS NOT NULL OR QLD1 IS NOT NULL OR TAS1 IS NOT NULL OR VIC1 IS NOT NULL' : ''}`;
        const [{ lost, extra, n }] = await rowsOf(data, `SELECT (SELECT count(*) FROM (${sql} EXCEPT ${ours}))::INTEGER lost, (SELECT count(*) FROM (${ours} EXCEPT ${sql}))::INTEGER extra, (SELECT count(*) FROM (${ours}))::INTEGER n`);
        assert.deepEqual([lost, extra, n > 5], [0, 0, true], path);
      }
    });

    test('and rows out of Parquet are answered by the worker as whole as by a loop', async () => {
      const path = '/v1/provenance?dataset=prices5';
      const plain = await serve.get(path);
      assert.deepEqual([plain.status, plain.headers['content-length'], plain.json.data.rows.length > 0],
        [200, String(plain.body.length), true]);
      assert.match(plain.headers['server-timing'], /answer;dur=/);
      const known = await serve.get(path, { headers: { 'If-None-Match': plain.headers.etag } });
      assert.deepEqual([known.status, known.body.length, known.headers.etag], [304, 0, plain.headers.etag]);
      const head = await serve.get(path, { method: 'HEAD' });
      assert.deepEqual([head.status, head.headers['content-length'], head.headers.etag, head.body.length],
        [200, plain.headers['content-length'], plain.headers.etag, 0]);
      const gaps = await serve.get('/v1/status/gaps?limit=10000', { headers: { 'Accept-Encoding': 'gzip' } });
      assert.deepEqual([gaps.status, gaps.headers['content-encoding']], [200, 'gzip']);
      for (const method of ['GET', 'HEAD']) {
        const file = await serve.get(`${path}&format=parquet`, { method });
        assert.deepEqual([file.status, file.headers['content-type'], String(file.body.subarray(0, 4))],
          [200, 'application/vnd.apache.parquet', method === 'GET' ? 'PAR1' : '']);
      }
      const counted = String((await serve.get('/metrics')).body);
      assert.match(counted, /nemd_http_requests_total\{[^}]*\/v1\/provenance[^}]*\} [1-9]/);
    });

    /* A store with a month of rows that is 50 MB as CSV. */
    let large;
    const largeStore = async () => {
      if (large) return large;
      const store = folderFor(shared);
      assert.equal((await collectOnce(nemweb.url, store)).status, 0);
      mkdirSync(join(store, 'scada5/2024'), { recursive: true });
      const sql = "SELECT TIMESTAMP '2024-01-01' + INTERVAL 5 MINUTE * (1 + i % 8928) AS settlementdate, 'UNIT' || lpad((i // 8928)::VARCHAR, 3, '0') AS duid, (hash(i) % 100000) / 100.0 AS scadavalue, TIMESTAMP '2024-01-01' AS lastchanged FROM range(8928 * 100) r(i)";
      const end = await start(null, ['-c', `"${program}" query --data "${store}" --format parquet "${sql}" > "${store}/scada5/2024/2024-01.parquet"`], { command: '/bin/sh' }).ended;
      assert.equal(end.status, 0, end.stderr);
      return (large = store);
    };

    test('need no memory that grows with them, wait for one another, and give way when their clients leave', { timeout: 120000 }, async (t) => {
      const own = await startServer(t, ['serve', '--data', await largeStore()]);
      await alive(own);
      const ask = () => new Promise((done, failed) => {
        const asked = request({ host: '127.0.0.1', port: own.port, path: '/v1/export?dataset=scada5', agent: false }, done);
        asked.on('error', failed);
        asked.end();
        asked.on('response', (response) => response.pause().on('error', () => {}));
      });
      const before = hasProc && usage(own.child.pid).rss;
      const slow = await ask();
      /* it takes a little now and then: who takes nothing for long is dropped */
      const sips = setInterval(() => slow.read(), 1000);
      t.after(() => clearInterval(sips));
      assert.equal(slow.headers['content-type'].startsWith('text/csv'), true);
      const waiting = Array.from({ length: 8 }, () => ask().catch(() => null));
      await until('all places taken', async () => /nemd_exports 9/.test(String((await own.get('/metrics')).body)));
      for (const path of ['/v1/export?dataset=prices5', '/v1/prices?format=parquet']) {
        const refused = await own.get(path);
        assert.deepEqual([refused.status, refused.json.error.code, Number(refused.headers['retry-after']) > 0], [503, 'busy', true], path);
      }
      /* nobody else waits for them */
      assert.equal((await own.get('/v1/provenance')).status, 200);
      assert.equal((await own.get('/v1/provenance?at=never')).status, 400);
      assert.equal((await own.get('/v1/prices')).status, 200);
      await alive(own);
      if (hasProc) {
        const grown = usage(own.child.pid).rss - before;
        t.diagnostic(`memory of an export that isn't read: ${(grown / 1e6).toFixed(0)} MB`);
        assert.equal(grown < (process.env.NEMD?.includes('asan') ? 700e6 : 150e6), true, `${grown} bytes`);
      }
      /* who waits leaves; the one that is slow then reads on to the end */
      clearInterval(sips);
      let bytes = 0;
      let peak = 0;
      slow.on('data', (chunk) => {
        bytes += chunk.length;
        if (hasProc && bytes % 7 === 0) peak = Math.max(peak, usage(own.child.pid).rss);
      });
      slow.resume();
      await new Promise((done) => slow.on('end', done));
      assert.equal(slow.complete, true);
      assert.equal(bytes > 40e6, true, `${bytes} bytes`);
      const rest = await Promise.all(waiting.slice(0, 1));
      for (const one of rest) one?.destroy();
      t.diagnostic(`${(bytes / 1e6).toFixed(0)} MB sent`);
      own.child.kill('SIGTERM'); /* with seven of them still waiting */
      assert.equal((await own.ended).status, 0);
    });

    test('and long answers are turned away while eight wait for the worker, until there is room again', { skip: !existsSync('/usr/bin/flock') }, async (t) => {
      const own = await startServer(t, ['serve', '--data', await largeStore()]);
      await alive(own);
      const load = async () => Number(String((await own.get('/metrics')).body).match(/^nemd_long_answers (\d+)$/m)[1]);
      /* as long as others may not read files, the worker waits for its turn */
      const lock = start(t, ['-c', 'exec 9>>"$0"; flock 9; echo held; exec sleep 600', join(await largeStore(), 'lock.read')], { command: '/bin/sh' });
      await lock.saw(/held/);
      const asked = []; /* some are turned away while the first is still one of those that wait */
      await until('one at work and eight that wait', async () => {
        const missing = 9 - (await load());
        for (let i = 0; i < missing; i++) asked.push(own.get('/v1/status/gaps?days=1'));
        return missing === 0;
      });
      const year = 'from=2024-01-01&to=2024-12-31';
      for (const path of ['/v1/status/gaps', '/v1/provenance', '/v1/constraints', `/v1/evening?${year}`]) {
        const refused = await own.get(path);
        assert.deepEqual([refused.status, refused.json.error.code, Number(refused.headers['retry-after']) > 0], [503, 'busy', true], path);
      }
      /* nobody else waits for them */
      await alive(own);
      assert.equal((await own.get('/v1/status/gaps?days=never')).status, 400);
      assert.equal((await own.get('/v1/evening?from=2024-01-01&to=2024-01-31')).status, 200);
      await lock.stop('SIGKILL');
      const answers = await Promise.all(asked);
      assert.equal(answers.filter(({ status }) => status === 200).length >= 8, true, String(answers.map(({ status }) => status)));
      await until('an idle worker', async () => (await load()) === 0);
      for (const path of ['/v1/status/gaps?days=1', '/v1/provenance', `/v1/evening?${year}`, '/v1/export?dataset=prices5']) assert.equal((await own.get(path)).status, 200, path);
    });

    test('are abandoned when their client goes', async (t) => {
      const own = await startServer(t, ['serve', '--data', await largeStore()]);
      for (let i = 0; i < 12; i++) { /* so are questions that the worker has */
        const client = dial(t, own.port);
        client.write('GET /v1/provenance?dataset=scada5&at=2024-01-15T12:00 HTTP/1.1\r\nHost: localhost\r\n\r\n');
        client.socket.destroySoon();
      }
      const idle = async () => /nemd_exports 0\n[^]*nemd_long_answers 0\n/.test(String((await own.get('/metrics')).body));
      await until('the worker has nothing left', idle);
      for (let i = 0; i < 12; i++) { /* more than there are places */
        const client = dial(t, own.port);
        client.write('GET /v1/export?dataset=scada5 HTTP/1.1\r\nHost: localhost\r\n\r\n');
        await client.saw(/settlementdate/);
        client.socket.destroy();
      }
      await until('all of them gone', idle);
      assert.equal((await own.get('/v1/export?dataset=prices5')).status, 200);
    });
  });

  describe('who it lets in', () => {
    const ask = async (host, path = '/health') => Number((await say(shared, serve.port, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).match(/^HTTP\/1\.1 (\d+)/)?.[1]);

    test('goes by names of this machine only, so that no page from elsewhere can rebind its own', async (t) => {
      for (const host of ['localhost', 'LOCALHOST:1234', '127.0.0.1', '127.8.9.1:80', '[::1]', '[::1]:5006', 'localhost.'])
        assert.equal(await ask(host), 200, host);
      for (const host of ['evil.example', 'evil.example:5006', '127.0.0.1.evil.example', 'localhost.evil.example', '192.168.1.5', '[::2]', '[::1', '[::1]x', '', '127.0.0.1@evil', '2130706433'])
        assert.equal([400, 421].includes(await ask(host)), true, host);
      assert.equal(await ask('evil.example', '/'), 421);
      const named = await startServer(t, ['serve', '--data', data, '--allow-host', 'nem.example, other.example']);
      for (const [host, status] of [['nem.example:5006', 200], ['NEM.example', 200], ['other.example', 200], ['third.example', 421], ['localhost', 200]])
        assert.match(await say(t, named.port, `GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`), new RegExp(`^HTTP/1.1 ${status}`), host);
    });

    test('takes no POST from a page of somebody else', async () => {
      const post = async (headers) => (await serve.get('/v1/prices', { method: 'POST', headers })).status;
      for (const headers of [{ Origin: 'http://evil.example' }, { Origin: 'null' }, { Origin: `http://127.0.0.1:${serve.port + 1}` }, { 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }])
        assert.equal(await post(headers), 403, JSON.stringify(headers));
      for (const headers of [{}, { Origin: `http://127.0.0.1:${serve.port}` }, { 'Sec-Fetch-Site': 'same-origin' }])
        assert.equal(await post(headers), 405, JSON.stringify(headers));
    });

    test('beyond loopback, needs tokens or --open', async (t) => {
      const end = await nemd('serve', '--data', data, '--host', '0.0.0.0', '--port', '0');
      assert.equal(end.status, 2);
      assert.match(end.stderr, /--tokens.*--open/);
      const open = start(t, ['serve', '--data', data, '--host', '0.0.0.0', '--port', '0', '--open']);
      const [, port] = await open.saw(/Dashboard: http:\/\/0\.0\.0\.0:(\d+)/);
      assert.match(open.stderr, /level=warn msg="OPEN: everybody/);
      assert.match(await say(t, Number(port), 'GET /health HTTP/1.1\r\nHost: 192.168.1.5\r\nConnection: close\r\n\r\n'), /^HTTP\/1.1 200/);
      const post = 'POST /v1/alerts/mute HTTP/1.1\r\nHost: 192.168.1.5\r\nContent-Type: application/json\r\nContent-Length: 14\r\nConnection: close\r\n\r\n{"until":"2h"}';
      assert.match(await say(t, Number(port), post), /^HTTP\/1.1 403[^]*read_only/); /* to look, not to touch */
      assert.match(await say(t, Number(port), 'GET /health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'), /^HTTP\/1.1 421/);
    });

    test('asks for a token where there are any, and counts what each asks', async (t) => {
      const folder = folderFor(t);
      const file = join(folder, 'tokens');
      const secret = 'correct-horse-battery-staple';
      const hashed = 'another-secret-of-somebody';
      writeFileSync(file, `# who\nalice ${secret}\nbob sha256:${createHash('sha256').update(hashed).digest('hex')}\n`);
      chmodSync(file, 0o644);
      const refused = await nemd('serve', '--data', data, '--port', '0', '--tokens', file);
      assert.deepEqual([refused.status, /chmod 600/.test(refused.stderr)], [2, true], refused.stderr);
      chmodSync(file, 0o600);
      const own = await startServer(t, ['serve', '--data', data, '--tokens', file], { env: { TOKEN_RATE: '60' } });
      const get = (authorization, path = '/v1/meta') => own.get(path, { headers: authorization ? { Authorization: authorization } : {} });
      for (const wrong of [undefined, 'Bearer nonsense', `Bearer ${secret}x`, `Bearer ${secret.slice(1)}`, 'Bearer ', 'Basic !!!', `Basic ${btoa('alice:wrong')}`, secret]) {
        const answer = await get(wrong);
        assert.deepEqual([answer.status, answer.json.error.code], [401, 'token_needed'], wrong);
        assert.match(answer.headers['www-authenticate'], /Bearer realm="nemd", Basic/);
      }
      assert.equal((await get(undefined, '/')).status, 401);
      assert.equal((await get(undefined, '/health')).status, 200);
      assert.equal((await get(`bearer ${hashed}`)).status, 200);
      assert.equal((await get(`Basic ${btoa(`alice:${secret}`)}`)).status, 200);
      let answer;
      for (let i = 0; i < 40 && answer?.status !== 429; i++) answer = await get(`Bearer ${secret}`);
      assert.deepEqual([answer.status, answer.json.error.code], [429, 'too_many_requests']);
      assert.equal(Number(answer.headers['retry-after']) >= 1 && Number(answer.headers['retry-after']) <= 5, true);
      assert.equal((await get(`Bearer ${hashed}`)).status, 200, 'one token waits, the other not');
      await until('another place', async () => (await get(`Bearer ${secret}`)).status === 200, 15000);
      const end = await own.stop();
      assert.equal((end.stdout + end.stderr).includes(secret), false);
    });
  });

  describe('what it stands', () => {
    test('paths that lead out, however they are written', async (t) => {
      for (const path of ['/../etc/passwd', '/..%2f..%2fetc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/assets/../../etc/passwd', '//etc/passwd', '/%2fetc%2fpasswd', '/..\\..\\etc\\passwd', '/.%00./', '/STORE', '/prices5/2025/2025-08-20.parquet', 'http://localhost/etc/passwd']) {
        const text = await say(t, serve.port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
        assert.match(text, /^HTTP\/1\.1 (400|404) /, path);
        assert.equal(/root:|format=/.test(text), false, path);
      }
      await alive();
    });

    test('URLs of 10 MB, endless headers, half requests', async (t) => {
      const url = dial(t, serve.port);
      url.write(`GET /${'a'.repeat(10 << 20)} HTTP/1.1\r\n`);
      assert.equal(await url.status(), 414);
      const head = dial(t, serve.port);
      head.write('GET / HTTP/1.1\r\n');
      for (let i = 0; i < 2000; i++) head.write(`X-${i}: ${'b'.repeat(1000)}\r\n`);
      assert.equal(await head.status(), 431);
      assert.match(await say(t, serve.port, `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${64 * 1024 + 1}\r\n\r\n`), /^HTTP\/1\.1 413/);
      const halves = Array.from({ length: 200 }, (_, i) => {
        const client = dial(t, serve.port);
        client.write('GET /v1/prices HTTP/1.1\r\nHost: localhost\r\n'.slice(0, 1 + i % 45));
        return client;
      });
      await alive();
      halves.forEach((client, i) => i % 2 && client.socket.destroy());
      await alive();
    });

    test('every answer says how it may be used', async () => {
      for (const path of ['/', '/v1/meta', '/v1/docs', '/v1/docs.css', '/v1/openapi.json', '/nowhere', '/health', '/metrics', '/v1/prices?from=x', '/v1/export?dataset=prices5', '/v1/prices?format=csv']) {
        const { headers } = await serve.get(path);
        assert.equal(headers['x-content-type-options'], 'nosniff', path);
        assert.equal(headers['referrer-policy'], 'no-referrer', path);
        assert.match(headers['content-security-policy'], /default-src 'none'.*frame-ancestors 'none'/, path);
        assert.doesNotMatch(headers['content-security-policy'], /script-src[^;]*unsafe|\*/, path);
      }
    });

    test('thousands of idle connections', async (t) => {
      const clients = Array.from({ length: 3000 }, () => dial(t, serve.port));
      await Promise.all(clients.map((client) => client.connected));
      const [, open] = String((await serve.get('/metrics')).body).match(/nemd_http_connections (\d+)/);
      t.diagnostic(`${open} connections`);
      assert.equal(Number(open) > 1000, true);
      const begun = performance.now();
      await alive();
      t.diagnostic(`an answer beside them: ${(performance.now() - begun).toFixed(1)} ms`);
      for (const client of clients) client.socket.destroy();
      await until('none left', async () => Number(String((await serve.get('/metrics')).body).match(/nemd_http_connections (\d+)/)[1]) < 10);
    });

    test('more connections than descriptors', async (t) => {
      const few = start(t, ['-c', `ulimit -n 90; exec "${program}" serve --port 0 --data "${data}"`], { command: '/bin/sh' });
      const [, port] = await few.saw(/Dashboard: http:\/\/127\.0\.0\.1:(\d+)/);
      const clients = Array.from({ length: 200 }, () => dial(t, Number(port)));
      await Promise.all(clients.map((client) => client.connected));
      await until('some to be turned away', () => clients.some((client) => client.closed || /^HTTP\/1\.1 503/.test(client.text)));
      assert.equal(few.running, true, few.stderr);
      if (hasProc) {
        const begun = usage(few.child.pid).cpu;
        await sleep(1000);
        assert.equal(usage(few.child.pid).cpu - begun < 0.5, true, 'it rests');
      }
      assert.equal(few.running, true);
      for (const client of clients) client.socket.destroy();
      await until('an answer', async () => /^HTTP\/1\.1 200/.test(await say(t, Number(port), 'GET /v1/prices HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')));
      assert.equal((await few.stop()).status, 0);
    });

    test('an end in order: what runs is finished, what idles is closed', async (t) => {
      const own = await startServer(t, ['serve', '--data', data]);
      const idle = dial(t, own.port);
      idle.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await idle.saw(/ok/);
      const events = listen(t, own.port);
      await events.saw('any', () => true);
      const half = dial(t, own.port);
      half.write('GET /health HT');
      await sleep(100);
      const stopped = own.stop();
      await idle.ended;
      await sleep(100);
      half.write('TP/1.1\r\nHost: localhost\r\n\r\n');
      await half.saw(/HTTP\/1\.1 200[\s\S]*Connection: close[\s\S]*ok/);
      const end = await stopped;
      assert.equal(end.status, 0);
      assert.equal(end.ms < 4000, true, `${end.ms} ms`);
      await until('the end of the events', () => events.closed);
    });
  });

  test('its numbers for Prometheus are well formed and true', async () => {
    const before = String((await serve.get('/metrics')).body);
    for (let i = 0; i < 3; i++) await serve.get('/v1/demand');
    await serve.get('/v1/demand?from=x');
    const text = String((await serve.get('/metrics')).body);
    for (const line of text.trimEnd().split('\n'))
      assert.match(line, /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9.e+-]+)$/);
    const value = (of, name) => Number(of.split('\n').find((line) => line.startsWith(`${name} `))?.split(' ')[1] ?? 0);
    const rise = (name) => value(text, name) - value(before, name);
    assert.equal(rise('nemd_http_requests_total{route="/v1/demand",status="200"}'), 3);
    assert.equal(rise('nemd_http_requests_total{route="/v1/demand",status="400"}'), 1);
    assert.equal(rise('nemd_http_request_seconds_count{route="/v1/demand"}'), 4);
    assert.equal(value(text, 'nemd_dataset_latest_timestamp_seconds{dataset="prices5"}'), unix('2025-08-21 00:30'));
    assert.equal(value(text, 'process_resident_memory_bytes') > 1e6, true);
  });
});
