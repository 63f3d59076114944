/** Why a session charges, or does not: every code, and the sentence that an operator reads. */
import { describe, expect, it } from 'vitest';
import type { SchedulePeriod } from '../../src/charging/charging-profile.ts';
import type { RunningSession } from '../../src/sessions/book.ts';
import { explain, EXPLANATION_CODES, type Circumstances } from '../../src/station/steering/explanation.ts';
import type { ProfileSlot } from '../../src/station/steering/profile-memory.ts';

const NOON = Date.parse('2026-03-31T12:00:00Z');
const MINUTE = 60_000;
const iso = (minutes: number) => new Date(NOON + minutes * MINUTE).toISOString();
const REF = {
  transactionId: { ocpp16: 7, ocpp201: '7' },
  evse: { evseId: 1 },
  startedAt: iso(0),
  idToken: { value: 'CARD', type: 'ISO14443' },
} as const;

const { idToken: _, ...ANONYMOUS } = REF;

const SESSION: RunningSession = {
  ref: REF,
  stationId: '7',
  numberedBy: 'csms',
  started: {
    kind: 'session-started',
    session: REF,
    sequence: 0,
    at: iso(0),
    trigger: 'Authorized',
    meterStartWh: 0,
    authorization: { status: 'Accepted' },
    meterValues: [],
  },
  nextSequence: 1,
  lastRegisterWh: 0,
  lastRegisterAt: iso(0),
  lastMeterValues: [],
  lastMessageAt: iso(0),
  hasCharged: true,
  seqOffsets: {},
};

const CHARGER: Circumstances['charger'] = {
  chargePointId: 'cp',
  ocppIdentity: 'CP',
  protocol: 'ocpp1.6',
  evses: [
    {
      evseId: 1,
      capabilities: [],
      connectors: [{ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 16 }],
    },
  ],
};

/** A profile of Jedlix from noon on, set a minute later. */
function plan(periods: readonly SchedulePeriod[], unit: 'W' | 'A' = 'W', durationS?: number): ProfileSlot {
  return {
    key: '1',
    evseId: 1,
    transactionId: '7',
    sessionStartedAt: iso(0),
    purpose: 'TxProfile',
    stackLevel: 0,
    profileId: 1,
    last: { provider: 'jedlix', requestedAt: NOON + MINUTE, status: 'Accepted' },
    active: {
      provider: 'jedlix',
      requestedAt: NOON + MINUTE,
      isConfirmed: true,
      notes: [],
      profile: {
        id: 1,
        stackLevel: 0,
        purpose: 'TxProfile',
        kind: 'Absolute',
        schedules: [{ startSchedule: iso(0), rateUnit: unit, periods, ...(durationS !== undefined && { durationS }) }],
      },
    },
  };
}

const refused = (): ProfileSlot => {
  const { active: _, ...slot } = plan([]);
  return { ...slot, last: { ...slot.last, status: 'Rejected' } };
};

/** The explanation half an hour after noon, unless `now` says otherwise. */
function why(changes: Partial<RunningSession>, around: Partial<Circumstances> = {}) {
  const session = { ...SESSION, chargingStateAt: iso(10), ...changes };
  const nothing = { slot: undefined, evse: undefined, connection: undefined, charger: CHARGER };
  return explain({ session, ...nothing, now: NOON + 30 * MINUTE, ...around });
}

const charging = { chargingState: 'Charging', lastPower: { at: iso(29), powerW: 7_240 } } as const;
const byCar = { chargingState: 'SuspendedEV' } as const;
const PAUSE_UNTIL_16 = plan([
  { startS: 0, limit: 0 },
  { startS: 4 * 3600, limit: 11_000 },
]);

const drawing = { chargingState: 'EVConnected', lastPower: { at: iso(29), powerW: 6000 } } as const;

