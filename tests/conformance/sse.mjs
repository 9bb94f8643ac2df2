// graphql-sse, distinct connections: its own client must understand us, and a refused document is a status.
import { createClient } from 'graphql-sse';
import { report } from './report.mjs';

const EXPECTED = 5;

const collect = (client, query) =>
  new Promise((done) => {
    const seen = [];
    client.subscribe(
      { query },
      {
        next: ({ data }) => seen.push(JSON.stringify(data)),
        error: (error) => done([...seen, `error ${error.message ?? error}`].join(' ')),
        complete: () => done([...seen, 'complete'].join(' ')),
      },
    );
  });

const post = (url, query) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query }),
  });

export async function sse(url) {
  const client = createClient({ url, retryAttempts: 0 });
  const streamed = await post(url, 'subscription { count(n: 1) }');
  const probes = [
    ['events, then complete', '{"count":0} {"count":1} complete', collect(client, 'subscription { count(n: 2) }')],
    ['a query', '{"hello":"world"} complete', collect(client, '{ hello }')],
    ['the media type', 'text/event-stream', streamed.headers.get('content-type')],
    ['a syntax error is 400', 400, post(url, '{').then(({ status }) => status)],
    ['a document that does not fit is 400', 400, post(url, '{ nope }').then(({ status }) => status)],
  ];
  const results = [];
  for (const [name, expected, probe] of probes) {
    const found = await probe;
    results.push({ name, ok: found === expected, found });
  }
  await streamed.body.cancel();
  client.dispose();
  return report('graphql-sse', results, EXPECTED);
}
