import { describe, expect, it } from 'vitest';
import { readBody, readJson } from '../../src/http/body.ts';

/** Node wants to be told that a stream is sent before the answer is read; the Worker's types do not know the word. */
const HALF_DUPLEX = { duplex: 'half' };

const post = (body: BodyInit, headers: Record<string, string> = {}) =>
  new Request('https://scsp.test/', Object.assign({ method: 'POST', body, headers }, HALF_DUPLEX));

/** A body without declared length that notes how much of it was asked for. */
function endless() {
  const asked = { bytes: 0, isCancelled: false };
  const stream = new ReadableStream({
    pull(controller) {
      asked.bytes += 1000;
      controller.enqueue(new Uint8Array(1000));
    },
    cancel() {
      asked.isCancelled = true;
    },
  });
  return { asked, stream };
}

describe('reading a body', () => {
  it('stops an endless one soon after the limit', async () => {
    const { asked, stream } = endless();
    expect(await readBody(post(stream), 10_000)).toMatchObject({ ok: false, error: { reason: 'body-too-large' } });
    expect(asked.bytes).toBeLessThan(20_000);
    expect(asked.isCancelled).toBe(true);
  });

  it('counts real bytes, whatever the declared length says', async () => {
    const request = post('x'.repeat(11), { 'content-length': '3' });
    expect(await readBody(request, 10)).toMatchObject({ ok: false, error: { reason: 'body-too-large' } });
  });

  it('gives the bytes as they came', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    expect(await readBody(post(bytes))).toEqual({ ok: true, value: bytes });
    expect(await readBody(new Request('https://scsp.test/'))).toEqual({ ok: true, value: new Uint8Array() });
  });

  it('refuses a wrong content type before it reads anything', async () => {
    const { asked, stream } = endless();
    const request = post(stream, { 'content-type': 'text/plain' });
    expect(await readJson(request)).toMatchObject({ ok: false, error: { reason: 'content-type-unsupported' } });
    expect(asked.bytes).toBeLessThanOrEqual(1000);
  });
});
