/** Sends prepared requests over kept connections, several at once, and tells how fast they were answered. Refuses any other answer than expected. */
import { Agent, request as httpRequest } from 'node:http';
import { performance } from 'node:perf_hooks';

/** A request made ready beforehand, so that making it does not count. */
export type Prepared = {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type Load = {
  readonly origin: string;
  readonly requests: readonly Prepared[];
  readonly atOnce: number;
  readonly expects: number;
};

/** Requests answered per second. */
export async function rateOf({ origin, requests, atOnce, expects }: Load): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  let next = 0;
  const startedAt = performance.now();
  const senders = Array.from({ length: atOnce }, async () => {
    for (let prepared = requests[next++]; prepared !== undefined; prepared = requests[next++]) {
      const status = await post(agent, origin, prepared);
      if (status !== expects) throw new Error(`${prepared.path} was answered with ${status}`);
    }
  });
  await Promise.all(senders);
  const elapsedMs = performance.now() - startedAt;
  agent.destroy();
  return requests.length / (elapsedMs / 1000);
}

function post(agent: Agent, origin: string, { path, headers, body }: Prepared): Promise<number> {
  return new Promise((resolve, reject) => {
    const length = String(Buffer.byteLength(body));
    const options = { agent, method: 'POST', headers: { ...headers, 'content-length': length } };
    const request = httpRequest(`${origin}${path}`, options, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
      response.once('error', reject);
    });
    request.once('error', reject);
    request.end(body);
  });
}
