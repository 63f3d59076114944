import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { call, expectProblem, freshId, nativeEvent, registered } from './client.ts';
import { ADMIN_TOKEN, CSMS_TOKEN } from '../settings.ts';

const post = (json: unknown) => call('/webhooks/ocpp', { json });
const tallyOf = async (response: Response) => {
  expect(response.status).toBe(202);
  return response.json();
};
const tally = (counts: object) => ({
  received: 0,
  duplicates: 0,
  ignored: 0,
  ignoredReasons: { 'no-interest': 0, 'charger-unknown': 0 },
  rejected: [],
  ...counts,
});
const ignored = (reason: string, count: number) => ({
  ignored: count,
  ignoredReasons: { 'no-interest': 0, 'charger-unknown': 0, [reason]: count },
});

const Timeline = z.object({
  timeline: z.array(
    z.object({ entry: z.object({ kind: z.string(), reason: z.string().optional(), detail: z.string().optional() }) }),
  ),
});

/** Lists within lists, so many levels deep. */
const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);

describe('a webhook in our own format', () => {
  it('takes one event of a registered charger', async () => {
    const id = await registered();
    expect(await tallyOf(await post(nativeEvent(id)))).toEqual(tally({ received: 1 }));
  });

  it('takes an array, and knows the charger by its OCPP identity too', async () => {
    const id = await registered();
    const byIdentity = { ...nativeEvent(id), chargePointId: undefined, ocppIdentity: `CP_${id}` };
    expect(await tallyOf(await post([nativeEvent(id), byIdentity]))).toEqual(tally({ received: 2 }));
  });

  describe('by an identity that only one side says percent-encoded', () => {
    const said = (ocppIdentity: string) => ({ ...nativeEvent(''), chargePointId: null, ocppIdentity });

    it('knows the charger that is meant', async () => {
      const name = freshId();
      await registered({ ocppIdentity: `A ${name}/1` });
      await registered({ ocppIdentity: `B%20${name}` });
      const events = [said(`A%20${name}%2F1`), said(`B ${name}`)];
      expect(await tallyOf(await post(events))).toEqual(tally({ received: 2 }));
    });

    it('knows the charger that has the very identity, if there is one', async () => {
      const name = freshId();
      const other = await registered({ ocppIdentity: `A ${name}` });
      await registered({ ocppIdentity: `A%20${name}` });
      expect(await tallyOf(await post(said(`A%20${name}`)))).toEqual(tally({ received: 1 }));
      const timeline = await call(`/api/chargers/${other}/timeline`, { token: ADMIN_TOKEN });
      expect(await timeline.json()).toMatchObject({ timeline: [] });
    });

    it('knows none by one that is encoded twice, or not encoded at all', async () => {
      const name = freshId();
      await registered({ ocppIdentity: `A ${name}` });
      const events = [said(`A%2520${name}`), said(`A%2 ${name}`)];
      expect(await tallyOf(await post(events))).toEqual(tally(ignored('charger-unknown', 2)));
    });
  });

  it('takes an empty array and does nothing', async () => {
    expect(await tallyOf(await post([]))).toEqual(tally({}));
  });

  it('counts the same event again as a duplicate', async () => {
    const id = await registered();
    const event = nativeEvent(id);
    await post(event);
    expect(await tallyOf(await post([event, nativeEvent(id)]))).toEqual(tally({ received: 1, duplicates: 1 }));
  });

  it('counts the same webhook-id again with the same body as a duplicate', async () => {
    const id = await registered();
    const headers = { 'webhook-id': crypto.randomUUID() };
    const event = { chargePointId: id, connection: 'connected', timestamp: '2026-03-31T13:47:30Z' };
    const send = () => call('/webhooks/ocpp', { json: event, headers });
    expect(await tallyOf(await send())).toEqual(tally({ received: 1 }));
    expect(await tallyOf(await send())).toEqual(tally({ duplicates: 1 }));
  });

  it('loses nothing of a CSMS that gives every webhook the same id', async () => {
    const id = await registered();
    const headers = { 'webhook-id': 'webhook' };
    const send = (json: unknown) => call('/webhooks/ocpp', { json, headers });
    expect(await tallyOf(await send(nativeEvent(id)))).toEqual(tally({ received: 1 }));
    expect(await tallyOf(await send(nativeEvent(id)))).toEqual(tally({ received: 1 }));
  });

  it.each([
    ['a heartbeat', { frame: [2, 'h-1', 'Heartbeat', {}] }],
    ['an action that OCPP does not have', { frame: [2, 'x-1', 'MakeCoffee', {}] }],
  ])('ignores %s', async (_, changes) => {
    const id = await registered();
    expect(await tallyOf(await post(nativeEvent(id, changes)))).toEqual(tally(ignored('no-interest', 1)));
  });

  it('ignores chargers that nobody registered, by id and by identity', async () => {
    const unknown = nativeEvent(freshId());
    const byIdentity = { ...nativeEvent(''), chargePointId: null, ocppIdentity: freshId() };
    expect(await tallyOf(await post([unknown, byIdentity]))).toEqual(tally(ignored('charger-unknown', 2)));
  });

  it('takes the good events of a batch and lists the bad ones by their place', async () => {
    const id = await registered();
    const batch = [
      nativeEvent(id, { frame: [9, 'a', 'Heartbeat', {}] }),
      nativeEvent(id),
      nativeEvent(id, { protocol: 'ocpp1.5' }),
      null,
      nativeEvent(id),
      nativeEvent(id, { frame: [2, 'bad-1', 'StatusNotification', { connectorId: 'one' }] }),
    ];
    const answer = await tallyOf(await post(batch));
    expect(answer).toMatchObject({ received: 2, duplicates: 0, ignored: 0 });
    expect(answer).toHaveProperty('rejected', [
      { index: 0, reason: 'frame-invalid', detail: expect.any(String) },
      { index: 2, reason: 'protocol-unknown', detail: expect.any(String) },
      { index: 3, reason: 'envelope-invalid', detail: expect.any(String) },
      { index: 5, reason: 'frame-invalid', detail: expect.any(String) },
    ]);
  });

  it('shows in the timeline of a charger, once a day, what was refused of it and why', async () => {
    const id = await registered();
    const unknownProtocol = nativeEvent(id, { protocol: 'ocpp1.5' });
    const unusable = () => nativeEvent(id, { frame: [2, crypto.randomUUID(), 'StatusNotification', { status: 7 }] });
    for (let time = 0; time < 3; time += 1) await post([unknownProtocol, unusable(), nativeEvent(id)]);
    const shown = await call(`/api/chargers/${id}/timeline`, { token: ADMIN_TOKEN });
    const { timeline } = Timeline.parse(await shown.json());
    const refused = timeline.flatMap(({ entry }) => (entry.kind === 'refused' ? [entry] : []));
    expect(refused).toHaveLength(2);
    expect(new Set(refused.map(({ reason }) => reason))).toEqual(new Set(['frame-invalid', 'protocol-unknown']));
    expect(refused.every(({ detail }) => detail !== undefined && detail.length > 10)).toBe(true);
  });

  it('lists a bad event of a charger that nobody registered as rejected, not as ignored', async () => {
    const bad = nativeEvent(freshId(), { protocol: 'ocpp1.5' });
    const unknown = nativeEvent(freshId());
    const answer = await tallyOf(await post([bad, unknown]));
    expect(answer).toMatchObject({
      ...ignored('charger-unknown', 1),
      rejected: [{ index: 0, reason: 'protocol-unknown' }],
    });
  });

  it('refuses a request of which nothing is usable, with the reason its events share', async () => {
    const id = await registered();
    const bad = nativeEvent(id, { protocol: 'ocpp1.5' });
    const body = await expectProblem(await post([bad, bad]), 400, 'protocol-unknown');
    expect(body).toMatchObject({ received: 0, rejected: [{ index: 0 }, { index: 1 }] });
    await expectProblem(await post([bad, nativeEvent(id, { frame: 'x' })]), 400, 'envelope-invalid');
  });

  it('refuses what is nested deeper than 64 levels, and no more of a batch than that', async () => {
    const id = await registered();
    const deep = (levels: number) => nativeEvent(id, { response: nested(levels) });
    await expectProblem(await post(deep(5000)), 400, 'body-too-deep');
    await expectProblem(await post(deep(64)), 400, 'body-too-deep');
    expect(await tallyOf(await post(deep(63)))).toEqual(tally({ received: 1 }));
    const rejected = [{ index: 1, reason: 'body-too-deep', detail: expect.any(String) }];
    expect(await tallyOf(await post([nativeEvent(id), deep(5000)]))).toEqual(tally({ received: 1, rejected }));
  });

  it('lists elements that are no events one by one', async () => {
    const id = await registered();
    const answer = await tallyOf(await post([null, 7, nativeEvent(id), [], 'event']));
    expect(answer).toMatchObject({ received: 1, rejected: [{ index: 0 }, { index: 1 }, { index: 3 }, { index: 4 }] });
  });

  it('takes a batch of 500 and refuses one of 501', async () => {
    const id = await registered();
    const batch = Array.from({ length: 500 }, () => nativeEvent(id));
    expect(await tallyOf(await post(batch))).toEqual(tally({ received: 500 }));
    await expectProblem(await post([...batch, nativeEvent(id)]), 400, 'batch-too-large');
  });

  it.each([
    ['no charger', { chargePointId: undefined }, 'envelope-invalid'],
    ['an empty charger id', { chargePointId: '' }, 'envelope-invalid'],
    ['a direction of its own', { direction: 'up' }, 'envelope-invalid'],
    ['no protocol', { protocol: undefined }, 'envelope-invalid'],
    ['an unknown protocol', { protocol: 'ocpp2.1' }, 'protocol-unknown'],
    ['no frame', { frame: undefined }, 'frame-invalid'],
    ['an object for a frame', { frame: {} }, 'frame-invalid'],
  ])('refuses an event with %s', async (_, changes, reason) => {
    await expectProblem(await post(nativeEvent(freshId(), changes)), 400, reason);
  });
});

