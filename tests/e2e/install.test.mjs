/* nemd as a service: units and agents that their own tools take, with awkward paths; and what a
 * supervisor hears. */
import assert from 'node:assert/strict';
import { spawnSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { folderFor, later, nemd, program, start, until } from './support/nemd.mjs';

const awkward = ['My Data', 'Library/Mobile Documents/com~apple~CloudDocs/x', '100% & "quoted" $HOME', "it's <here>", 'back\\slash'];
const has = (tool) => !spawnSync(tool, ['--version']).error;

test('a plist is XML with the very paths', async (t) => {
  if (!has('/usr/bin/python3')) return t.skip('there is no python3 to read it with');
  for (const name of awkward) {
    const { status, stdout, stderr } = await nemd('service', 'print', '--for', 'launchd', '--data', `/tmp/${name}`, '--program', '/opt/a b/nemd');
    assert.equal(status, 0, stderr);
    const read = spawnSync('/usr/bin/python3', ['-c',
      'import plistlib, json, sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))'], { input: stdout });
    assert.equal(read.status, 0, String(read.stderr));
    const plist = JSON.parse(read.stdout);
    assert.deepEqual(plist.ProgramArguments, ['/opt/a b/nemd', 'run', '--data', `/tmp/${name}`,
      '--log-file', '/nonexistent/Library/Logs/nemd.log']);
    assert.deepEqual([plist.RunAtLoad, plist.KeepAlive, plist.Label], [true, true, 'nemd.run']);
  }
});

test('systemd finds nothing wrong with a unit, whose paths are as they were', async (t) => {
  if (!has('systemd-analyze')) return t.skip('there is no systemd-analyze');
  const folder = folderFor(t);
  const verdict = (unit) => {
    const verify = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
    return (verify.stderr + verify.stdout).split('\n').filter((line) => line.includes('nemd.service'));
  };
  writeFileSync(join(folder, 'nemd.service'), '[Service]\nExecStart=/nonexistent/x\nNoSuchKey=1\n');
  assert.ok(verdict(join(folder, 'nemd.service')).length > 0, 'it does find what is wrong');
  for (const [i, name] of awkward.entries()) {
    const data = join(folder, name);
    mkdirSync(data, { recursive: true });
    const scope = i % 2 ? ['--system', '--user', 'root'] : [];
    const { status, stdout, stderr } = await nemd('service', 'print', '--for', 'systemd', '--data', data, '--program', program, ...scope);
    assert.equal(status, 0, stderr);
    const unit = join(folder, 'nemd.service');
    writeFileSync(unit, stdout);
    assert.deepEqual(verdict(unit), [], name);
    const escaped = data.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$');
    assert.ok(stdout.includes(` run --data "${escaped}"`), stdout);
    assert.equal(/ProtectSystem=strict/.test(stdout), i % 2 === 1);
    if (i % 2) {
      const { status: judged, stdout: why } = spawnSync('systemd-analyze', ['security', '--offline=yes', '--threshold=30', unit], { encoding: 'utf8' });
      assert.equal(judged, 0, why);
    }
  }
});

test('a unit of the system can write to its store, and to what its settings name', async (t) => {
  const folder = folderFor(t);
  const config = join(folder, 'nemd.env');
  const print = async (settings) => {
    writeFileSync(config, settings);
    const { status, stdout, stderr } = await nemd('service', 'print', '--for', 'systemd', '--system', '--data', '/srv/nem', '--config', config);
    assert.equal(status, 0, stderr);
    return stdout.match(/^ReadWritePaths=(.*)$/m)[1];
  };
  assert.equal(await print(''), '"/srv/nem"');
  assert.equal(await print('LOG_FILE=/var/log/nemd/nemd.log\nNEMD_BACKUP="/mnt/a b"\n'), '"/srv/nem" "-/var/log/nemd" "-/mnt/a b"');
  assert.equal(await print('NEMD_BACKUP=box:nemd\n'), '"/srv/nem"');
});

test('install writes the file below a root, uninstall takes it away', async (t) => {
  const folder = folderFor(t);
  for (const [kind, scope, path] of [['systemd', [], 'nonexistent/.config/systemd/user/nemd.service'],
    ['systemd', ['--system'], 'etc/systemd/system/nemd.service'],
    ['launchd', [], 'nonexistent/Library/LaunchAgents/nemd.run.plist'], ['launchd', ['--system'], 'Library/LaunchDaemons/nemd.run.plist']]) {
    const options = ['--for', kind, '--root', folder, '--data', '/srv/nemd', ...scope];
    const done = await nemd('service', 'install', ...options);
    assert.equal(done.status, 0, done.stderr);
    assert.match(readFileSync(join(folder, path), 'utf8'), /\/srv\/nemd/);
    assert.equal((await nemd('service', 'uninstall', ...options)).status, 0);
    assert.equal(existsSync(join(folder, path)), false);
    assert.equal((await nemd('service', 'uninstall', ...options)).status, 2);
  }
  assert.equal((await nemd('service', 'print', '--user', 'a b', '--system')).status, 2);
  assert.equal((await nemd('service', 'print', '--data', '/tmp/a\nb')).status, 2);
  assert.equal((await nemd('service', 'begin')).status, 2);
});

/* The words of a unit's ExecStart, as systemd takes them. */
const wordsOf = (unit) => [...unit.match(/^ExecStart=(.*)$/m)[1].matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)]
  .map(([, quoted, plain]) => (quoted ?? plain).replace(/\\(.)/g, '$1').replaceAll('%%', '%').replaceAll('$$', '$'));

