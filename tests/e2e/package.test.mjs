/* nemd as others get it: Debian's package, installed into a root that is thrown away; behind nginx. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { at, dispatch, scada } from './support/market.mjs';
import { collectOnce, folderFor, program, start, startServer, until } from './support/nemd.mjs';
import { Nemweb } from './support/server.mjs';

const here = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const run = (command, args, options) => spawnSync(command, args, { encoding: 'utf8', ...options });

/* What an administrator does, in that order; lines `= NAME: …` are looked at. */
const story = (source, signal, data) => `
say() { printf '= %s\\n' "$*"; }
export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
dpkg --no-triggers -i ${data}/nemd_*.deb
say "owner: $(stat -c '%U:%G %a' /var/lib/nemd)"
say "version: $(nemd --version)"
say "enabled: $(readlink /etc/systemd/system/multi-user.target.wants/nemd.service)"
say "verify: $(dpkg --verify nemd)"
line=$(sed -n 's/^ExecStart=//p' /usr/lib/systemd/system/nemd.service)
say "line: $line"
echo DASHBOARD_PORT=0 >>/etc/nemd/nemd.env
eval exec setpriv --reuid=nemd --regid=nemd --clear-groups env NEMD_SOURCE=${source} $line &
service=$!
while [ ! -e ${signal} ]; do sleep 0.1; done
kill $service
wait $service
say "stopped: $?"
say "rows: $(nemd query --data /var/lib/nemd --format csv 'select count(*) from prices5' | tail -1)"
dpkg --no-triggers -r nemd
say "removed: $(ls /usr/bin/nemd /usr/lib/nemd /usr/share/man/man1/nemd.1.gz 2>/dev/null | wc -l)"
say "kept: $(ls /etc/nemd/nemd.env /var/lib/nemd/STORE | wc -l)"
dpkg --no-triggers -P nemd
say "purged: $(ls -d /etc/nemd 2>/dev/null | wc -l) $(ls /var/lib/nemd/STORE) $(getent passwd nemd | cut -d: -f1)"
rm -r /var/lib/nemd && mkdir /var/lib/nemd
dpkg --no-triggers -i ${data}/nemd_*.deb >/dev/null
dpkg --no-triggers -P nemd
say "gone: $(ls -d /var/lib/nemd 2>/dev/null | wc -l) $(getent passwd nemd | wc -l)"
`;

test('Debian\'s package is installed, runs, is removed and purged, and leaves the store', async (t) => {
  const build = dirname(program);
  if (!existsSync(join(build, 'completion.bash'))) return t.skip('this tree isn\'t one to install from');
  for (const tool of ['dpkg-deb', 'dpkg-shlibdeps', 'unshare', 'setpriv'])
    if (run(tool, ['--version']).error) return t.skip(`there is no ${tool}`);
  const folder = folderFor(t);
  const made = run('sh', [here('packaging/deb.sh'), build, folder], { env: { ...process.env, DEB_COMPRESSION: '-Znone' } });
  assert.equal(made.status, 0, made.stderr);
  const control = run('dpkg-deb', ['-f', made.stdout.trim()]).stdout;
  assert.match(control, /^Depends: .*libc6 .*libcurl.*adduser, ca-certificates$/m);
  assert.doesNotMatch(control, /@[A-Z]+@/);
  if (process.getuid() !== 0 || run('unshare', ['-m', 'true']).status !== 0)
    return t.skip('made; only root can install it, in a mount namespace of its own');
  const nemweb = await Nemweb.start(t, [dispatch(at('2025-08-21 00:05')), scada(at('2025-08-21 00:05'))]);
  const [signal, script] = ['stop', 'story.sh'].map((name) => join(folder, name));
  writeFileSync(script, story(nemweb.url, signal, folder));
  const admin = start(t, ['-m', 'sh', here('tests/e2e/support/throwaway.sh'), folder, script], { command: 'unshare', ms: 240000 });
  await Promise.race([admin.ended, admin.saw(/Dashboard: http:\/\/127\.0\.0\.1:\d+/, 120000)]);
  await Promise.race([admin.ended, admin.saw(/msg=collected feed=dispatchis/, 60000)]);
  writeFileSync(signal, '');
  const end = await admin.ended;
  assert.equal(end.status, 0, end.stdout + end.stderr);
  const said = Object.fromEntries([...end.stdout.matchAll(/^= (\w+): ?(.*)$/gm)].map(([, name, text]) => [name, text]));
  assert.deepEqual(said, {
    owner: 'nemd:nemd 755',
    version: run(program, ['--version']).stdout.trim(),
    enabled: '/usr/lib/systemd/system/nemd.service',
    verify: '',
    line: '"/usr/bin/nemd" run --data "/var/lib/nemd" --config "/etc/nemd/nemd.env"',
    stopped: '0',
    rows: '5',
    removed: '0',
    kept: '2',
    purged: '0 /var/lib/nemd/STORE nemd',
    gone: '0 0',
  });
  assert.match(end.stderr, /the store \/var\/lib\/nemd stays/);
});