describe('a webhook of CitrineOS', () => {
  const message = (id: string, changes: object = {}) => ({
    stationId: `CP_${id}`,
    event: 'message',
    origin: 'cs',
    message: JSON.stringify(nativeEvent(id)['frame']),
    info: { correlationId: '1', origin: 'cs', timestamp: '2026-02-20T16:24:24.000Z', protocol: 'ocpp1.6' },
    ...changes,
  });
  const deliver = (json: unknown) => call(`/webhooks/citrineos/${CSMS_TOKEN}`, { json, token: null });

  it('is taken with the token in the path, in both spellings', async () => {
    const id = await registered();
    const v2 = message(id, { stationId: undefined, ocppConnectionName: `CP_${id}` });
    expect(await tallyOf(await deliver(message(id)))).toEqual(tally({ received: 1 }));
    expect(await tallyOf(await deliver(v2))).toEqual(tally({ received: 1 }));
  });

  it('tells of connections', async () => {
    const id = await registered();
    const answer = await tallyOf(await deliver({ stationId: `CP_${id}`, event: 'connected' }));
    expect(answer).toMatchObject({ rejected: [] });
  });

  it('is refused when it holds what the websocket said and that is no frame', async () => {
    const id = await registered();
    await expectProblem(await deliver(message(id, { message: 'HELLO [' })), 400, 'frame-invalid');
    const deep = JSON.stringify([2, 'a', 'StatusNotification', { customData: nested(5000) }]);
    await expectProblem(await deliver(message(id, { message: deep })), 400, 'body-too-deep');
  });
});

