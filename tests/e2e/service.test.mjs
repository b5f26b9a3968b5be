/* nemd as a service: signals, kills, neighbours, and what the command line promises. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { at, dispatch, intervals, number, scada, smallTree, trading } from './support/market.mjs';
import { collectOnce, filesOf, folderFor, logLines, nemd, parquetOf, rowsOf, sleep, start, startServer, statusOf, until } from './support/nemd.mjs';
import { assertStore, expectedOf } from './support/rules.mjs';
import { Nemweb } from './support/server.mjs';

const tree = smallTree();
const expected = expectedOf(tree.map((file) => file.bytes));
const stopBound = 15000; /* 2 s are promised; a machine that is busy gets more */

async function undisturbed(t) {
  const nemweb = await Nemweb.start(t, tree);
  const data = folderFor(t);
  const end = await collectOnce(nemweb.url, data);
  assert.equal(end.status, 0, end.stderr);
  return { nemweb, data, parquet: parquetOf(data) };
}

/* How many files were collected, of a feed in several parts perhaps. */
const collected = (run) => logLines(run.stderr).filter((line) => line.msg === 'collected').reduce((sum, line) => sum + Number(line.files), 0);

const temporaries = (data) => filesOf(data).filter((path) => /tmp/i.test(path));

async function stopsWell(t, run, what, signal = 'SIGTERM') {
  const end = await run.stop(signal);
  t.diagnostic(`${what}: ${signal} ended it after ${end.ms} ms`);
  assert.equal(end.signal, null, `${what}: it ended by itself`);
  assert.equal(end.status, 0, `${what}: ${end.stderr}`);
  assert.equal(end.ms < stopBound, true, `${what}: ${end.ms} ms`);
}

