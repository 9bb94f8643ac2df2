// graphql-transport-ws: one probe for each rule of the protocol, over raw sockets, so that no client library smooths
// anything over. Probes run side by side except for those that count what the server holds.
import WebSocket from 'ws';
import { report } from './report.mjs';

const PROTOCOL = 'graphql-transport-ws';
const EXPECTED = 25;

const sleep = (millis) => new Promise((done) => setTimeout(done, millis));

/** A socket that remembers what it was told. */
class Client {
  messages = [];
  closed = null;
  refused = null;

  static open(url, { protocol = PROTOCOL, headers } = {}) {
    const client = new Client();
    const socket = new WebSocket(url.replace(/^http/, 'ws'), protocol, { headers });
    client.socket = socket;
    socket.on('message', (data) => client.messages.push(JSON.parse(data)));
    socket.on('close', (code, reason) => (client.closed = { code, reason: String(reason) }));
    return new Promise((done) => {
      socket.on('open', () => done(client));
      socket.on('error', () => done(client));
      socket.on('unexpected-response', (_, response) => {
        client.refused = response.statusCode;
        done(client);
      });
    });
  }

  say(message) {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    return this;
  }

  subscribe(id, query, variables) {
    return this.say({ id, type: 'subscribe', payload: { query, variables } });
  }

  /** Waits until `seen` gives something, at most `millis`. */
  async until(seen, millis = 3_000) {
    const end = Date.now() + millis;
    while (Date.now() < end) {
      const value = seen(this);
      if (value) return value;
      await sleep(10);
    }
    return seen(this);
  }

  types() {
    return this.messages.map((message) => message.type).filter((type) => type !== 'ping');
  }

  /** The types that came for an operation. */
  async operation(id) {
    const own = () => this.messages.filter((message) => message.id === id);
    await this.until(() => own().some((message) => message.type !== 'next'));
    return own();
  }

  async code(millis) {
    return (await this.until((client) => client.closed, millis))?.code ?? 'open';
  }

  drop() {
    this.socket.terminate();
  }
}

async function ready(url, options) {
  const client = await Client.open(url, options);
  client.say({ type: 'connection_init' });
  await client.until(() => client.types().includes('connection_ack'));
  return client;
}

/** The close code after `act`, on an initialised socket. */
const closes = (act) => async (url) => {
  const client = await ready(url);
  act(client);
  return client.code();
};

const refusal = (options) => async (url) => {
  const client = await Client.open(url, options);
  return client.refused ?? client.code();
};

const liveSubscriptions = async (url) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ liveSubs }' }),
  });
  return (await response.json()).data.liveSubs;
};

