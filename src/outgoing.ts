/** One outgoing HTTP call. It is bounded in time and size, follows no redirect, and never throws. */

/** How much of an answer is read: enough for an error message, and too little to fill the memory. */
const MAX_ANSWER_BYTES = 16_384;

/** What came back: an answer, with the beginning of its body, or no answer in time. */
export type HttpExchange =
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfter: string | null; readonly body: string }
  | { readonly kind: 'no-answer'; readonly cause: 'timeout' | 'network'; readonly detail: string };

/** Sends a request and reads its answer. A timeout or a broken connection gives an exchange without an answer. */
export async function exchange(url: string, init: RequestInit, timeoutMs: number): Promise<HttpExchange> {
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

const BROKEN_OFF = { done: true, value: undefined } as const;

/** The beginning of a body. If it breaks off or takes too long, what came so far: the status is an answer too. */
async function boundedText(response: Response): Promise<string> {
  if (response.body === null) return '';
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (let size = 0; size < MAX_ANSWER_BYTES;) {
    const { done, value } = await reader.read().catch(() => BROKEN_OFF);
    if (done) return text;
    size += value.byteLength;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel().catch(() => undefined);
  return text.slice(0, MAX_ANSWER_BYTES);
}
