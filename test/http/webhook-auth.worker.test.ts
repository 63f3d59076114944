import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { call, expectProblem } from './client.ts';
import {
  ADMIN_TOKEN,
  CSMS_TOKEN,
  JEDLIX_TOKEN,
  OLD_WEBHOOK_SECRET,
  OTHER_CSMS_TOKEN,
  STEKKER_KEY,
  WEBHOOK_SECRET,
} from '../settings.ts';

const BODY = '[ ]';
const FOREIGN_SECRET = `whsec_${btoa('secret-of-somebody-else-abcdefgh')}`;
const refused = async (response: Response) => {
  await expectProblem(response, 401, 'unauthorized');
  expect(response.headers.get('www-authenticate')).toBe('Bearer');
};
const post = (headers: Record<string, string>, path = '/webhooks/ocpp') =>
  call(path, { token: null, body: BODY, headers: { 'content-type': 'application/json', ...headers } });

/** Headers as the reference implementation of Standard Webhooks signs them. */
function signed({ secret = WEBHOOK_SECRET, agoS = 0, body = BODY } = {}): Record<string, string> {
  const at = new Date(Date.now() - agoS * 1000);
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign('msg_1', at, body),
  };
}

describe('a webhook by token', () => {
  it.each([`Bearer ${CSMS_TOKEN}`, `bearer ${CSMS_TOKEN}`, `Token ${OTHER_CSMS_TOKEN}`, `TOKEN ${CSMS_TOKEN}`])(
    'is let in with %s',
    async (authorization) => {
      expect((await post({ authorization })).status).toBe(202);
    },
  );

  it('is let in with the token in the path', async () => {
    expect((await post({}, `/webhooks/ocpp/${CSMS_TOKEN}`)).status).toBe(202);
  });

  it.each([
    ['nothing', {}],
    ['an empty token', { authorization: 'Bearer ' }],
    ['a wrong token', { authorization: 'Bearer nope' }],
    ['the beginning of a token', { authorization: `Bearer ${CSMS_TOKEN.slice(0, -1)}` }],
    ['a token with more behind it', { authorization: `Bearer ${CSMS_TOKEN}x` }],
    ['all tokens at once', { authorization: `Bearer ${CSMS_TOKEN},${OTHER_CSMS_TOKEN}` }],
    ['another scheme', { authorization: `Basic ${CSMS_TOKEN}` }],
    ['no scheme', { authorization: CSMS_TOKEN }],
    ['the operator’s token', { authorization: `Bearer ${ADMIN_TOKEN}` }],
    ['a provider’s token', { authorization: `Bearer ${JEDLIX_TOKEN}` }],
    ['a provider’s key', { secret: STEKKER_KEY, 'x-functions-key': STEKKER_KEY }],
  ])('is refused with %s', async (_, headers) => {
    await refused(await post(headers));
  });

  it('is refused with a wrong token in the path', async () => {
    await refused(await post({}, '/webhooks/ocpp/nope'));
  });

  it('is refused before its body and content type are looked at', async () => {
    await refused(await call('/webhooks/ocpp', { token: 'nope', body: 'x'.repeat(2_097_152) }));
  });

  it('is not found for a CSMS that does not exist', async () => {
    await expectProblem(await call('/webhooks/acme', { json: [] }), 404, 'not-found');
  });
});

describe('a webhook by signature', () => {
  it('is let in when the reference implementation signed it', async () => {
    expect((await post(signed())).status).toBe(202);
  });

  it('is let in by the old secret while it is rotated out', async () => {
    expect((await post(signed({ secret: OLD_WEBHOOK_SECRET }))).status).toBe(202);
  });

  it('is let in when any of several signatures fits', async () => {
    const right = signed();
    const wrong = signed({ secret: FOREIGN_SECRET });
    const signature = `v1a,AAAA ${wrong['webhook-signature']} v1,%%% ${right['webhook-signature']}`;
    expect((await post({ ...right, 'webhook-signature': signature })).status).toBe(202);
  });

  it('is let in up to five minutes late or early', async () => {
    expect((await post(signed({ agoS: 290 }))).status).toBe(202);
    expect((await post(signed({ agoS: -290 }))).status).toBe(202);
  });

  it('is let in by a token although the signature is wrong', async () => {
    const headers = { ...signed({ secret: FOREIGN_SECRET }), authorization: `Bearer ${CSMS_TOKEN}` };
    expect((await post(headers)).status).toBe(202);
  });

  it('is let in by the signature although the token is wrong', async () => {
    expect((await post({ ...signed(), authorization: 'Bearer nope' })).status).toBe(202);
  });

  it.each([
    ['of another secret', signed({ secret: FOREIGN_SECRET })],
    ['of another body', signed({ body: '[]' })],
    ['that is stale', signed({ agoS: 320 })],
    ['from the future', signed({ agoS: -320 })],
    ['of another id', { ...signed(), 'webhook-id': 'msg_2' }],
    ['without id', { ...signed(), 'webhook-id': '' }],
    ['of no version', { ...signed(), 'webhook-signature': (signed()['webhook-signature'] ?? '').slice(3) }],
    ['that is empty', { ...signed(), 'webhook-signature': '' }],
    ['without time', { ...signed(), 'webhook-timestamp': '' }],
    ['at a time that is no number', { ...signed(), 'webhook-timestamp': 'now' }],
  ])('is refused with a signature %s', async (_, headers) => {
    await refused(await post(headers));
  });

  it('is bounded before it is verified', async () => {
    const response = await call('/webhooks/ocpp', {
      token: null,
      body: 'x'.repeat(2_097_152),
      headers: { ...signed(), 'content-type': 'application/json' },
    });
    await expectProblem(response, 413, 'body-too-large');
  });
});
