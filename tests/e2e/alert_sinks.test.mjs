/* Every way out, against real servers: `nemd alerts test`. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { folderFor, start } from './support/nemd.mjs';
import { certificates, hasSmtp, httpsServer, smtpServer, twilio } from './support/receivers.mjs';

const secret = 'hunter2';
const numbers = ['+61491570006', '+61491570156'];

async function send(t, env, sink) {
  const end = await start(t, ['alerts', 'test', '--json', '--sink', sink], { env }).ended;
  assert.ok(!(end.stdout + end.stderr).includes(secret), 'a secret was shown');
  return { ...end, results: end.stdout ? JSON.parse(end.stdout) : [] };
}

describe('SMS', () => {
  const env = (server, files, to = numbers) => ({
    TWILIO_ACCOUNT_SID: 'ACtest0', TWILIO_AUTH_TOKEN: secret, TWILIO_FROM_NUMBER: '+15005550006',
    TWILIO_TO_NUMBERS: to.join(','), TWILIO_BASE_URL: server.url, ALERT_CA_FILE: files.ca });

  test('goes to each recipient, as Twilio documents it', async (t) => {
    const files = certificates(t);
    const server = await httpsServer(t, files, twilio);
    const { status, results } = await send(t, env(server, files), 'sms');
    assert.deepEqual([status, results.map((r) => r.sent)], [0, [true, true]]);
    const forms = server.got.map((request) => new URLSearchParams(request.body));
    assert.deepEqual(forms.map((form) => form.get('To')), numbers);
    assert.deepEqual(forms.map((form) => form.get('From')), ['+15005550006', '+15005550006']);
    assert.match(forms[0].get('Body'), /^Test message from nemd, \d{4}\/\d\d\/\d\d/);
  });

  test("says Twilio's error code, and refuses a wrong certificate before it says anything", async (t) => {
    const files = certificates(t);
    const server = await httpsServer(t, files, twilio);
    const wrong = await send(t, env(server, files, ['+61491570110']), 'sms');
    assert.equal(wrong.status, 1);
    assert.match(wrong.results[0].error, /Twilio answers 400, error 21211: The 'To' number/);
    const denied = await send(t, { ...env(server, files), TWILIO_AUTH_TOKEN: 'nope' }, 'sms');
    assert.match(denied.results[0].error, /401, error 20003/);
    const before = server.got.length;
    for (const ca of [{ ALERT_CA_FILE: files.other }, { ALERT_CA_FILE: '' }]) {
      const { status, results } = await send(t, { ...env(server, files), ...ca }, 'sms');
      assert.equal(status, 1);
      assert.match(results[0].error, /certificate/i);
    }
    const name = await send(t, { ...env(server, files), TWILIO_BASE_URL: server.url.replace('localhost', '127.0.0.2') }, 'sms');
    assert.match(name.results[0].error, /127\.0\.0\.2|subject|certificate/i);
    assert.equal(server.got.length, before);
  });

  test('tells what went wrong: 429, 500, a dropped connection, no answer, nobody there', async (t) => {
    const files = certificates(t);
    let how;
    const server = await httpsServer(t, files, () => how);
    for (const [answer, said] of [
      [{ status: 429, body: { code: 20429, message: 'Too Many Requests' } }, /429, error 20429/],
      [{ status: 500 }, /HTTP status 500/],
      [{ status: 503, body: 'no "code": here' }, /HTTP status 503/],
      [null, /Empty reply|reset|EOF|closed/i],
    ]) {
      how = answer;
      const { status, results } = await send(t, env(server, files, [numbers[0]]), 'sms');
      assert.equal(status, 1);
      assert.match(results[0].error, said);
    }
    how = undefined; /* never */
    const silent = await send(t, { ...env(server, files, [numbers[0]]), ALERT_TIMEOUT: '1' }, 'sms');
    assert.match(silent.results[0].error, /timed out|timeout/i);
    const nobody = await send(t, { ...env({ url: 'https://localhost:9' }, files, [numbers[0]]) }, 'sms');
    assert.match(nobody.results[0].error, /connect/i);
  });

  test('a file with secrets that others can read is refused', async (t) => {
    const folder = folderFor(t);
    const file = join(folder, 'env');
    writeFileSync(file, `TWILIO_ACCOUNT_SID=ACtest0\nTWILIO_AUTH_TOKEN=${secret}\nTWILIO_FROM_NUMBER=+15005550006\n` +
      `TWILIO_TO_NUMBER=${numbers[0]}\nTWILIO_BASE_URL=https://localhost:9\n`);
    chmodSync(file, 0o644);
    const { status, stderr } = await start(t, ['alerts', 'test', '--sink', 'sms', '--config', file]).ended;
    assert.equal(status, 2);
    assert.match(stderr, /TWILIO_AUTH_TOKEN .*chmod 600/);
    assert.ok(!stderr.includes(secret));
    chmodSync(file, 0o600);
    assert.equal((await start(t, ['alerts', 'test', '--sink', 'sms', '--config', file]).ended).status, 1);
  });
});