const CASES: readonly (readonly [ReturnType<typeof why>, code: string, text: string])[] = [
  [why(drawing), 'charging', 'The car charges with 6.0 kW since 12:29 UTC.'],
  [
    why({ ...drawing, lastPower: { at: iso(9), powerW: 6000 } }),
    'waits-for-car',
    'The car is connected and has asked for no energy since 12:10 UTC.',
  ],
  [why(charging), 'charging', 'The car charges with 7.2 kW since 12:10 UTC.'],
  [
    why(charging, {
      slot: plan([
        { startS: 0, limit: 6000 },
        { startS: 7200, limit: 0 },
      ]),
    }),
    'curtailed',
    'Jedlix limits charging to 6.0 kW since 12:01 UTC until 14:00 UTC.',
  ],
  [
    why(charging, { slot: plan([{ startS: 0, limit: 11_040 }]) }),
    'charging',
    'The car charges with 7.2 kW since 12:10 UTC.',
  ],
  [
    why(charging, { slot: plan([{ startS: 0, limit: 6 }], 'A') }),
    'curtailed',
    'Jedlix limits charging to 6.0 A since 12:01 UTC.',
  ],
  [
    why({ chargingState: 'SuspendedEVSE' }, { slot: PAUSE_UNTIL_16 }),
    'paused-by-provider',
    'Jedlix has paused charging since 12:01 UTC; its plan resumes at 16:00 UTC with 11.0 kW.',
  ],
  [
    why({ chargingState: 'SuspendedEVSE' }, { slot: plan([{ startS: 0, limit: 0 }], 'W', 86_400) }),
    'paused-by-provider',
    'Jedlix has paused charging since 12:01 UTC; its plan ends at 2026-04-01 12:00 UTC.',
  ],
  [
    why({}, { slot: plan([{ startS: 0, limit: 0 }]) }),
    'paused-by-provider',
    'Jedlix has paused charging since 12:01 UTC; its plan has no end.',
  ],
  [
    why({}, { slot: plan([{ startS: 0, limit: 0 }]), now: NOON + 90 * MINUTE }),
    'provider-silent',
    'Jedlix has paused charging since 12:01 UTC; its plan has no end, and it has sent nothing since 12:01 UTC.',
  ],
  [
    why(charging, { slot: plan([{ startS: 0, limit: 2000 }]), isNotFollowed: true }),
    'profile-not-followed',
    'The charger accepted a limit of 2.0 kW but the car draws 7.2 kW, since 12:01 UTC.',
  ],
  [
    why(charging, { slot: refused() }),
    'profile-rejected',
    'The charger refused the charging profile that Jedlix sent at 12:01 UTC: Rejected.',
  ],
  [why(byCar), 'paused-by-car', 'The car has paused charging since 12:10 UTC; it may draw 11.0 kW.'],
  [
    why(byCar, {
      slot: plan([
        { startS: 0, limit: 0 },
        { startS: 1500, limit: 9000 },
      ]),
    }),
    'paused-by-car',
    'The car is asleep: it has drawn nothing since 12:10 UTC, although it may draw 9.0 kW since 12:25 UTC.',
  ],
  [
    why({ chargingState: 'SuspendedEVSE' }),
    'paused-by-charger',
    'The charger has paused charging since 12:10 UTC; no provider asked for that.',
  ],
  [
    why({ chargingState: 'EVConnected' }),
    'waits-for-car',
    'The car is connected and has asked for no energy since 12:10 UTC.',
  ],
  [
    why({ numberedBy: 'station', hasCharged: false, ref: ANONYMOUS }),
    'waits-for-authorization',
    'The charger has waited for a card or an app since 12:00 UTC.',
  ],
  [
    why(charging, { evse: { state: 'Faulted', stateAt: iso(20) } }),
    'fault',
    'The charger reports a fault since 12:20 UTC.',
  ],
  [
    why(charging, { connection: { isConnected: false, at: iso(20) } }),
    'charger-offline',
    'The charger has been offline since 12:20 UTC; what it does is not known.',
  ],
  [why({}), 'unknown', 'The charger has not said what the session does.'],
];

describe('the explanation of a session', () => {
  it.each(CASES)('%# is the code and the sentence', (explained, code, text) => {
    expect(explained).toMatchObject({ code, text });
  });

  it('has every code of the contract', () => {
    expect(new Set(CASES.map(([, code]) => code))).toEqual(new Set(EXPLANATION_CODES));
  });

  it('says since when, and until when where that is known', () => {
    expect(why({}, { slot: PAUSE_UNTIL_16 })).toMatchObject({ since: iso(1), until: iso(240) });
    expect(why(charging).until).toBeUndefined();
  });

  it('takes a charger for connected again once its session said something', () => {
    const connection = { isConnected: false, at: iso(20) };
    expect(why({ ...charging, lastMessageAt: iso(21) }, { connection }).code).toBe('charging');
    expect(why(charging, { connection: { isConnected: true, at: iso(20) } }).code).toBe('charging');
  });
});
