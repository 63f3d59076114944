/** One HTTP call to a provider: bounded in time and size, redirects not followed, never throwing. Knows no provider. */
import type { Exchange, Outcome } from './provider.ts';

/** How much of an answer is read: enough for a reason, too little to hurt. */
const MAX_ANSWER_BYTES = 16_384;

/** Sends a request and reads its answer. A timeout or a broken connection is an exchange without an answer. */
export async function exchange(url: string, init: RequestInit, timeoutMs: number): Promise<Exchange> {
  // AbortSignal.timeout would keep a Durable Object in memory until it fires, long after the answer has come.
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: abort.signal });
    return {
      kind: 'answer',
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      body: await boundedText(response),
    };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { kind: 'no-answer', cause: abort.signal.aborted ? 'timeout' : 'network', detail: detail.slice(0, 200) };
  } finally {
    clearTimeout(timer);
  }
}

async function boundedText(response: Response): Promise<string> {
  if (response.body === null) return '';
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (let size = 0; size < MAX_ANSWER_BYTES;) {
    const { done, value } = await reader.read();
    if (done) return text;
    size += value.byteLength;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text.slice(0, MAX_ANSWER_BYTES);
}

/** `Retry-After` in either form (RFC 9110 §10.2.3) as ms from `now`, or undefined when absent or malformed. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/** 4xx answers that may be different next time: request timeout, too early, too many requests. */
const PASSING = new Set([408, 425, 429]);
/** Our credentials are refused: everything of this provider would be, so lanes hold rather than park. */
const CREDENTIALS = new Set([401, 403]);

/**
 * What an exchange means by HTTP alone: 2xx delivered; no answer, 408, 425, 429, 5xx, 401 and 403 deferred; every other status
 * rejected, redirects included.
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