// Name, what is expected, probe.
const PROBES = [
  ['the sub-protocol is echoed', PROTOCOL, async (url) => (await ready(url)).socket.protocol],
  ['an unknown sub-protocol is refused', 400, refusal({ protocol: 'chat' })],
  ['the legacy sub-protocol is refused', 400, refusal({ protocol: 'graphql-ws' })],
  ["a foreign page's upgrade is refused", 403, refusal({ headers: { origin: 'https://evil.example' } })],
  ['init is acknowledged', 'connection_ack', async (url) => (await ready(url)).types()[0]],
  ['a second init closes 4429', 4429, closes((client) => client.say({ type: 'connection_init' }))],
  ['what is not JSON closes 4400', 4400, closes((client) => client.say('{oops'))],
  ['an unknown type closes 4400', 4400, closes((client) => client.say({ type: 'start' }))],
  [
    'subscribe without an id closes 4400',
    4400,
    closes((client) => client.say({ type: 'subscribe', payload: { query: '{ hello }' } })),
  ],
  [
    'subscribe before init closes 4401',
    4401,
    async (url) => (await Client.open(url)).subscribe('1', '{ hello }').code(),
  ],
  [
    'a refused token closes 4403',
    4403,
    async (url) => {
      const client = await Client.open(url);
      return client.say({ type: 'connection_init', payload: { token: 'bad' } }).code();
    },
  ],
  [
    'an id that is live closes 4409',
    4409,
    closes((client) => client.subscribe('1', 'subscription { ticks }').subscribe('1', 'subscription { ticks }')),
  ],
  ['no init in 10 s closes 4408', 4408, async (url) => (await Client.open(url)).code(11_000)],
  [
    'ping is answered',
    true,
    async (url) => (await ready(url)).say({ type: 'ping' }).until((client) => client.types().includes('pong')),
  ],
  [
    'ping before init is answered',
    true,
    async (url) => (await Client.open(url)).say({ type: 'ping' }).until((client) => client.types().includes('pong')),
  ],
  [
    'an idle client is pinged within 15 s and kept',
    'ping, open',
    async (url) => {
      const client = await ready(url);
      const pinged = await client.until(() => client.messages.some(({ type }) => type === 'ping'), 15_000);
      return `${pinged ? 'ping' : 'silence'}, ${client.closed ? 'closed' : 'open'}`;
    },
  ],
  [
    'a subscription gives its events, then complete',
    'next 0, next 1, next 2, complete',
    async (url) => {
      const client = (await ready(url)).subscribe('1', 'subscription { count(n: 3) }');
      const own = await client.operation('1');
      return own.map(({ type, payload }) => (payload ? `${type} ${payload.data.count}` : type)).join(', ');
    },
  ],
  [
    'a query gives one event, then complete',
    'next, complete',
    async (url) => {
      const own = await (await ready(url)).subscribe('1', '{ hello }').operation('1');
      return own.map(({ type }) => type).join(', ');
    },
  ],
  [
    'a syntax error is an error message with a list',
    'error, true',
    async (url) => {
      const own = await (await ready(url)).subscribe('1', '{').operation('1');
      return own.map(({ type, payload }) => `${type}, ${Array.isArray(payload)}`).join(', ');
    },
  ],
  [
    'a document that does not fit the schema is an error message',
    'error',
    async (url) => {
      const own = await (await ready(url)).subscribe('1', 'subscription { nope }').operation('1');
      return own.map(({ type }) => type).join(', ');
    },
  ],
  [
    'after complete by the client the server is silent',
    'silent',
    async (url) => {
      const client = (await ready(url)).subscribe('1', 'subscription { ticks }');
      await client.until(() => client.types().includes('next'));
      client.say({ id: '1', type: 'complete' });
      await sleep(100);
      const before = client.messages.filter(({ id }) => id === '1').length;
      await sleep(300);
      const own = client.messages.filter(({ id }) => id === '1');
      if (own.length > before) return 'goes on';
      return own.at(-1).type === 'complete' ? 'echoes' : 'silent';
    },
  ],
  [
    'complete of an unknown id is ignored',
    'open',
    async (url) => {
      const client = (await ready(url)).say({ id: 'nobody', type: 'complete' });
      return client.code(300);
    },
  ],
  [
    'a message of 1 MiB is refused',
    'refused',
    // The server hangs up while the message is still being sent: the close code may be lost with what is under way.
    async (...given) => {
      const code = await closes((client) =>
        client.subscribe('1', '{ hello }', { padding: 'x'.repeat(1 << 20) }),
      )(...given);
      return [1009, 1006].includes(code) ? 'refused' : code;
    },
  ],
  [
    '500 operations on one socket close 4429',
    4429,
    closes((client) => {
      for (let count = 0; count < 500; count += 1) client.subscribe(`s${count}`, 'subscription { ticks }');
    }),
  ],
];

async function dropped(url) {
  const client = await ready(url);
  for (let count = 0; count < 20; count += 1) client.subscribe(`s${count}`, 'subscription { ticks }');
  await client.until(() => new Set(client.messages.map(({ id }) => id)).size > 20);
  const held = await liveSubscriptions(url);
  client.drop();
  for (let waited = 0; waited < 1_000 && (await liveSubscriptions(url)) > 0; waited += 50) await sleep(50);
  return `${held} held, ${await liveSubscriptions(url)} after`;
}

export async function socket(url) {
  const results = await Promise.all(
    PROBES.map(async ([name, expected, probe]) => {
      const found = await probe(url).catch((error) => `threw ${error.message}`);
      return { name, ok: found === expected, found };
    }),
  );
  // After the others' sockets are gone.
  for (let waited = 0; waited < 20_000 && (await liveSubscriptions(url)) > 0; waited += 50) await sleep(50);
  const found = await dropped(url);
  results.push({ name: 'a dropped socket frees its streams', ok: found === '20 held, 0 after', found });
  return report('graphql-transport-ws', results, EXPECTED);
}