describe('webhooks', () => {
  test('the generic one is signed and has a key; a wrong certificate is refused', async (t) => {
    const files = certificates(t);
    const server = await httpsServer(t, files, () => ({ status: 204 }));
    const env = { ALERT_WEBHOOK_URL: `${server.url}/in?t=${secret}`, ALERT_WEBHOOK_SECRET: 'shared', ALERT_CA_FILE: files.ca };
    const { status, results } = await send(t, env, 'webhook');
    assert.equal(status, 0);
    assert.equal(results[0].to, server.url);
    const [{ headers, body, url }] = server.got;
    assert.equal(url, `/in?t=${secret}`);
    const message = JSON.parse(body);
    assert.deepEqual([message.rule, message.severity, message.decisions], ['test', 'info', []]);
    assert.equal(headers['idempotency-key'], message.key);
    const mac = createHmac('sha256', 'shared').update(`${headers['x-nemd-timestamp']}.${body}`).digest('hex');
    assert.equal(headers['x-nemd-signature'], `sha256=${mac}`);
    const refused = await send(t, { ...env, ALERT_CA_FILE: files.other }, 'webhook');
    assert.match(refused.results[0].error, /certificate/i);
    assert.equal(server.got.length, 1);
  });

  test('Slack, Teams and ntfy get what they take', async (t) => {
    const files = certificates(t);
    const server = await httpsServer(t, files, () => ({ status: 200 }));
    const env = { ALERT_SLACK_URL: `${server.url}/${secret}`, ALERT_TEAMS_URL: `${server.url}/${secret}`,
      ALERT_NTFY_URL: `${server.url}/my-topic`, ALERT_NTFY_TOKEN: secret, ALERT_CA_FILE: files.ca };
    for (const sink of ['slack', 'teams', 'ntfy']) assert.equal((await send(t, env, sink)).status, 0);
    const [slack, teams, ntfy] = server.got.map(({ url, headers, body }) => ({ url, headers, body: JSON.parse(body) }));
    assert.match(slack.body.text, /^\*Test message from nemd\*\n/);
    assert.equal(teams.body.attachments[0].content.body[0].text, 'Test message from nemd');
    assert.deepEqual([ntfy.url, ntfy.body.topic, ntfy.headers.authorization], ['/', 'my-topic', `Bearer ${secret}`]);
  });
});

