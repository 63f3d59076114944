/** A CSMS that was built for Stekker changes one URL: Stekker gets from us what it got before, and Jedlix gets the sessions too. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { pairWith, sentTo, standInProviders } from '../station/world.ts';
import { PATIENCE } from '../patience.ts';
import { call, expectProblem, freshId, registered } from './client.ts';

afterEach(() => vi.restoreAllMocks());

const details = (chargePointId: string, changes: object = {}) => ({
  event: 'ChargePointDetailsNotification',
  chargePointId,
  pairingCode: 'DWXYZ',
  name: 'Solar 0213',
  ocppIdentity: `SOLAR_${chargePointId}`,
  country: 'NLD',
  geometry: { type: 'Point', coordinates: [52.583, 5.365] },
  connectors: [
    {
      connectorId: '1',
      physicalReference: 'NLSTKE000002',
      maxPower: 22080,
      maxVoltage: 230,
      maxAmperage: 32,
      powerType: 'AC_3_PHASE',
    },
  ],
  ...changes,
});

/** A session in the envelopes of the guide: the reply of start and status beside the event, of readings and stop inside it. */
function session(chargePointId: string) {
  const envelope = (event: object, more: object = {}) => ({
    notification: 'OcppEvent',
    protocol: '1.6',
    chargePointId,
    evseId: 'NLEFLEV5496770',
    ocppIdentity: `SOLAR_${chargePointId}`,
    event,
    ...more,
  });
  const idTagInfo = { status: 'Accepted', expiryDate: '2031-12-29T12:48:59.621Z' };
  const [idTag, transactionId] = ['1234567890123A', 123885164];
  const sampledValue = [
    { value: '579630', measurand: 'Energy.Active.Import.Register', unit: 'Wh', context: 'Sample.Periodic' },
  ];
  return [
    envelope(
      {
        method: 'StartTransaction',
        params: { connectorId: 1, idTag, meterStart: 579130, timestamp: '2026-03-31T12:48:56Z' },
      },
      { response: { transactionId, idTagInfo } },
    ),
    envelope(
      {
        method: 'StatusNotification',
        params: { connectorId: 1, errorCode: 'NoError', status: 'Charging', info: 'on' },
      },
      { response: {} },
    ),
    envelope({
      method: 'MeterValues',
      params: { connectorId: 1, transactionId, meterValue: [{ timestamp: '2026-03-31T12:53:56Z', sampledValue }] },
      response: {},
    }),
    envelope({
      method: 'StopTransaction',
      params: { transactionId, meterStop: 580130, timestamp: '2026-03-31T12:58:56Z', idTag, reason: 'EVDisconnected' },
      response: { idTagInfo },
    }),
  ];
}

const post = (json: unknown, method = 'POST') => call('/webhooks/ocpp-event', { json, method });

/** Registers and pairs by webhook alone, then tells both providers of a session. */
async function wholeSession(method: string) {
  const { calls } = standInProviders();
  const id = freshId();
  expect(await (await post(details(id), method)).json()).toMatchObject({ received: 1, rejected: [] });
  await pairWith(id, 'jedlix');
  for (const envelope of session(id)) expect((await post(envelope)).status).toBe(202);
  await vi.waitFor(() => expect(sentTo('jedlix', calls, id)).toHaveLength(4), PATIENCE);
  await vi.waitFor(() => expect(sentTo('stekker', calls, id)).toHaveLength(4), PATIENCE);
  return { id, calls };
}

