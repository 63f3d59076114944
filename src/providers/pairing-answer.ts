/** What a provider's answer to a pairing code means for the person who waits, by HTTP status. */
import type { Exchange } from '../recipient.ts';
import { problem, type Problem } from '../problem.ts';
import { err, ok, type Result } from '../result.ts';
import { retryAfterMs } from '../http-outcome.ts';

/** How long the caller is asked to wait if the provider names no time, in s. */
const DEFAULT_RETRY_AFTER_S = 30;

/** The longest that a caller is asked to wait, whatever the provider says, in s. */
const LONGEST_RETRY_AFTER_S = 3600;

/**
 * 2xx paired · 404 pairing-code-incorrect · 409 charger-already-paired · 401, 403 provider-misconfigured ·
 * no answer, 408, 425, 429, 5xx provider-unavailable · anything else provider-rejected.
 */
export function readPairingAnswer(exchanged: Exchange, now: number): Result<undefined, Problem> {
  if (exchanged.kind === 'no-answer') {
    if (exchanged.cause === 'credential') return err(misconfigured(exchanged.detail));
    return err(unavailable(DEFAULT_RETRY_AFTER_S, exchanged.cause));
  }
  const { status } = exchanged;
  if (status >= 200 && status < 300) return ok(undefined);
  if (status === 404) return err(problem('pairing-code-incorrect', 'The provider does not know this code.'));
  if (status === 409) return err(problem('charger-already-paired', 'The provider knows this charger already.'));
  if (status === 401 || status === 403) return err(misconfigured(`http-${status}`));
  if (status >= 500 || status === 408 || status === 425 || status === 429) {
    const waitS = Math.ceil((retryAfterMs(exchanged.retryAfter, now) ?? DEFAULT_RETRY_AFTER_S * 1000) / 1000);
    return err(unavailable(Math.min(waitS, LONGEST_RETRY_AFTER_S), `http-${status}`));
  }
  const context = { cause: `http-${status}` };
  return err(problem('provider-rejected', `The provider answered with status ${status}.`, { context }));
}

const misconfigured = (cause: string) =>
  problem('provider-misconfigured', 'The provider refused our credentials.', { context: { cause } });

const unavailable = (retryAfterS: number, cause: string) =>
  problem('provider-unavailable', 'The provider does not answer now; try again.', { retryAfterS, context: { cause } });
