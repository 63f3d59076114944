/** Whatever comes in, in whatever order: nothing throws, nothing grows without bound, and each transaction is told in order. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONNECTOR_STATES, STOP_REASONS, TRIGGER_REASONS } from '../../src/charging/charge-event.ts';
import type { ChargeEvent } from '../../src/charging/charge-event.ts';
import { CHARGING_STATES } from '../../src/charging/session.ts';
import type { StationMessage } from '../../src/charging/station-message.ts';
import { EMPTY_BOOK, type SessionBook } from '../../src/sessions/book.ts';
import { expire, nextExpiryAt } from '../../src/sessions/expiry.ts';
import { record } from '../../src/sessions/session-book.ts';
import { SimulatedStation } from './simulated-station.ts';
import { expectOrder, flawsOf } from './sent.ts';

const optional = { noNullPrototype: true } as const;
const NOON = Date.parse('2026-03-31T12:00:00Z');
const at = fc.oneof(
  fc.integer({ min: 0, max: 90 }).map((minute) => new Date(NOON + minute * 60_000).toISOString()),
  fc.constantFrom('0000-01-01T00:00:00Z', '9999-12-31T23:59:59.999999+14:00', '2026-03-31T12:00:00-11:30'),
);
const evse = fc.oneof(
  fc.record({ evseId: fc.integer({ min: 0, max: 2 }), connectorId: fc.constant(1) }),
  fc.record({ evseId: fc.nat(Number.MAX_SAFE_INTEGER) }),
);
const idToken = fc.constantFrom({ value: 'CARD', type: 'Central' as const }, { value: '', type: 'Local' as const });
const register = fc.oneof(
  fc.integer({ min: 0, max: 9 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((wh) => wh + 0),
);
const sample = fc.record(
  {
    text: fc.string(),
    value: register,
    context: fc.string(),
    unit: fc.constantFrom('Wh', 'kWh', 'W'),
    multiplier: fc.integer(),
  },
  { requiredKeys: ['text'], ...optional },
);
const meterValues = fc.array(fc.record({ at, samples: fc.array(sample, { maxLength: 2 }) }), { maxLength: 3 });
const intId = fc.oneof(fc.integer({ min: -1, max: 3 }), fc.integer());
const textId = fc.oneof(fc.constantFrom('0', '1', 'a', '-1'), fc.string({ minLength: 1, maxLength: 50 }));
const messageId = fc.constantFrom('a', 'b', 'c');
const authorization = fc.record({ status: fc.constantFrom('Accepted', 'Accepted', 'Blocked', 'ConcurrentTx', 'Odd') });
const trigger = fc.constantFrom(...TRIGGER_REASONS);
const state = fc.constantFrom(...CONNECTOR_STATES);
const kind = <Kind extends StationMessage['kind']>(name: Kind) => fc.constant(name);
const partly = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields, { requiredKeys: [], ...optional });

const start = fc.tuple(messageId, evse, idToken, at, register).map(([id, where, token, when, meterStartWh]) => ({
  messageId: id,
  evse: where,
  idToken: token,
  at: when,
  meterStartWh,
}));
const step = fc
  .tuple(
    fc.record({
      step: fc.constantFrom('started', 'updated', 'ended'),
      transactionId: textId,
      at,
      trigger,
      meterValues,
    }),
    partly({
      evse,
      chargingState: fc.constantFrom(...CHARGING_STATES),
      idToken,
      stopReason: fc.constantFrom(...STOP_REASONS),
    }),
  )
  .map(([said, more]) => ({ ...said, ...more }));

const message: fc.Arbitrary<StationMessage> = fc.oneof(
  fc.tuple(kind('start-requested'), start).map(([name, said]) => ({ kind: name, ...said })),
  fc.record({ kind: kind('start-answered'), messageId, transactionId: intId, authorization }),
  fc.record({ kind: kind('start-failed'), messageId, errorCode: fc.string() }),
  fc.record({ kind: kind('stopped'), transactionId: intId, at, meterStopWh: register, meterValues }),
  fc.tuple(kind('transaction-step'), step).map(([name, said]) => ({ kind: name, ...said })),
  fc.record({ kind: kind('status-reported'), evse, at, status: fc.record({ state }) }),
  fc
    .tuple(
      fc.record({ kind: kind('readings-reported'), evse, at, trigger, meterValues }),
      partly({ transactionId: intId }),
    )
    .map(([said, more]) => ({ ...said, ...more })),
  fc.record({ kind: kind('remote-start-requested'), idToken, at }),
  fc.record({ kind: kind('remote-stop-requested'), transactionId: textId, at }),
  fc.record({ kind: fc.constantFrom('station-connected', 'station-disconnected', 'station-booted'), at }),
);

function expectInOrder(events: readonly ChargeEvent[]): void {
  const told = events.flatMap((event) => ('sequence' in event ? [event] : []));
  for (const own of Map.groupBy(told, ({ session }) => session.transactionId.ocpp201).values()) {
    expect(own.map(({ sequence }) => sequence)).toEqual(own.map((_, index) => index));
    expect(own.map((event) => event.kind === 'session-started')).toEqual(own.map((_, index) => index === 0));
    expect(own.slice(0, -1).some((event) => event.kind === 'session-ended')).toBe(false);
  }
}

function expectBounded({ running, ended, starts, answers, waiting, remoteStarts, evses }: SessionBook): void {
  const sizes = [running, ended, starts, answers, waiting, remoteStarts, Object.keys(evses)].map(
    ({ length }) => length,
  );
  expect(Math.max(...sizes)).toBeLessThanOrEqual(64);
}

describe('the session book', () => {
  test('takes any messages in any order: it never throws, stays small and plain, and tells each transaction in order', () => {
    const turns = fc.array(fc.tuple(message, fc.integer({ min: 0, max: 20 * 60_000 })), { maxLength: 40 });
    fc.assert(
      fc.property(turns, (said) => {
        let book: SessionBook = EMPTY_BOOK;
        let nowMs = NOON;
        const events: ChargeEvent[] = [];
        for (const [each, laterMs] of said) {
          nowMs += laterMs;
          for (const take of [
            () => expire(book, nowMs, { chargePointId: 'CP' }),
            () => record(book, each, { chargePointId: 'CP', seq: 1, nowMs }),
          ]) {
            const step = take();
            book = step.book;
            events.push(...step.events);
          }
        }
        expectInOrder(events);
        expectBounded(book);
        expect(JSON.parse(JSON.stringify(book))).toEqual(book);
        const { book: later } = expire(book, nowMs + 100 * 3_600_000, { chargePointId: 'CP' });
        expect([later.starts, later.waiting, later.answers]).toEqual([[], [], []]);
        expect(nextExpiryAt(later)).toBeUndefined();
      }),
      { numRuns: 3000 },
    );
  }, 30_000);

  test('stays small under a flood of starts that never end, on ever new connectors', () => {
    let book: SessionBook = EMPTY_BOOK;
    for (let index = 0; index < 300; index += 1) {
      const turn = { chargePointId: 'CP', seq: index, nowMs: NOON };
      const when = new Date(NOON + index * 1000).toISOString();
      const request = {
        evse: { evseId: index },
        idToken: { value: 'CARD', type: 'Central' },
        at: when,
        meterStartWh: 1,
      } as const;
      ({ book } = record(book, { kind: 'start-requested', messageId: `answered-${index}`, ...request }, turn));
      ({ book } = record(
        book,
        {
          kind: 'start-answered',
          messageId: `answered-${index}`,
          transactionId: index,
          authorization: { status: 'Accepted' },
        },
        turn,
      ));
      ({ book } = record(book, { kind: 'start-requested', messageId: `pending-${index}`, ...request }, turn));
    }
    expectBounded(book);
  });
});

describe('the way of a webhook', () => {
  const action = fc.constantFrom(
    'StartTransaction',
    'StopTransaction',
    'MeterValues',
    'StatusNotification',
    'TransactionEvent',
    'NotifyEvent',
    'RemoteStartTransaction',
    'RequestStartTransaction',
    'BootNotification',
    'Authorize',
    'Nonsense',
  );
  const plausible = fc.record(
    {
      connectorId: fc.oneof(fc.integer({ min: 0, max: 2 }), fc.jsonValue()),
      evseId: fc.oneof(fc.integer({ min: 0, max: 2 }), fc.jsonValue()),
      evse: fc.oneof(fc.record({ id: fc.integer({ min: 0, max: 2 }) }), fc.jsonValue()),
      transactionId: fc.oneof(fc.integer({ min: -1, max: 3 }), fc.jsonValue()),
      transactionInfo: fc.record({ transactionId: fc.oneof(textId, fc.jsonValue()), chargingState: fc.jsonValue() }),
      eventType: fc.constantFrom('Started', 'Updated', 'Ended'),
      triggerReason: fc.constantFrom(...TRIGGER_REASONS, 'Odd'),
      timestamp: fc.oneof(at, fc.jsonValue()),
      idTag: fc.oneof(fc.string(), fc.jsonValue()),
      meterStart: fc.oneof(fc.double(), fc.jsonValue()),
      meterStop: fc.oneof(fc.double(), fc.jsonValue()),
      meterValue: fc.oneof(
        fc.array(
          fc.record({
            timestamp: at,
            sampledValue: fc.array(fc.dictionary(fc.constantFrom('value', 'unit', 'phase'), fc.jsonValue())),
          }),
        ),
        fc.jsonValue(),
      ),
      status: fc.oneof(state, fc.jsonValue()),
      connectorStatus: fc.oneof(state, fc.jsonValue()),
    },
    { requiredKeys: [], ...optional },
  );
  const frame = fc.oneof(
    fc.tuple(
      fc.constant(2),
      messageId,
      action,
      fc.oneof({ weight: 5, arbitrary: plausible }, { weight: 1, arbitrary: fc.jsonValue() }),
    ),
    fc.tuple(fc.constant(3), messageId, fc.oneof(fc.record({ transactionId: intId }), fc.jsonValue())),
    fc.tuple(fc.constant(4), messageId, fc.string(), fc.string(), fc.jsonValue()),
    fc.jsonValue(),
  );
  const event = fc.record({
    chargePointId: fc.constant('CP'),
    protocol: fc.constantFrom('ocpp1.6', 'ocpp2.0.1'),
    direction: fc.constantFrom('cs', 'csms'),
    timestamp: fc.oneof(at, fc.jsonValue()),
    frame,
    response: fc.oneof(fc.record({ transactionId: intId }), fc.jsonValue()),
  });

  test('ends in an answer for any frame, and what is sent is valid and in order', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 25 }), (bodies) => {
        const evses = [1, 2].map((evseId) => ({ evseId, capabilities: [], connectors: [{ connectorId: '1' }] }));
        const charger = { chargePointId: 'CP', ocppIdentity: 'CP', protocol: 'ocpp1.6', evses } as const;
        const station = new SimulatedStation({ charger });
        // As it comes off the wire: JSON knows no NaN and one zero.
        for (const [index, body] of bodies.entries()) {
          const answer = station.take(JSON.parse(JSON.stringify(body)), NOON + index * 60_000);
          expect(answer).toMatch(/^(received|duplicate|ignored|rejected: (frame|envelope)-invalid)$/);
        }
        expectInOrder(station.events);
        expectOrder(station.sent.jedlix);
        expect(flawsOf(station)).toEqual([]);
      }),
      { numRuns: 600 },
    );
  }, 30_000);
});
