/**
 * What a request that changes nothing tells of a provider: whether its host answers, and whether it refused our
 * credentials. Pure.
 */
import type { Exchange } from '../recipient.ts';

/** One thing that was tried at a provider. `detail` says what came back, and what could not be told. */
export type CheckStep = { readonly name: string; readonly ok: boolean; readonly detail: string };

const REFUSALS = [401, 403];

/**
 * The steps "host" and "credentials" of a request with our credentials. `proof` is the status that only a caller with
 * the right ones gets; without it, or with another status, not being refused is all that is known.
 */
export function stepsOfProbe(probe: Exchange, proof?: number): readonly CheckStep[] {
  if (probe.kind === 'no-answer') return [{ name: 'host', ok: false, detail: `No answer: ${probe.cause}.` }];
  const { status } = probe;
  const host = { name: 'host', ok: status < 500, detail: `It answered ${status}.` };
  if (status >= 500) return [host];
  return [host, { name: 'credentials', ok: !REFUSALS.includes(status), detail: credentialsDetail(status, proof) }];
}

function credentialsDetail(status: number, proof: number | undefined): string {
  if (REFUSALS.includes(status)) return `They were refused with ${status}.`;
  if (status === proof) return 'They were accepted.';
  return 'They were not refused. Whether they are right could not be checked: the first delivery will show it.';
}