test('a command gets the message, and no secret; what it does wrong is told', async (t) => {
  const folder = folderFor(t);
  const script = join(folder, 'take it');
  writeFileSync(script, '#!/bin/sh\ncat > "$1"\nenv > "$1.env"\nexit ${2:-0}\n', { mode: 0o755 });
  const out = join(folder, 'got $HOME');
  const env = { ALERT_COMMAND: `"${script}" '${out}'`, TWILIO_AUTH_TOKEN: secret, KEEP: 'this' };
  assert.equal((await send(t, env, 'command')).status, 0);
  assert.equal(JSON.parse(readFileSync(out, 'utf8')).title, 'Test message from nemd');
  const given = readFileSync(`${out}.env`, 'utf8');
  assert.ok(given.includes('KEEP=this') && !given.includes(secret) && !given.includes('ALERT_COMMAND'));
  const failed = await send(t, { ...env, ALERT_COMMAND: `"${script}" '${out}' 3` }, 'command');
  assert.match(failed.results[0].error, /ended with status 3/);
  const absent = await send(t, { ...env, ALERT_COMMAND: '/nowhere/program' }, 'command');
  assert.match(absent.results[0].error, /can't be run/);
});

describe('e-mail', { skip: hasSmtp ? false : 'aiosmtpd is not there' }, () => {
  const env = (port, files, more) => ({
    EMAIL_SMTP_SERVER: 'localhost', EMAIL_SMTP_PORT: String(port), EMAIL_ADDRESS: 'nemd@example.com', EMAIL_PASSWORD: secret,
    EMAIL_RECIPIENTS: 'a@example.com, Somebody <b@example.com>', ALERT_CA_FILE: files.ca, ...more });
  const part = (mail, type) => {
    const found = mail.data.match(new RegExp(`Content-Type: ${type}[^]*?\\r?\\n\\r?\\n([A-Za-z0-9+/=\\r\\n]+)`));
    return Buffer.from(found[1], 'base64').toString('utf8');
  };

  for (const [mode, more] of [['starttls', {}], ['tls', { EMAIL_SECURITY: 'tls' }]])
    test(`${mode} with AUTH: text and HTML to all recipients`, async (t) => {
      const files = certificates(t);
      const server = await smtpServer(t, mode, files);
      const { status, results } = await send(t, env(server.port, files, more), 'mail');
      assert.deepEqual([status, results[0].error], [0, null]);
      const [mail] = server.mails();
      assert.deepEqual([mail.from, mail.to, mail.tls, mail.user],
        ['nemd@example.com', ['a@example.com', 'b@example.com'], true, 'nemd@example.com']);
      assert.match(mail.data, /^Subject: Test message from nemd\r?$/m);
      assert.match(mail.data, /^Message-ID: <test\d+@nemd\.invalid>\r?$/m);
      assert.match(part(mail, 'text/plain'), /^Test message from nemd, /);
      assert.match(part(mail, 'text/html'), /<h2[^>]*>Test message from nemd<\/h2>/);

      const denied = await send(t, env(server.port, files, { ...more, EMAIL_PASSWORD: 'wrong' }), 'mail');
      assert.match(denied.results[0].error, /denied|535|auth/i);
      const untrusted = await send(t, env(server.port, files, { ...more, ALERT_CA_FILE: files.other }), 'mail');
      assert.match(untrusted.results[0].error, /certificate/i);
      assert.equal(server.mails().length, 1);
    });

  test('a server without TLS gets neither mail nor password, unless that is what was asked for', async (t) => {
    const files = certificates(t);
    const server = await smtpServer(t, 'plain', files);
    const { status, results } = await send(t, env(server.port, files), 'mail');
    assert.equal(status, 1);
    assert.match(results[0].error, /STARTTLS|TLS/i);
    const open = env(server.port, files, { EMAIL_SECURITY: 'none' });
    delete open.EMAIL_PASSWORD;
    assert.equal((await send(t, open, 'mail')).status, 0);
    assert.equal(server.mails().length, 1);
  });

  test('a mail that is refused is told with the reply', async (t) => {
    const files = certificates(t);
    const server = await smtpServer(t, 'starttls', files, '554 5.7.1 not here');
    const { status, results } = await send(t, env(server.port, files), 'mail');
    assert.equal(status, 1);
    assert.match(results[0].error, /554/);
  });
});

test('a sink that is not configured is wrong usage', async (t) => {
  const { status, stderr } = await start(t, ['alerts', 'test', '--sink', 'sms']).ended;
  assert.equal(status, 2);
  assert.match(stderr, /no sink sms/);
});
