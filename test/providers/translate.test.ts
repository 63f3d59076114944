/** What each provider is sent of one event: Stekker's envelopes with `response` where its guide has it, Jedlix's paths and numbers. */
import type { OutgoingMessage } from '../../src/recipient.ts';
import { describe, expect, test } from 'vitest';
import type { ChargeEvent } from '../../src/charging/charge-event.ts';
import { jedlix } from '../../src/providers/jedlix/jedlix.ts';
import { stekker } from '../../src/providers/stekker/stekker.ts';
import { SETTINGS } from '../settings.ts';
import { CHARGER, EVENTS } from './events.ts';

function translated(
  provider: typeof stekker | typeof jedlix,
  event: ChargeEvent,
  seqNo = 0,
): readonly OutgoingMessage[] {
  const configured = provider.configure(SETTINGS);
  if (!configured.ok || configured.value === undefined) throw new Error('not configured by the test settings');
  return configured.value.translate(event, { charger: CHARGER, seqNo });
}

function eventOf<Kind extends ChargeEvent['kind']>(kind: Kind, changes: object = {}): ChargeEvent {
  const event = EVENTS.find((each) => each.kind === kind);
  if (event === undefined) throw new Error(`no event ${kind}`);
  return { ...event, ...changes };
}

const bodies = (messages: readonly OutgoingMessage[]) => messages.map(({ body }) => body);
const names = (messages: readonly OutgoingMessage[]) => messages.map(({ name }) => name);

const ENVELOPE = {
  notification: 'OcppEvent',
  protocol: '1.6',
  chargePointId: '61409f9bad616b6c64c31704',
  evseId: 'NLEFLEV5496770',
  ocppIdentity: 'LIB_6513',
};
const connectorStatus = { state: 'Charging', at: '2026-03-31T12:00:00Z' };

describe('Stekker', () => {
  test('gets a start with the reply of the CSMS beside the event', () => {
    const event = eventOf('session-started', {
      authorization: { status: 'Accepted', expiryDate: '2031-12-29T12:48:59Z' },
    });
    expect(bodies(translated(stekker, event))).toEqual([
      {
        ...ENVELOPE,
        event: {
          method: 'StartTransaction',
          params: { connectorId: 1, idTag: '1234567890123A', timestamp: '2026-03-31T12:00:00Z', meterStart: 579130 },
        },
        response: {
          transactionId: 123885164,
          idTagInfo: { status: 'Accepted', expiryDate: '2031-12-29T12:48:59Z' },
        },
      },
    ]);
  });

  test('gets readings with the reply inside the event', () => {
    expect(bodies(translated(stekker, eventOf('session-updated')))).toMatchObject([
      { ...ENVELOPE, event: { method: 'MeterValues', params: { transactionId: 123885164 }, response: {} } },
    ]);
    expect(bodies(translated(stekker, eventOf('session-updated')))[0]).not.toHaveProperty('response');
  });

  test('gets a stop with the reply inside the event', () => {
    const event = eventOf('session-ended', { authorization: { status: 'Accepted' }, meterValues: [] });
    const [body] = bodies(translated(stekker, event));
    expect(body).toMatchObject({
      ...ENVELOPE,
      event: {
        method: 'StopTransaction',
        params: { transactionId: 123885164, meterStop: 580000, reason: 'Local' },
        response: { idTagInfo: { status: 'Accepted' } },
      },
    });
    expect(body).not.toHaveProperty('response');
  });

  test('gets a status with an empty reply beside the event', () => {
    expect(bodies(translated(stekker, eventOf('connector-status-changed')))).toEqual([
      {
        ...ENVELOPE,
        event: { method: 'StatusNotification', params: { connectorId: 1, errorCode: 'NoError', status: 'Available' } },
        response: {},
      },
    ]);
  });

  test('gets the status and the readings of one event as two messages, the start and the stop in their right places', () => {
    const names3 = (['session-started', 'session-updated', 'session-ended'] as const).map((kind) =>
      names(translated(stekker, eventOf(kind, { connectorStatus }))),
    );
    expect(names3).toEqual([
      ['StartTransaction', 'StatusNotification'],
      ['StatusNotification', 'MeterValues'],
      ['StopTransaction', 'StatusNotification'],
    ]);
  });

  test('gets no EVSE id of an EVSE that has none', () => {
    const event = eventOf('connector-status-changed', { evse: { evseId: 2, connectorId: 1 } });
    expect(bodies(translated(stekker, event))[0]).not.toHaveProperty('evseId');
  });

  test('gets changed details as a PUT without a code, and everything else as a POST to the same path', () => {
    const [details] = translated(stekker, eventOf('charger-details-changed'));
    expect(details).toMatchObject({ name: 'ChargePointDetailsNotification', method: 'PUT', path: '/api/v1/events' });
    expect(details?.body).not.toHaveProperty('pairingCode');
    const [status] = translated(stekker, eventOf('connector-status-changed'));
    expect(status).toMatchObject({ method: 'POST', path: '/api/v1/events' });
  });
});

describe('Jedlix', () => {
  test('gets one TransactionEvent for each event of a session, under the number it knows it by', () => {
    const kinds = ['session-started', 'session-updated', 'session-ended'] as const;
    const messages = kinds.flatMap((kind, place) => translated(jedlix, eventOf(kind), place + 4));
    expect(bodies(messages)).toMatchObject([
      { eventType: 'Started', seqNo: 4, transactionInfo: { transactionId: '123885164' } },
      { eventType: 'Updated', seqNo: 5 },
      { eventType: 'Ended', seqNo: 6, transactionInfo: { stoppedReason: 'Local' } },
    ]);
    for (const message of messages) {
      expect(message).toMatchObject({
        name: 'TransactionEvent',
        method: 'POST',
        path: '/v1/scsp/chargingstations/61409f9bad616b6c64c31704/events/ocpp2.0.1/TransactionEvent',
      });
    }
  });

  test('gets them at the path that is set, with the charger’s id made safe for it', () => {
    const JEDLIX_TRANSACTION_EVENT_PATH = '/x/{protocol}/{uid}';
    const configured = jedlix.configure({ ...SETTINGS, JEDLIX_TRANSACTION_EVENT_PATH });
    const charger = { ...CHARGER, chargePointId: 'a/../b?c $&' };
    const [message] =
      (configured.ok ? configured.value : undefined)?.translate(eventOf('session-updated'), { charger, seqNo: 0 }) ??
      [];
    expect(message?.path).toBe('/x/ocpp2.0.1/a%2F..%2Fb%3Fc%20%24%26');
  });
});
