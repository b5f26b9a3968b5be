/* Clients of a server that do what well-behaved ones don't. */
import { request } from 'node:http';
import { connect } from 'node:net';
import { later, until } from './nemd.mjs';

/* A bare connection: write(bytes), [text] so far, [ended] once it is closed. */
export function dial(t, port) {
  const socket = connect(port, '127.0.0.1');
  const client = { socket, text: '', closed: false };
  socket.setEncoding('latin1').on('data', (text) => (client.text += text));
  socket.on('error', () => {});
  client.ended = new Promise((done) => socket.on('close', () => {
    client.closed = true;
    done();
  }));
  client.connected = new Promise((done) => {
    socket.on('connect', done);
    socket.on('close', done);
  });
  client.write = (text) => socket.write(text, 'latin1');
  client.saw = (pattern, ms) => until(`${pattern} in ${client.text.slice(0, 500)}`, () => client.text.match(pattern), ms);
  client.status = async () => Number((await client.saw(/^HTTP\/1\.1 (\d+)/))[1]);
  later(t, () => socket.destroy());
  return client;
}

/* What a server says to these bytes, until it closes the connection or [ms] are over. */
export async function say(t, port, bytes, ms = 10000) {
  const client = dial(t, port);
  client.write(bytes);
  await Promise.race([client.ended, new Promise((done) => setTimeout(done, ms).unref())]);
  return client.text;
}

/* Listens to /v1/events: [events] as {id, event, data} in order, and how many heartbeats came. */
export function listen(t, port, headers = {}) {
  const client = { events: [], heartbeats: 0, closed: false };
  const asked = request({ host: '127.0.0.1', port, path: '/v1/events', headers, agent: false }, (response) => {
    let rest = '';
    client.response = response;
    response.setEncoding('utf8').on('data', (text) => {
      const parts = (rest + text).split('\n\n');
      rest = parts.pop();
      for (const part of parts) {
        const fields = Object.fromEntries(part.split('\n').map((line) => line.split(/: (.*)/s)));
        if (fields.event === 'heartbeat') client.heartbeats++;
        else if (fields.event) client.events.push({ id: fields.id, event: fields.event, data: JSON.parse(fields.data) });
      }
    });
    response.on('close', () => (client.closed = true));
    response.on('error', () => {});
  });
  asked.on('error', () => (client.closed = true));
  asked.end();
  client.close = () => asked.destroy();
  client.saw = (what, test, ms) => until(`the event ${what} among ${JSON.stringify(client.events).slice(0, 2000)}`, () => client.events.find(test), ms);
  later(t, () => asked.destroy());
  return client;
}