describe('charger details by webhook', () => {
  it.each(['PUT', 'POST'])(
    'register the charger by %s and pair it with the code, as the provider itself would',
    async (method) => {
      const { id, calls } = await wholeSession(method);
      const pairings = calls.filter(({ body }) => body.includes('pairingCode'));
      expect(pairings.map(({ method: verb, path }) => [verb, path])).toEqual([['PUT', '/api/v1/events']]);
      expect(JSON.parse(pairings[0]?.body ?? '')).toEqual(details(id));
      const charger = await (await call(`/api/chargers/${id}`)).json();
      expect(charger).toMatchObject({ protocol: 'ocpp1.6', evses: [{ evseId: 1, emi3Id: 'NLSTKE000002' }] });
    },
  );

  it('with a wrong code are refused with the reason of the provider; the charger is registered all the same', async () => {
    const { answers } = standInProviders();
    answers.stekker = () => new Response('{}', { status: 404 });
    const id = freshId();
    await expectProblem(await post(details(id), 'PUT'), 404, 'pairing-code-incorrect');
    expect((await call(`/api/chargers/${id}`)).status).toBe(200);
    expect(await (await call(`/api/chargers/${id}/pairings`)).json()).toMatchObject({ pairings: [] });
  });

  it('leave what they do not say as it was: the OCPP version, the ids of the EVSE and its profiles', async () => {
    const connector = { connectorId: '1', maxVoltage: 230, maxAmperage: 16 };
    const known = { evseId: 1, uid: '3256', emi3Id: 'NL*STK*E000002', rateUnit: 'A', minAmperage: 8 };
    const id = await registered({ protocol: 'ocpp2.0.1', evses: [{ ...known, connectors: [connector] }] });
    expect((await post(details(id, { pairingCode: undefined }), 'PUT')).status).toBe(202);
    expect(await (await call(`/api/chargers/${id}`)).json()).toMatchObject({
      protocol: 'ocpp2.0.1',
      name: 'Solar 0213',
      evses: [known],
    });
  });

  it('are refused from the twenty-first code of a request on, which could take minutes; those without a code are not', async () => {
    standInProviders();
    const json = Array.from({ length: 22 }, (_, index) =>
      details(freshId(), index === 21 ? { pairingCode: null } : {}),
    );
    const response = await call('/webhooks/ocpp-event', { json });
    expect(await response.json()).toMatchObject({ received: 21, rejected: [{ index: 20, reason: 'batch-too-large' }] });
  });

  it('are refused as every charger is, naming the field', async () => {
    await expectProblem(await post(details(freshId(), { country: 'Netherlands' }), 'PUT'), 400, 'charger-invalid');
  });
});

describe('session events by webhook', () => {
  it('reach Stekker as they were sent, evseId, identity and responses included, and Jedlix as TransactionEvents', async () => {
    const { id, calls } = await wholeSession('PUT');
    expect(sentTo('stekker', calls, id)).toEqual(session(id));
    const told = sentTo('jedlix', calls, id);
    expect(told.map(({ eventType, seqNo, triggerReason }) => [eventType, seqNo, triggerReason])).toEqual([
      ['Started', 0, 'Authorized'],
      ['Updated', 1, 'ChargingStateChanged'],
      ['Updated', 2, 'MeterValuePeriodic'],
      ['Ended', 3, 'EVCommunicationLost'],
    ]);
    expect(new Set(told.map(({ transactionInfo }) => transactionInfo.transactionId))).toEqual(new Set(['123885164']));
  });

  it('are duplicates when they come again and say when they were said; a status without a time is new each time', async () => {
    const { id } = await wholeSession('PUT');
    const [start, status, readings, stop] = session(id);
    for (const again of [start, readings, stop]) {
      expect(await (await post(again)).json()).toMatchObject({ received: 0, duplicates: 1 });
    }
    expect(await (await post(status)).json()).toMatchObject({ received: 1, duplicates: 0 });
  });

  it('of a charger that nobody registered are ignored', async () => {
    expect(await (await post(session(freshId()))).json()).toMatchObject({ received: 0, ignored: 4 });
  });

  it('of another protocol or envelope are refused', async () => {
    const [start] = session(freshId());
    await expectProblem(await post({ ...start, protocol: '2.0.1' }), 400, 'protocol-unknown');
    await expectProblem(await post({ ...start, notification: 'Other' }), 400, 'envelope-invalid');
  });
});
