// GraphQL over HTTP: every audit of npm `graphql-http` must pass, whatever its level.
import { serverAudits } from 'graphql-http';
import { report } from './report.mjs';

const EXPECTED = 61;

export async function http(url) {
  const audits = serverAudits({ url });
  const results = [];
  for (const audit of audits) {
    const result = await audit.fn();
    results.push({
      name: `${result.id} ${result.name}`,
      ok: result.status === 'ok',
      found: result.status === 'ok' ? undefined : `${result.status}: ${result.reason}`,
    });
    // A body that nobody reads would keep its connection.
    await result.response?.body?.cancel().catch(() => {});
  }
  return report('graphql over http', results, EXPECTED);
}