test('what a unit starts tells its supervisor that it is ready, alive, and stopping', async (t) => {
  if (!has('/usr/bin/python3')) return t.skip('there is no python3 to listen with');
  const folder = folderFor(t);
  const store = join(folder, awkward[2]);
  const config = join(folder, 'the settings');
  writeFileSync(config, 'DASHBOARD_PORT=0\nNEMD_SOURCE=http://127.0.0.1:1/\n');
  const unit = (await nemd('service', 'print', '--for', 'systemd', '--program', program, '--data', store, '--config', config)).stdout;
  const socket = join(folder, 'notify');
  const listener = spawn('/usr/bin/python3', ['-uc', `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('bound')
while True: print(s.recv(100).decode())`, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  later(t, () => listener.kill());
  let heard = '';
  listener.stdout.setEncoding('utf8').on('data', (text) => (heard += text));
  await until('the socket', () => heard.includes('bound'));
  const [command, ...words] = wordsOf(unit);
  const run = start(t, words, { command, env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '300000' } });
  await until('READY and three WATCHDOGs', () => /READY=1\n(WATCHDOG=1\n){3}/.test(heard));
  assert.ok(existsSync(join(store, 'STORE')), 'in the very folder');
  const end = await run.stop();
  assert.equal(end.status, 0, end.stderr);
  await until('STOPPING', () => heard.includes('STOPPING=1'));
});

test('shells complete commands and options', async (t) => {
  const folder = folderFor(t);
  const commands = [...(await nemd('--help')).stdout.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1]);
  assert.ok(commands.length > 10);
  const script = join(folder, 'nemd.bash');
  writeFileSync(script, (await nemd('completion', 'bash')).stdout);
  const complete = (...words) => {
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', `source '${script}'; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _nemd;
      printf '%s\\n' "\${COMPREPLY[@]}"`, 'bash', program, ...words], { encoding: 'utf8' });
    assert.equal(stderr, '');
    return stdout.split('\n').filter(Boolean);
  };
  assert.deepEqual(complete('').sort(), [...commands].sort());
  assert.deepEqual(complete('migr'), ['migrate']);
  assert.deepEqual(complete('migrate', '--dry'), ['--dry-run']);
  for (const command of commands) {
    const listed = complete(command, '--');
    const { stdout } = await nemd(command, '--help');
    const helped = [...stdout.matchAll(/^ {2}(--[a-z-]+)/gm)].map((match) => match[1]);
    assert.deepEqual(listed.sort(), helped.sort(), command);
  }
  assert.match((await nemd('completion', 'zsh')).stdout, /^#compdef nemd/);
  assert.match((await nemd('completion', 'fish')).stdout, /-a migrate -d 'take over/);
  assert.equal((await nemd('completion', 'csh')).status, 2);
});

test('the manual has a page for each command, with all of its options, that man finds nothing wrong with', async (t) => {
  const folder = folderFor(t);
  const done = await nemd('man', '--into', folder);
  assert.equal(done.status, 0, done.stderr);
  const commands = [...(await nemd('--help')).stdout.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1]);
  assert.deepEqual(readdirSync(join(folder, 'man1')).sort(), ['nemd.1', ...commands.map((name) => `nemd-${name}.1`)].sort());
  assert.deepEqual(readdirSync(join(folder, 'man5')), ['nemd.env.5']);
  const main = readFileSync(join(folder, 'man1/nemd.1'), 'utf8');
  for (const command of commands) {
    const page = readFileSync(join(folder, `man1/nemd-${command}.1`), 'utf8');
    const options = spawnSync(program, [command, '--list-options'], { encoding: 'utf8' }).stdout.matchAll(/^--([a-z-]+)\t/gm);
    for (const [, option] of options) assert.ok(page.includes(`\\fB\\-\\-${option.replaceAll('-', '\\-')}\\fR`), `${command} --${option}`);
    assert.ok(main.includes(`nemd\\-${command}(1)`), command);
    assert.equal(page, (await nemd('man', command)).stdout);
  }
  assert.equal((await nemd('man', 'nothing')).status, 2);
  if (spawnSync('man', ['--version']).error) return t.skip('there is no man to read them with');
  const lint = (page) => spawnSync('man', ['--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', page],
    { encoding: 'utf8', env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', MANROFFSEQ: '', MANWIDTH: '80' } }).stderr;
  writeFileSync(join(folder, 'bad.1'), '.TH BAD 1\n.SH NAME\n.NOSUCHMACRO\n');
  assert.notEqual(lint(join(folder, 'bad.1')), '', 'it does find what is wrong');
  for (const page of ['man5/nemd.env.5', ...readdirSync(join(folder, 'man1')).map((name) => `man1/${name}`)])
    assert.equal(lint(join(folder, page)), '', page);
});

/* The settings that the source reads, each with its default where that is a number or a word. */
function* settingsRead() {
  const source = fileURLToPath(new URL('../../src', import.meta.url));
  for (const layer of ['alert', 'base', 'cmd'])
    for (const name of readdirSync(join(source, layer))) {
      if (!name.endsWith('.c') || name === 'settings.c') continue;
      const text = readFileSync(join(source, layer, name), 'utf8');
      const defaults = new Map([...text.matchAll(
        /(?:config_get|setting_(?:double|number))\((?:[^()"]|\([^()]*\))*"([A-Z_]+)",\s*(?:"([^"]+)"|(-?[0-9]+))\s*[,)]/g)]
        .map(([, key, word, number]) => [key, word ?? number]));
      for (const [, key] of text.matchAll(/"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"/g)) yield { key, value: defaults.get(key), where: `${layer}/${name}` };
    }
}

test('docs/configuration.md has every setting that is read, every option, and nothing old', async () => {
  const text = readFileSync(fileURLToPath(new URL('../../docs/configuration.md', import.meta.url)), 'utf8');
  assert.equal(text, (await nemd('man', '--markdown')).stdout, 'make docs brings it up to date');
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  let seen = 0, defaults = 0;
  for (const { key, value, where } of settingsRead()) {
    seen++;
    const row = rows.find((line) => line.includes(`\`${key}\``));
    assert.ok(row, `${key} of ${where} is in no table of src/cmd/settings.c`);
    if (value === undefined) continue;
    defaults++;
    assert.equal(row.split(' | ')[1], `\`${value}\``, `the default of ${key}`);
  }
  assert.ok(seen > 60 && defaults >= 10, `${seen} keys, ${defaults} defaults`);
});

