/** One outgoing call: what counts as an answer, and how much of it is read. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { exchange } from '../src/outgoing.ts';

const URL = 'https://provider.test/';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

type Fetch = typeof fetch;

/** Replaces outgoing fetch; gives what it was called with. */
function answering(answer: Fetch) {
  return vi.spyOn(globalThis, 'fetch').mockImplementation(answer);
}

/** Fails when its signal says so, as the platform does. */
const untilAborted = (signal: AbortSignal | null | undefined) =>
  new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))));

describe('an exchange', () => {
  test('is the status, Retry-After and body of the answer; redirects are not followed', async () => {
    const calls = answering(
      async () =>
        new Response('{"a":1}', { status: 302, headers: { 'retry-after': '5', location: 'https://evil.test/' } }),
    );
    expect(await exchange(URL, { method: 'POST' }, 1000)).toEqual({
      kind: 'answer',
      status: 302,
      retryAfter: '5',
      body: '{"a":1}',
    });
    expect(calls).toHaveBeenCalledOnce();
    expect(calls.mock.calls[0]?.[1]).toMatchObject({ method: 'POST', redirect: 'manual' });
  });

  test('without an answer says whether it took too long or broke', async () => {
    vi.useFakeTimers();
    answering((_, init) => untilAborted(init?.signal));
    const slow = exchange(URL, {}, 15_000);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await slow).toEqual({ kind: 'no-answer', cause: 'timeout', detail: 'aborted' });
    answering(async () => {
      throw new TypeError(`connection refused ${'x'.repeat(500)}`);
    });
    expect(await exchange(URL, {}, 15_000)).toMatchObject({ kind: 'no-answer', cause: 'network' });
  });

  test('leaves no timer behind', async () => {
    vi.useFakeTimers();
    answering(async () => new Response('ok'));
    await exchange(URL, {}, 15_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the body of an answer', () => {
  const stream = (pull: (controller: ReadableStreamDefaultController<Uint8Array>) => void, cancel?: () => void) =>
    new Response(new ReadableStream({ pull, ...(cancel && { cancel }) }), { status: 200 });

  test('is read up to 16 KiB, and the rest is cancelled', async () => {
    const cancelled = vi.fn<() => void>();
    answering(async () => stream((controller) => controller.enqueue(new Uint8Array(5000).fill(97)), cancelled));
    const answer = await exchange(URL, {}, 1000);
    expect(answer).toMatchObject({ kind: 'answer', body: 'a'.repeat(16_384) });
    expect(cancelled).toHaveBeenCalledOnce();
  });

  test('may break off: the status that came is the answer, or a delivered message would be sent again', async () => {
    let pulls = 0;
    answering(async () =>
      stream((controller) => {
        pulls += 1;
        if (pulls === 1) controller.enqueue(new TextEncoder().encode('beginning'));
        else controller.error(new Error('connection reset'));
      }),
    );
    expect(await exchange(URL, {}, 1000)).toMatchObject({ kind: 'answer', status: 200, body: 'beginning' });
  });

  test('may never end: it is cut after the time for the whole call', async () => {
    vi.useFakeTimers();
    answering(async (_, init) =>
      stream((controller) => init?.signal?.addEventListener('abort', () => controller.error(new Error('aborted')))),
    );
    const endless = exchange(URL, {}, 15_000);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await endless).toMatchObject({ kind: 'answer', status: 200, body: '' });
  });

  test('may be absent', async () => {
    answering(async () => new Response(null, { status: 204 }));
    expect(await exchange(URL, {}, 1000)).toMatchObject({ kind: 'answer', status: 204, body: '' });
  });
});
