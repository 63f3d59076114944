/** What an HTTP exchange means for a delivery, by HTTP alone. Pure. */
import type { Exchange, Outcome } from './recipient.ts';

/** `Retry-After` in either form (RFC 9110 §10.2.3) as ms from `now`, or undefined when absent or malformed. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/** 4xx answers that may change by themselves: request timeout, too early, too many requests. */
const PASSING = new Set([408, 425, 429]);
/** Our credentials are refused. So would be every other message, so the lanes wait instead of parking them all. */
const CREDENTIALS = new Set([401, 403]);

/**
 * What an exchange means by HTTP alone. 2xx is delivered. No answer, 408, 425, 429, 5xx, 401 and 403 are deferred.
 * Every other status is rejected, redirects too.
 */
export function classifyByHttp(exchanged: Exchange, now: number): Outcome {
  if (exchanged.kind === 'no-answer') return { kind: 'deferred', reason: exchanged.cause };
  const { status } = exchanged;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  const reason = `http-${status}`;
  if (status < 500 && !PASSING.has(status) && !CREDENTIALS.has(status)) return { kind: 'rejected', reason };
  const waitMs = retryAfterMs(exchanged.retryAfter, now);
  return { kind: 'deferred', reason, ...(waitMs !== undefined && { retryAfterMs: waitMs }) };
}
