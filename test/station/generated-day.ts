/**
 * Makes up a day of one charger: sessions on several connectors, and the webhooks that tell of them, in an order and with losses
 * that real lines have. Every reading's register says which session it was taken in. No clock, no chance but fast-check's.
 */
import * as fc from 'fast-check';

/** How a transaction gets its id. `zero` and `negative`: all the same; `reused`: a few numbers again and again. */
export type Numbering = 'counter' | 'zero' | 'negative' | 'reused';

/** What becomes of one message: how late it is told, whether at all, how often, and whether said again under another id. */
export type Fate = {
  readonly delayS: number;
  readonly isLost: boolean;
  readonly isTwice: boolean;
  readonly isAgain: boolean;
};

export type SessionPlan = {
  readonly pauseS: number;
  readonly readings: readonly ('named' | 'unnamed' | 'status' | 'odd')[];
  readonly answer: 'beside' | 'inline' | 'refused' | 'lost' | 'failed';
  readonly end: 'stop' | 'available' | 'nothing';
  readonly isAnsweredFirst: boolean;
  /** By how much the CSMS is late in telling its answer to the start. */
  readonly answerDelayS: number;
  readonly hasBegin: boolean;
  readonly hasEnd: boolean;
  readonly saysEvse: boolean;
  readonly token: string;
  readonly reason: string;
  readonly offlineS: number;
  readonly fates: readonly Fate[];
};

export type Day = {
  readonly protocol: 'ocpp1.6' | 'ocpp2.0.1';
  readonly numbering: Numbering;
  readonly connectors: readonly (readonly SessionPlan[])[];
};

const CALM: Fate = { delayS: 0, isLost: false, isTwice: false, isAgain: false };
const fate = fc.oneof(
  { weight: 6, arbitrary: fc.constant(CALM) },
  {
    weight: 4,
    arbitrary: fc.record({
      delayS: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 500 })),
      isLost: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 0),
      isTwice: fc.integer({ min: 0, max: 3 }).map((chance) => chance === 0),
      isAgain: fc.integer({ min: 0, max: 5 }).map((chance) => chance === 0),
    }),
  },
);

const session: fc.Arbitrary<SessionPlan> = fc.record({
  pauseS: fc.integer({ min: 5, max: 900 }),
  readings: fc.array(fc.constantFrom('named', 'named', 'unnamed', 'status', 'odd'), { maxLength: 6 }),
  answer: fc.constantFrom('beside', 'beside', 'beside', 'inline', 'inline', 'refused', 'lost', 'failed'),
  end: fc.constantFrom('stop', 'stop', 'stop', 'stop', 'available', 'nothing'),
  isAnsweredFirst: fc.boolean(),
  answerDelayS: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 30, max: 900 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1800, max: 5 * 3600 }) },
  ),
  hasBegin: fc.boolean(),
  hasEnd: fc.boolean(),
  saysEvse: fc.integer({ min: 0, max: 4 }).map((chance) => chance > 0),
  token: fc.constantFrom('04A3C1F2B95E80', '0487D2AA316C80', 'FLEET-0017', 'VID:00155DABCDEF'),
  reason: fc.constantFrom('Local', 'Remote', 'EVDisconnected', 'HardReset', 'UnlockCommand', 'Timeout', 'Fairy', ''),
  offlineS: fc.oneof(
    { weight: 5, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ max: 2400, min: 60 }) },
  ),
  fates: fc.array(fate, { minLength: 7, maxLength: 7 }),
});

/** A day with these many sessions on each of up to three connectors. */
export const day: fc.Arbitrary<Day> = fc.record({
  protocol: fc.constantFrom('ocpp1.6', 'ocpp2.0.1'),
  numbering: fc.constantFrom('counter', 'counter', 'zero', 'negative', 'reused'),
  connectors: fc.array(fc.array(session, { minLength: 2, maxLength: 7 }), { minLength: 1, maxLength: 3 }),
});

/** The same day on a line that loses, doubles and reorders nothing. */
export function calm(given: Day): Day {
  const connectors = given.connectors.map((sessions) =>
    sessions.map((plan) => ({ ...plan, offlineS: 0, answerDelayS: 0, fates: [CALM] })),
  );
  return { ...given, connectors };
}
