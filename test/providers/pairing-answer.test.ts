/** What a provider's answer to a pairing code means to the person waiting. */
import type { Exchange } from '../../src/recipient.ts';
import { describe, expect, test } from 'vitest';
import { readPairingAnswer } from '../../src/providers/pairing-answer.ts';

const NOW = Date.parse('2026-03-31T12:00:00Z');

const read = (status: number, retryAfter: string | null = null, body = '') =>
  readPairingAnswer({ kind: 'answer', status, retryAfter, body }, NOW);
const readNone = (cause: Extract<Exchange, { kind: 'no-answer' }>['cause']) =>
  readPairingAnswer({ kind: 'no-answer', cause, detail: 'token-server-http-401' }, NOW);

describe('a pairing answered with', () => {
  test.each([200, 201, 204])('%i is done', (status) => {
    expect(read(status)).toEqual({ ok: true, value: undefined });
  });

  test.each([
    [404, 'pairing-code-incorrect'],
    [409, 'charger-already-paired'],
    [401, 'provider-misconfigured'],
    [403, 'provider-misconfigured'],
    [400, 'provider-rejected'],
    [302, 'provider-rejected'],
    [408, 'provider-unavailable'],
    [425, 'provider-unavailable'],
    [429, 'provider-unavailable'],
    [500, 'provider-unavailable'],
    [503, 'provider-unavailable'],
  ])('%i is %s', (status, reason) => {
    expect(read(status)).toMatchObject({ ok: false, error: { reason } });
  });

  test.each([
    ['timeout', 'provider-unavailable'],
    ['network', 'provider-unavailable'],
    ['credential', 'provider-misconfigured'],
  ] as const)('nothing (%s) is %s', (cause, reason) => {
    expect(readNone(cause)).toMatchObject({ ok: false, error: { reason } });
  });
});

describe('when to try again', () => {
  test.each([
    [null, 30],
    ['7', 7],
    ['Tue, 31 Mar 2026 12:01:00 GMT', 60],
    ['99999999', 3600],
    ['9'.repeat(400), 3600],
    ['soon', 30],
  ])('is, for Retry-After %j, after %i s', (retryAfter, retryAfterS) => {
    expect(read(503, retryAfter)).toMatchObject({ error: { retryAfterS } });
  });

  test('is not said when it cannot help', () => {
    expect(read(404)).not.toMatchObject({ error: { retryAfterS: expect.anything() } });
  });
});

test('the text of a refusal, which may repeat the code, goes neither to the caller nor to the log; its status goes to both', () => {
  const refusal = read(422, null, '{"message":"PEN4E is no code"}');
  expect(refusal).toMatchObject({ error: { context: { cause: 'http-422' }, detail: expect.stringContaining('422') } });
  expect(JSON.stringify(refusal)).not.toContain('PEN4E');
});