describe('the body of a webhook', () => {
  const send = (body: BodyInit, type = 'application/json') =>
    call('/webhooks/ocpp', { body, headers: { 'content-type': type } });
  const bodyOf = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`;

  it.each(['{"a":', '', 'hello', '\u0000'])('is refused when it is no JSON: %j', async (text) => {
    await expectProblem(await send(text), 400, 'body-not-json');
  });

  it('is refused when it is not UTF-8', async () => {
    await expectProblem(await send(new Uint8Array([0x22, 0xff, 0x22])), 400, 'body-not-json');
  });

  it('is read afresh after one that broke off in the middle of a letter', async () => {
    await expectProblem(await send(new Uint8Array([0x22, 0xe2, 0x82])), 400, 'body-not-json');
    await expectProblem(await send('"text"'), 400, 'envelope-invalid');
  });

  it.each(['"text"', '7', 'null', 'true'])('is refused when it is no envelope: %s', async (text) => {
    await expectProblem(await send(text), 400, 'envelope-invalid');
  });

  it('is refused over 1 MiB when its length is declared', async () => {
    await expectProblem(await send(bodyOf(2_097_152)), 413, 'body-too-large');
  });

  it('is refused over 1 MiB when its length is not declared', async () => {
    const stream = new Blob([bodyOf(2_097_152)]).stream();
    await expectProblem(await send(stream), 413, 'body-too-large');
  });

  it('may be exactly 1 MiB', async () => {
    await expectProblem(await send(bodyOf(1_048_576)), 400, 'envelope-invalid');
    await expectProblem(await send(bodyOf(1_048_577)), 413, 'body-too-large');
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', '', 'application/jsonp', 'text/json'])(
    'is refused as %j',
    async (type) => {
      await expectProblem(await send('[]', type), 415, 'content-type-unsupported');
    },
  );

  it.each(['application/json; charset=utf-8', 'Application/JSON', 'application/cloudevents+json'])(
    'is taken as %s',
    async (type) => {
      expect((await send('[]', type)).status).toBe(202);
    },
  );

  it('may begin with a byte order mark', async () => {
    expect((await send('\uFEFF[]')).status).toBe(202);
  });
});
