/** A session told in the other version and back again keeps every field that has an equivalent there. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { Charger } from '../../src/charging/charger.ts';
import { DEFAULT_MEASURAND } from '../../src/charging/quantity.ts';
import { calm, day, type Day } from './generated-day.ts';
import { webhooksOf } from './generated-webhooks.ts';
import { SimulatedStation } from './simulated-station.ts';

type Fields = Readonly<Record<string, unknown>>;

const Envelope = z.looseObject({
  event: z.object({ method: z.string(), params: z.record(z.string(), z.unknown()) }),
  response: z.record(z.string(), z.unknown()).optional(),
});
const Reading = z.array(z.object({ timestamp: z.string(), sampledValue: z.array(z.record(z.string(), z.unknown())) }));

const chargerOf = ({ connectors }: Day, protocol: Charger['protocol']): Charger => ({
  chargePointId: 'CP-1',
  ocppIdentity: 'CP_1',
  protocol,
  evses: connectors.map((_, index) => ({ evseId: index + 1, capabilities: [], connectors: [{ connectorId: '1' }] })),
});

/** A quiet day of sessions that are all answered and end, and whose messages all say where they belong. */
const quiet = (protocol: Day['protocol']) =>
  day.map((given): Day => {
    const connectors = calm(given).connectors.map((plans) =>
      plans.map((plan) => ({
        ...plan,
        answer: 'inline' as const,
        end: 'stop' as const,
        saysEvse: true,
        hasEnd: true,
        hasBegin: true,
      })),
    );
    return { protocol, numbering: 'counter', connectors };
  });

function told(given: Day): SimulatedStation {
  const station = new SimulatedStation({ charger: chargerOf(given, given.protocol) });
  for (const { event, arrivalMs } of webhooksOf(given).webhooks) station.take(event, arrivalMs);
  return station;
}

/** Tells a second station, of OCPP 2.0.1, what Jedlix was told. */
function toldAgainUp(first: SimulatedStation, given: Day): SimulatedStation {
  const station = new SimulatedStation({ charger: chargerOf(given, 'ocpp2.0.1') });
  for (const [index, { body }] of first.sent.jedlix.entries()) {
    const frame = [2, `again-${index}`, 'TransactionEvent', body];
    station.take({ chargePointId: 'CP-1', protocol: 'ocpp2.0.1', timestamp: '2026-04-02T06:00:00Z', frame });
  }
  return station;
}

/** Tells a second station, of OCPP 1.6, what Stekker was told, in the very envelopes. */
function toldAgainDown(first: SimulatedStation, given: Day): SimulatedStation {
  const station = new SimulatedStation({ charger: chargerOf(given, 'ocpp1.6'), csms: 'ocpp-event' });
  for (const { body } of first.sent.stekker) station.take(body, Date.parse('2026-04-02T06:00:00Z'));
  return station;
}

/** Starts, readings and stops as Stekker gets them; `readings` as both versions can say them. */
function oldMessages({ sent }: SimulatedStation): Fields[] {
  return sent.stekker.flatMap(({ body }): Fields[] => {
    const { event, response } = Envelope.parse(body);
    const { transactionData: _, ...params } = event.params;
    if (event.method === 'StatusNotification') return [];
    if (event.method === 'MeterValues') return [{ ...params, meterValue: oldReadings(params['meterValue']) }];
    if (event.method === 'StopTransaction') return [{ ...params, reason: oldReason(params['reason']) }];
    return [{ ...params, response }];
  });
}

/** OCPP 2.0.1 knows one kind of reset, and says a local stop. */
const oldReason = (reason: unknown) => (reason === 'SoftReset' ? 'HardReset' : (reason ?? 'Local'));

const oldReadings = (meterValue: unknown) =>
  Reading.parse(meterValue).map(({ timestamp, sampledValue }) => ({
    timestamp,
    sampledValue: sampledValue
      .filter(({ value, measurand }) => Number.isFinite(Number(value)) && measurand !== 'Temperature')
      .map(({ value, ...sample }) => ({ ...sample, value: Number(value) })),
  }));

const NEW_ONLY = new Set(['Energy.Active.Net', 'Acme.Mood']);

/** Events as Jedlix gets them, but for what OCPP 1.6 has no place for. A state is told when it changes. */
function newMessages({ sent }: SimulatedStation): Fields[] {
  const states = new Map<unknown, unknown>();
  return sent.jedlix.flatMap(({ body }): Fields[] => {
    const event = z.record(z.string(), z.unknown()).parse(body);
    const info = z.record(z.string(), z.unknown()).parse(event['transactionInfo']);
    const { eventType, timestamp, evse, idToken, meterValue } = event;
    const isTold = states.get(info['transactionId']) !== info['chargingState'];
    states.set(info['transactionId'], info['chargingState'] ?? states.get(info['transactionId']));
    const readings = meterValue === undefined ? undefined : newReadings(meterValue);
    if (eventType === 'Updated' && !isTold && readings === undefined) return [];
    const state = eventType === 'Updated' && isTold ? info['chargingState'] : undefined;
    const token = z.object({ idToken: z.string() }).safeParse(idToken).data?.idToken;
    return [{ eventType, timestamp, evse, token, state, reason: info['stoppedReason'], readings }];
  });
}

const newReadings = (meterValue: unknown) =>
  Reading.parse(meterValue).map(({ timestamp, sampledValue }) => ({
    timestamp,
    sampledValue: sampledValue
      .filter(({ measurand }) => !NEW_ONLY.has(String(measurand)))
      .map((sample) => ({ measurand: DEFAULT_MEASURAND, ...sample })),
  }));

describe('up and down again', () => {
  test('a session of OCPP 1.6 keeps its ids, times, registers, readings, tokens and reasons', () => {
    fc.assert(
      fc.property(quiet('ocpp1.6'), (given) => {
        const first = told(given);
        expect(oldMessages(toldAgainUp(first, given))).toEqual(oldMessages(first));
      }),
      { numRuns: 150 },
    );
  }, 30_000);
});

describe('down and up again', () => {
  test('a session of OCPP 2.0.1 keeps its times, EVSE, registers, readings, states and tokens, and the reasons both know', () => {
    fc.assert(
      fc.property(quiet('ocpp2.0.1'), (given) => {
        const first = told(given);
        const known = new Set(['Local', 'Remote', 'EVDisconnected', undefined]);
        const reasonOf = ({ reason }: Fields) => (known.has(reason as string | undefined) ? reason : 'another');
        const compared = (station: SimulatedStation) =>
          newMessages(station).map((each) => ({ ...each, reason: reasonOf(each) }));
        expect(compared(toldAgainDown(first, given))).toEqual(compared(first));
      }),
      { numRuns: 150 },
    );
  }, 30_000);
});
