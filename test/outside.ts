/** Stands in for the outside world: a handler for each host, and a failure for any call to a host that nobody stands in for. */
import { vi } from 'vitest';

/** A call that left the Worker. The platform lets no object read another's streams, so the body is kept as text. */
export type OutsideCall = {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** Answers the calls to one host; `signal` is aborted when the caller waits no more. */
export type Host = (call: OutsideCall, signal?: AbortSignal | null) => Response | Promise<Response>;

/** Replaces outgoing fetch, in Durable Objects and alarms too; `calls` has every request, in order. */
export function standIn(hosts: Readonly<Record<string, Host>> = {}): { readonly calls: readonly OutsideCall[] } {
  const calls: OutsideCall[] = [];
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const { host, pathname, search } = new URL(request.url);
    const headers = Object.fromEntries(request.headers);
    const call = {
      method: request.method,
      host,
      path: `${pathname}${search}`,
      headers,
      body: new TextDecoder().decode(await request.arrayBuffer()),
    };
    calls.push(call);
    const answer = hosts[host];
    if (answer === undefined) throw new Error(`nobody stands in for ${host}`);
    return answer(call, init?.signal);
  });
  return { calls };
}