describe('a collector in the foreground', { concurrency: 3 }, () => {
  test('has its pid file, logs where it is told, opens the log anew on SIGHUP, and ends clean', async (t) => {
    const nemweb = await Nemweb.start(t, tree);
    const folder = folderFor(t);
    const [data, pid, log] = ['store', 'nemd.pid', 'nemd.log'].map((name) => join(folder, name));
    const run = start(t, ['collect', '--interval', '1', '--source', nemweb.url, '--data', data, '--pid-file', pid, '--log-file', log]);
    await until('the pid file', () => existsSync(pid) && readFileSync(pid, 'utf8').endsWith('\n'));
    assert.equal(readFileSync(pid, 'utf8'), `${run.child.pid}\n`);
    await until('four feeds in the log', () => existsSync(log) && logLines(readFileSync(log, 'utf8')).filter((line) => line.msg === 'collected').length === 4);
    renameSync(log, `${log}.1`);
    const before = readFileSync(`${log}.1`, 'utf8');
    run.child.kill('SIGHUP');
    await until('a new log', () => existsSync(log));
    nemweb.put(scada(at('2025-08-21 00:35')));
    await until('a line in the new log', () => /msg=collected feed=dispatchscada files=1 /.test(readFileSync(log, 'utf8')));
    assert.equal(readFileSync(`${log}.1`, 'utf8'), before);
    await stopsWell(t, run, 'a collector at rest');
    assert.equal(run.stderr, '', 'nothing on standard error but what the log could not take');
    assert.equal(existsSync(pid), false);
  });

  test('refuses a second one with the same pid file, which stays', async (t) => {
    const nemweb = await Nemweb.start(t, tree);
    const folder = folderFor(t);
    const pid = join(folder, 'nemd.pid');
    const args = ['collect', '--interval', '1', '--source', nemweb.url, '--data', join(folder, 'store'), '--pid-file', pid];
    const run = start(t, args);
    await run.saw(/msg=collected/);
    const second = await nemd(...args);
    assert.equal(second.status, 1, second.stderr);
    assert.match(second.stderr, /^nemd collect: .*nemd\.pid.*running.*\n$/);
    assert.equal(existsSync(pid) && readFileSync(pid, 'utf8'), `${run.child.pid}\n`, 'the pid file of the one that runs');
    await stopsWell(t, run, 'the first');
  });

  test('ends at once in the middle of slow downloads, and loses nothing', async (t) => {
    const nemweb = await Nemweb.start(t, tree);
    const data = folderFor(t);
    nemweb.delay = 150;
    const run = start(t, ['collect', '--source', nemweb.url, '--data', data]);
    await until('a few files', () => nemweb.fetched.length > 10);
    await stopsWell(t, run, 'slow downloads');
    const asked = nemweb.fetched.length;
    assert.equal(asked < tree.length, true, 'it was in the middle');
    nemweb.delay = 0;
    assert.equal((await collectOnce(nemweb.url, data)).status, 0);
    await assertStore(data, expected);
    t.diagnostic(`${nemweb.fetched.length - tree.length} of ${asked} files had to be fetched again`);
    assert.equal(nemweb.fetched.length - tree.length <= 4, true, 'what had been fetched whole was stored');
  });

  test('ends at once when the server stalls, when it is told to come back later, and when nobody is there', async (t) => {
    const stalled = await Nemweb.start(t, tree.slice(0, 8).map((file) => ({ ...file, fault: { drip: 200 } })));
    const refusing = await Nemweb.start(t, tree.slice(0, 8).map((file) => ({ ...file, fault: { status: 429 } })));
    const gone = await Nemweb.start(t);
    await gone.close();
    for (const [what, nemweb, ready, signal] of [
      ['a stalled server', stalled, () => stalled.fetched.length >= 1, 'SIGTERM'],
      ['a server that refuses', refusing, () => refusing.fetched.length >= 1, 'SIGINT'],
      ['no server', gone, (run) => /will ask again/.test(run.stderr), 'SIGTERM'],
    ]) {
      const run = start(t, ['collect', '--source', nemweb.url, '--data', folderFor(t)], { env: { LOG_LEVEL: 'debug' } });
      await until(what, () => ready(run));
      await sleep(150);
      await stopsWell(t, run, what, signal);
    }
  });

  test('with --interval 1 has a new file in the store soon, and asks for unchanged pages only if they changed', async (t) => {
    const nemweb = await Nemweb.start(t, tree);
    nemweb.validators = true;
    const data = folderFor(t);
    const run = start(t, ['collect', '--interval', '1', '--source', nemweb.url, '--data', data]);
    await until('all files', () => collected(run) === tree.length);
    await until('an answer 304', () => nemweb.requests.some((r) => r.status === 304));
    const time = at('2025-08-21 00:35');
    const put = Date.now();
    nemweb.put(dispatch(time));
    await until('its rows', async () => (await rowsOf(data, "SELECT 1 FROM prices5 WHERE settlementdate = '2025-08-21 00:35'")).length === 5);
    t.diagnostic(`a new file was in the store ${Date.now() - put} ms after it was published`);
    assert.deepEqual([...new Set(nemweb.requests.filter((r) => r.path.endsWith('.zip') || /csv$/i.test(r.path)).map((r) => r.path))].length, nemweb.fetched.length,
      'no file is fetched twice');
    await stopsWell(t, run, 'a collector at work');
  });

  test('goes on with a feed whose DUPLICATE folder is gone', async (t) => {
    const nemweb = await Nemweb.start(t, tree);
    const data = folderFor(t);
    const run = start(t, ['collect', '--interval', '1', '--source', nemweb.url, '--data', data]);
    await until('all files', () => collected(run) === tree.length);
    for (const path of [...nemweb.files.keys()]) if (path.includes('/DUPLICATE/')) nemweb.files.delete(path);
    nemweb.put(scada(at('2025-08-21 00:35')));
    await until('the new file', () => /msg=collected feed=dispatchscada files=1 /.test(run.stderr));
    await stopsWell(t, run, 'a collector');
  });

  test('goes on by itself when a source that was away comes back, and says both once', async (t) => {
    const nemweb = await Nemweb.start(t, tree);
    const data = folderFor(t);
    const { port, url } = nemweb;
    await nemweb.close();
    const run = await startServer(t, ['run', '--interval', '1', '--source', url, '--data', data], { env: { LOG_LEVEL: 'debug' } });
    assert.equal((await run.get('/v1/meta')).status, 200, 'it serves while the source is away');
    const [empty] = (await run.get('/v1/meta')).json.data.datasets;
    assert.deepEqual([empty.name, empty.first, empty.latest, empty.stale], ['prices5', null, null, true]);
    await until('a second feed that fails', () => (run.stderr.match(/will ask again/g) ?? []).length >= 7, 40000);
    const said = () => logLines(run.stderr).filter((line) => /warn|error/.test(line.level));
    assert.equal(said().length, 1, run.stderr);
    assert.match(said()[0].msg, /can't be reached/);
    assert.equal(said()[0].source, url);
    await Nemweb.start(t, tree, port);
    await until('all files', () => collected(run) === tree.length, 60000);
    for (const d of (await run.get('/v1/meta')).json.data.datasets) assert.equal(d.latest !== null, expected[d.name].length > 0, d.name);
    assert.equal(logLines(run.stderr).filter((line) => /answers again/.test(line.msg)).length, 1, run.stderr);
    assert.equal(said().filter((line) => /reached|failed/.test(line.msg)).length, 1, run.stderr);
    await assertStore(data, expected);
    await stopsWell(t, run, 'run');
  });
});

describe('crashes and neighbours', { concurrency: 2 }, () => {
  test('twenty kills at any moment of a collect leave nothing that a last run does not put right', async (t) => {
    const { parquet } = await undisturbed(t);
    const nemweb = await Nemweb.start(t, tree);
    nemweb.delay = 4;
    let data = folderFor(t);
    let stores = 1;
    let left = 0;
    const whole = () => {
      assert.deepEqual(parquetOf(data), parquet);
      assert.deepEqual(temporaries(data), []);
    };
    for (let kill = 0; kill < 20;) {
      const run = start(t, ['collect', '--once', '--source', nemweb.url, '--data', data]);
      const wait = 15 + Number(number(`kill ${kill} of store ${stores}`, 0, 200));
      await Promise.race([sleep(wait), run.ended]);
      if (run.running) {
        await run.stop('SIGKILL');
        kill++;
        left += temporaries(data).length;
        if (existsSync(join(data, 'STORE'))) await statusOf(data); /* readable as it is */
        continue;
      }
      assert.equal((await run.ended).status, 0, run.stderr);
      whole();
      data = folderFor(t);
      stores++;
    }
    const end = await collectOnce(nemweb.url, data);
    assert.equal(end.status, 0, end.stderr);
    whole();
    await assertStore(data, expected);
    t.diagnostic(`20 kills over ${stores} stores, ${left} temporary files seen in between`);
  });

  test('what a killed writer left is no trouble to readers and is gone after the next writer, other files are not', async (t) => {
    const { nemweb, data, parquet } = await undisturbed(t);
    const left = ['prices5/2025/.2025-08-20.parquet.tmp', 'scada5/2024/.2024-02-29.parquet.tmp'];
    mkdirSync(join(data, 'scada5/2024'));
    for (const path of left) writeFileSync(join(data, path), 'PAR1 and no more');
    writeFileSync(join(data, 'scada5/2024/notes.txt'), 'of somebody');
    await assertStore(data, expected);
    assert.equal((await collectOnce(nemweb.url, data)).status, 0);
    assert.deepEqual(temporaries(data), []);
    assert.equal(existsSync(join(data, 'scada5/2024/notes.txt')), true);
    assert.deepEqual(parquetOf(data), parquet);
  });

  test('two collectors on one store at once, and readers beside them, do each other no harm', async (t) => {
    const { parquet } = await undisturbed(t);
    for (let round = 0; round < 4; round++) {
      const nemweb = await Nemweb.start(t, tree);
      nemweb.delay = 2;
      const data = folderFor(t);
      const both = [collectOnce(nemweb.url, data), collectOnce(nemweb.url, data)];
      let finished = false;
      const reading = (async () => {
        while (!finished) {
          if (existsSync(join(data, 'STORE'))) await rowsOf(data, 'SELECT count(*) AS n FROM prices5 JOIN scada5 USING (settlementdate)');
          await sleep(10);
        }
      })();
      for (const end of await Promise.all(both)) {
        assert.equal(end.status, 0, end.stderr);
        assert.deepEqual(logLines(end.stderr).filter((line) => line.level === 'error'), []);
      }
      finished = true;
      await reading;
      assert.deepEqual(parquetOf(data), parquet);
      assert.deepEqual(temporaries(data), []);
      const status = await statusOf(data);
      assert.equal(status.feeds.reduce((sum, feed) => sum + feed.done, 0), tree.length);
    }
  });

  test('eight that open a new store at the same moment all find one', async (t) => {
    const nemweb = await Nemweb.start(t, tree.slice(0, 4));
    for (let round = 0; round < 3; round++) {
      const data = folderFor(t);
      for (const end of await Promise.all(Array.from({ length: 8 }, () => collectOnce(nemweb.url, data))))
        assert.equal(end.status, 0, end.stderr);
    }
  });
});

describe('--test-mode', { concurrency: 2 }, () => {
  test('fetches and parses, and writes nothing: not even a folder', async (t) => {
    const nemweb = await Nemweb.start(t, tree);
    const folder = folderFor(t);
    const end = await nemd('collect', '--test-mode', '--source', nemweb.url, '--data', join(folder, 'store'));
    assert.equal(end.status, 0, end.stderr);
    assert.match(end.stdout, /Nothing was written/);
    assert.match(end.stdout, /dispatchscada +\d+ files listed, \d+ read, 0 failed, \d+ rows/);
    assert.equal(new Set(nemweb.fetched).size, tree.length);
    assert.deepEqual(filesOf(folder), []);
    assert.equal(existsSync(join(folder, 'store')), false);
    nemweb.put({ ...tree[0], bytes: Buffer.from('nothing of the kind') });
    assert.equal((await nemd('collect', '--test-mode', '--source', nemweb.url, '--data', join(folder, 'store'))).status, 3);
    assert.equal(existsSync(join(folder, 'store')), false);
  });

  test('leaves a store that is there as it is', async (t) => {
    const { nemweb, data } = await undisturbed(t);
    nemweb.put(dispatch(at('2025-08-21 00:35')));
    const look = () => filesOf(data).map((path) => [path, statSync(join(data, path)).mtimeNs, readFileSync(join(data, path)).toString('latin1')]);
    const before = look();
    assert.equal((await nemd('collect', '--test-mode', '--source', nemweb.url, '--data', data)).status, 0);
    assert.deepEqual(look().map(([path]) => path), before.map(([path]) => path));
    assert.deepEqual(look(), before);
  });
});

describe('the command line', { concurrency: 4 }, () => {
  const commands = ['run', 'collect', 'serve', 'query', 'status'];
  const oneLine = (end, status, pattern) => {
    assert.equal(end.status, status, `${end.stdout}${end.stderr}`);
    assert.match(end.stderr, pattern);
    assert.equal(end.stderr.split('\n').length, 2, `one line, not: ${end.stderr}`);
  };

  test('takes --data and --config before and behind the command, with a blank or with =', async (t) => {
    const { data, nemweb } = await undisturbed(t);
    const folder = folderFor(t);
    const config = join(folder, 'nemd.env');
    writeFileSync(config, `# a comment\nNEMD_DATA=${data}\nNEMD_SOURCE=${nemweb.url}\n`);
    const sql = 'SELECT count(*) AS n FROM prices5';
    for (const args of [
      ['--data', data, 'query', '--format', 'csv', sql], [`--data=${data}`, 'query', '--format=csv', sql],
      ['query', sql, '--data', data, '--format', 'csv'], ['query', `--data=${data}`, sql, '--format', 'csv'],
      ['--config', config, 'query', '--format', 'csv', sql], ['query', '--config', config, '--format', 'csv', sql],
    ]) {
      const end = await nemd(...args);
      assert.equal(end.status, 0, `${args.join(' ')}: ${end.stderr}`);
      assert.equal(end.stdout, `n\n${expected.prices5.length}\n`, args.join(' '));
    }
    const requests = nemweb.requests.length;
    assert.equal((await nemd('--config', config, 'collect', '--once')).status, 0);
    assert.equal(nemweb.requests.length > requests, true, 'the source of --config');
  });

  test('says where the dashboard is only when nothing is in its way', async (t) => {
    const env = { ALERT_WEBHOOK_URL: 'nonsense' };
    const end = await start(t, ['run', '--port', '0', '--source', folderFor(t), '--data', folderFor(t)], { env }).ended;
    oneLine(end, 2, /ALERT_WEBHOOK_URL is no http/);
    assert.equal(end.stdout, '');
  });

  test('puts flags over the environment over --config', async (t) => {
    const { data } = await undisturbed(t);
    const folder = folderFor(t);
    const config = join(folder, 'nemd.env');
    const ask = (env, ...args) => start(t, ['status', '--json', ...args], { env }).ended;
    writeFileSync(config, `NEMD_DATA=${folder}/none\n`);
    assert.equal((await ask({}, '--config', config)).status, 2);
    assert.equal((await ask({ NEMD_DATA: data }, '--config', config)).status, 3);
    assert.equal((await ask({ NEMD_DATA: join(folder, 'neither') }, '--data', data)).status, 3);
  });

  test('has help for every command, which names every option it takes', async () => {
    for (const command of commands) {
      const end = await nemd(command, '--help');
      assert.equal(end.status, 0, command);
      assert.equal(end.stderr, '');
      assert.match(end.stdout, new RegExp(`^nemd ${command} `));
      for (const option of ['--data DIR', '--config FILE', '--help']) assert.equal(end.stdout.includes(option), true, `${command} ${option}`);
    }
    const { stdout } = await nemd('collect', '--help');
    for (const option of ['--once', '--test-mode', '--source', '--interval', '--log-file', '--pid-file']) assert.equal(stdout.includes(option), true, option);
    for (const word of [[], ['--help'], ['help']]) {
      const end = await nemd(...word);
      assert.equal(end.status, word.length ? 0 : 2);
      for (const command of commands) assert.match(word.length ? end.stdout : end.stderr, new RegExp(`^ +${command} `, 'm'));
    }
    assert.match((await nemd('--version')).stdout, /^nemd \d+\.\d+\.\d+\n$/);
  });

  test('ends 2 with one line for what it does not understand', async (t) => {
    const folder = folderFor(t);
    for (const command of commands) {
      oneLine(await nemd(command, '--data', folder, '--colour'), 2, /--colour/);
      oneLine(await nemd(command, '--data'), 2, /--data/);
      oneLine(await nemd(command, '--help=yes'), 2, /--help/);
    }
    oneLine(await nemd('collekt'), 2, /collekt/);
    oneLine(await nemd('collect', '--interval', 'soon', '--data', folder), 2, /soon/);
    oneLine(await nemd('collect', '--interval', '-1', '--data', folder), 2, /-1/);
    oneLine(await nemd('collect', 'everything', '--data', folder), 2, /everything/);
    oneLine(await nemd('collect', '--once', '--source', join(folder, 'nowhere'), '--data', join(folder, 'store')), 2, /nowhere/);
    oneLine(await nemd('collect', '--once', '--source', 'ftp://127.0.0.1/', '--data', join(folder, 'store')), 2, /ftp/);
    oneLine(await nemd('query', '--data', folder), 2, /SQL/);
    oneLine(await nemd('query', '--data', folder, 'SELECT 1', 'SELECT 2'), 2, /SQL/);
    oneLine(await nemd('query', '--data', folder, '--format', 'xml', 'SELECT 1'), 2, /xml/);
    oneLine(await nemd('query', '--data', folder, 'SELECT 1'), 2, /no store/);
    oneLine(await nemd('serve', '--data', folder, '--port', '0'), 2, /no store/);
    oneLine(await nemd('status', '--config', join(folder, 'none.env')), 1, /none\.env/);
    oneLine(await start(t, ['collect', '--once', '--data', folder], { env: { LOG_LEVEL: 'loud' } }).ended, 2, /LOG_LEVEL.*loud/);
    assert.deepEqual(filesOf(folder), []);
  });

  test('ends 2 with one line for SQL that is wrong, and for a port that is none', async (t) => {
    const { data } = await undisturbed(t);
    oneLine(await nemd('serve', '--data', data, '--port', '65536'), 2, /65536/);
    for (const format of ['table', 'csv', 'json'])
      for (const sql of ['SELEKT 1', 'SELECT nothing FROM prices5', 'SELECT * FROM prices6'])
        oneLine(await nemd('query', '--data', data, '--format', format, sql), 2, /SELEKT|nothing|prices6/);
  });

  test('ends 1 with one line for what goes wrong around it', async (t) => {
    const { data } = await undisturbed(t);
    const folder = folderFor(t);
    writeFileSync(join(folder, 'file'), 'a file');
    const nemweb = await Nemweb.start(t, tree.slice(0, 1));
    oneLine(await nemd('collect', '--once', '--source', nemweb.url, '--data', join(folder, 'file', 'store')), 1, /file/);
    oneLine(await nemd('collect', '--once', '--source', nemweb.url, '--data', join(folder, 'store'), '--log-file', join(folder, 'none', 'log')), 1, /none\/log/);
    oneLine(await nemd('collect', '--once', '--source', nemweb.url, '--data', join(folder, 'store'), '--pid-file', join(folder, 'none', 'pid')), 1, /none\/pid/);
    const taken = createServer().listen(0, '127.0.0.1');
    t.after(() => taken.close());
    await until('a port', () => taken.address());
    oneLine(await nemd('serve', '--data', data, '--port', String(taken.address().port)), 1, new RegExp(String(taken.address().port)));
  });

  test('refuses a folder that holds other things, and leaves them alone', async (t) => {
    const folder = folderFor(t);
    mkdirSync(join(folder, 'photos'));
    writeFileSync(join(folder, 'photos', 'a.jpg'), 'not a photo');
    const nemweb = await Nemweb.start(t, tree.slice(0, 1));
    oneLine(await nemd('collect', '--once', '--source', nemweb.url, '--data', folder), 2, /no nemd store.*photos/);
    assert.deepEqual(filesOf(folder), ['photos/a.jpg']);
  });

  test('sends the User-Agent that it is given', async (t) => {
    const nemweb = await Nemweb.start(t, tree.slice(0, 2));
    const run = start(t, ['collect', '--once', '--source', nemweb.url, '--data', folderFor(t)], { env: { USER_AGENT: 'desk 7 (somebody@example.org)' } });
    assert.equal((await run.ended).status, 0);
    assert.deepEqual([...new Set(nemweb.requests.map((r) => r.headers['user-agent']))], ['desk 7 (somebody@example.org)']);
  });

  test('writes a table, CSV, JSON and Parquet', async (t) => {
    const { data } = await undisturbed(t);
    const sql = "SELECT regionid, rrp FROM prices5 WHERE settlementdate = '2025-08-20 23:50' ORDER BY regionid LIMIT 2;";
    const ask = async (format) => (await nemd('query', '--data', data, '--format', format, sql)).stdout;
    assert.match(await ask('table'), /regionid[^\n]*rrp[\s\S]*NSW1[^\n]*-1000/);
    assert.equal(await ask('csv'), 'regionid,rrp\nNSW1,-1000.0\nQLD1,17500.0\n');
    assert.deepEqual(JSON.parse(await ask('json')), [{ regionid: 'NSW1', rrp: -1000 }, { regionid: 'QLD1', rrp: 17500 }]);
    assert.match(await ask('parquet'), /^PAR1[\s\S]*PAR1$/);
  });
});

test('serve ends at once, with a client that keeps its connection', async (t) => {
  const { data } = await undisturbed(t);
  const run = await startServer(t, ['serve', '--data', data]);
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  await new Promise((done, failed) => get({ port: run.port, path: '/v1/prices', agent }, (response) => response.resume().on('end', done)).on('error', failed));
  await stopsWell(t, run, 'serve');
});

test('sixty files of one feed are stored newest first, so that the price of now is soon there', async (t) => {
  const files = [...intervals('2025-08-20 00:05', '2025-08-20 12:00')].map((time) => trading(time));
  const nemweb = await Nemweb.start(t, files);
  const data = folderFor(t);
  assert.equal((await collectOnce(nemweb.url, data)).status, 0);
  const names = nemweb.fetched.map((path) => path.split('/').at(-1));
  const late = new Set(files.slice(-64).map((file) => file.name));
  assert.equal(names.slice(0, 64).every((name) => late.has(name)), true);
  assert.equal((await rowsOf(data, 'SELECT count(*) AS n FROM prices5'))[0].n, files.length * 5);
});
