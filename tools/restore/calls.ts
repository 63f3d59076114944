/** The calls of `npm run restore`, one after the other, until the Worker says that nothing is left. */

/** What was done, added up. */
export type Restored = {
  readonly stations: number;
  readonly pairings: number;
  readonly erasures: number;
  readonly unreachable: readonly string[];
};

/** Why the run ended before its end, in words for the operator. */
export class Stopped extends Error {}

/** Calls until nothing is left, beginning at `cursor`; `say` is told how far it is. */
export async function restoreFrom(
  url: string,
  token: string,
  cursor: string | undefined,
  say: (line: string) => void,
): Promise<Restored> {
  let done: Restored = { stations: 0, pairings: 0, erasures: 0, unreachable: [] };
  let next = cursor;
  do {
    const { cursor: after, ...step } = await call(url, token, next);
    done = {
      stations: done.stations + step.stations,
      pairings: done.pairings + step.pairings,
      erasures: done.erasures + step.erasures,
      unreachable: [...done.unreachable, ...step.unreachable],
    };
    if (step.stations > 0) say(`${done.stations} stations asked.`);
    next = after;
  } while (next !== undefined);
  return done;
}

async function call(
  url: string,
  token: string,
  cursor: string | undefined,
): Promise<Restored & { readonly cursor?: string }> {
  const again = cursor === undefined ? 'Run it again.' : `Run it again with --cursor ${cursor}.`;
  const response = await fetch(`${url}/api/restore`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ cursor }),
    signal: AbortSignal.timeout(120_000),
  }).catch(() => {
    throw new Stopped(`The Worker does not answer. ${again}`);
  });
  if (response.status === 401) throw new Stopped('The Worker does not accept this ADMIN_TOKEN.');
  if (response.status === 404) throw new Stopped('The Worker has no such call: deploy this version first.');
  if (response.status !== 202) throw new Stopped(`The Worker answered ${response.status}. ${again}`);
  return (await response.json()) as Restored & { readonly cursor?: string };
}
