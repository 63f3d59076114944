/** Stands in for the outside world: a handler for each host, and a failure for any call to a host that nobody stands in for. */
import { vi } from 'vitest';

/** Answers the calls to one host. */
export type Host = (request: Request) => Response | Promise<Response>;

/** Replaces outgoing fetch, in Durable Objects and alarms too; `calls` has every request, in order. */
export function standIn(hosts: Readonly<Record<string, Host>> = {}): { readonly calls: Request[] } {
  const calls: Request[] = [];
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    calls.push(request.clone());
    const host = hosts[new URL(request.url).host];
    if (host === undefined) throw new Error(`nobody stands in for ${new URL(request.url).host}`);
    return host(request);
  });
  return { calls };
}