test('commands and options that the documents name are there', async () => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const { stdout } = await nemd('--help');
  const options = new Map();
  for (const [, command] of stdout.matchAll(/^ {2}([a-z]+) /gm))
    options.set(command, new Set([...(await nemd(command, '--list-options')).stdout.matchAll(/^(--[a-z-]+)\t/gm)].map(([, option]) => option)));
  let seen = 0;
  for (const file of ['README.md', ...readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)]) {
    const text = readFileSync(join(root, file), 'utf8').replace(/\\\n\s*/g, ' ').replaceAll('\\|', '|');
    const fences = text.split(/^```.*$/m).filter((_, i) => i % 2);
    const lines = [...fences.join('\n').split('\n'), ...[...text.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code)];
    for (const line of lines)
      for (const [, command, rest] of line.matchAll(/(?:^|[\s/(;&])nemd ([a-z]+)\b((?:(?! {3}|\bnemd )[^#;&>])*)/g)) {
        assert.ok(options.has(command), `${file}: nemd ${command}`);
        seen++;
        for (const [option] of rest.matchAll(/(?<=[\s[])--[a-z][a-z-]*/g))
          assert.ok(options.get(command).has(option), `${file}: nemd ${command} has no ${option}, in: ${line}`);
      }
  }
  assert.ok(seen > 60, `${seen} commands`);
});

test('what is installed runs from where it stands', async (t) => {
  const build = dirname(program);
  if (!existsSync(join(build, 'completion.bash'))) return t.skip('this tree isn\'t one to install from');
  const folder = folderFor(t);
  const { status, stderr } = spawnSync('cmake', ['--install', build, '--prefix', folder], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const run = spawnSync(join(folder, 'bin/nemd'), ['--version'], { encoding: 'utf8', env: { PATH: '/usr/bin:/bin' } });
  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stdout, /^nemd \d/);
  for (const path of ['share/man/man1/nemd.1', 'share/man/man1/nemd-collect.1', 'share/man/man5/nemd.env.5', 'share/bash-completion/completions/nemd', 'share/zsh/site-functions/_nemd',
    'share/fish/vendor_completions.d/nemd.fish']) assert.ok(existsSync(join(folder, path)), path);
});