test('a formula for Homebrew has what set-up installs there, and the sum of its source', (t) => {
  const folder = folderFor(t);
  const source = join(folder, 'source.tar.gz');
  writeFileSync(source, 'a release');
  const made = run('sh', [here('packaging/homebrew.sh'), 'https://nem.example/', 'https://nem.example/nemd.tar.gz', source]);
  assert.equal(made.status, 0, made.stderr);
  assert.ok(made.stdout.includes(`sha256 "${createHash('sha256').update('a release').digest('hex')}"`));
  assert.doesNotMatch(made.stdout, /@[A-Z0-9]+@/);
  const [, wanted] = readFileSync(here('setup/setup.sh'), 'utf8').match(/for formula in (.*) \$brew_formulae/);
  const depends = [...made.stdout.matchAll(/depends_on "(.*?)"/g)].map(([, name]) => name);
  assert.deepEqual(depends.sort(), [...wanted.split(' '), 'duckdb'].sort());
  if (run('ruby', ['--version']).error) return;
  assert.equal(run('ruby', ['-c'], { input: made.stdout }).stderr, '');
});

test('settings that a package brings are settings that there are', () => {
  const known = readFileSync(here('docs/configuration.md'), 'utf8');
  const keys = [...readFileSync(here('packaging/nemd.env'), 'utf8').matchAll(/^#?([A-Z_]+)=/gm)].map(([, key]) => key);
  assert.ok(keys.length >= 8);
  for (const key of keys) assert.ok(known.includes(`| \`${key}\``), key);
});

const nginx = [here('.deps/nginx/usr/sbin/nginx'), '/usr/sbin/nginx', '/opt/homebrew/bin/nginx', '/usr/local/bin/nginx'].find(existsSync);

/* The example as a server of its own, on sockets in [folder], before the dashboard at [port]. */
function configure(folder, port) {
  const put = (name, text) => (writeFileSync(join(folder, name), text), join(folder, name));
  const made = run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=nem.example.com',
    '-keyout', join(folder, 'key'), '-out', join(folder, 'certificate')]);
  assert.equal(made.status, 0, made.stderr);
  const users = put('users', `anna:${run('openssl', ['passwd', '-apr1', 'secret']).stdout}`);
  const example = readFileSync(here('packaging/nginx.conf'), 'utf8').replace(/^ *#.*$/gm, '');
  const site = put('site', example.replace('127.0.0.1:5006', `127.0.0.1:${port}`).replace(/^.*listen \[::\].*$/gm, '')
    .replace('listen 80;', `listen unix:${folder}/http;`).replace('listen 443 ', `listen unix:${folder}/https `)
    .replace(/\/etc\/letsencrypt\S*fullchain.pem/, `${folder}/certificate`).replace(/\/etc\/letsencrypt\S*privkey.pem/, `${folder}/key`)
    .replace('/etc/nginx/nemd.users', users));
  for (const path of ['5006', 'letsencrypt', '/etc/']) assert.ok(!readFileSync(site, 'utf8').includes(path), path);
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`);
  return put('nginx.conf', `${process.getuid() === 0 ? 'user root;' : ''} daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr;
events {} http { access_log off; ${paths.join(' ')} include ${site}; }`);
}

test('nginx takes the example, asks for a password, and passes events on at once', async (t) => {
  if (!nginx) return t.skip('there is no nginx');
  const folder = folderFor(t);
  const nemweb = await Nemweb.start(t, [dispatch(at('2025-08-21 00:05'))]);
  const data = join(folder, 'store');
  assert.equal((await collectOnce(nemweb.url, data)).status, 0);
  const server = await startServer(t, ['serve', '--data', data, '--allow-host', 'nem.example.com'], { env: { EVENTS_HEARTBEAT: '1' } });
  const config = configure(folder, server.port);
  const checked = run(nginx, ['-e', 'stderr', '-t', '-c', config]);
  assert.equal(checked.status, 0, checked.stderr);
  assert.doesNotMatch(checked.stderr, /\[(warn|emerg|error)\]/);
  const proxy = start(t, ['-e', 'stderr', '-c', config], { command: nginx });
  await until('its socket', () => existsSync(join(folder, 'https')));
  const open = (path, auth) => new Promise((done, failed) => request({ socketPath: join(folder, 'https'), path, auth, agent: false,
    rejectUnauthorized: false, servername: 'nem.example.com', headers: { Host: 'nem.example.com' } }, done).on('error', failed).end());
  const ask = async (path, auth) => {
    const response = await open(path, auth);
    let body = '';
    for await (const chunk of response) body += chunk;
    return { status: response.statusCode, body };
  };
  await until('an answer', async () => (await ask('/health').catch(() => ({}))).status === 200);
  assert.equal((await ask('/')).status, 401);
  assert.equal((await ask('/', 'anna:wrong')).status, 401);
  assert.match((await ask('/', 'anna:secret')).body, /<!doctype html>/i);
  assert.equal(JSON.parse((await ask('/v1/prices', 'anna:secret')).body).data.series.length > 0, true);
  const stream = await open('/v1/events', 'anna:secret');
  assert.equal(stream.statusCode, 200);
  let heard = '';
  stream.setEncoding('utf8').on('data', (text) => (heard += text));
  await until('the state and two heartbeats, unbuffered', () => /event: interval/.test(heard) && heard.split('event: heartbeat').length > 2);
  stream.destroy();
  await proxy.stop();
});
