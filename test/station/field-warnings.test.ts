/** What looks wrong in a session's readings is noted and shown; what is sent stays as it was said. */
import { describe, expect, test } from 'vitest';
import { endedSessionViews, sessionViews } from '../../src/station/steering/profile-view.ts';
import { readCharger } from '../../src/http/chargers/schema.ts';
import { numbered, run, said } from './field-world.ts';

const REGISTER = 'Energy.Active.Import.Register';
const POWER = 'Power.Active.Import';
/** 7,360 W. */
const connectors = [{ connectorId: '1', powerType: 'AC_1_PHASE', maxVoltage: 230, maxAmperage: 32 }];
const started = [
  said(0, 'a1', 'StartTransaction', { connectorId: 1, idTag: '04AABBCC', meterStart: 1000, timestamp: '@+0' }),
  numbered(1, 'a1', 515),
];
/** A reading `after` seconds: a register, a power, or both. */
const read = (after: number, wh?: number, powerW?: number) =>
  said(after, `m${after}`, 'MeterValues', {
    connectorId: 1,
    transactionId: 515,
    meterValue: [
      {
        timestamp: `@+${after}`,
        sampledValue: [
          ...(wh === undefined ? [] : [{ value: String(wh), measurand: REGISTER, unit: 'Wh' }]),
          ...(powerW === undefined ? [] : [{ value: String(powerW), measurand: POWER, unit: 'W' }]),
        ],
      },
    ],
  });
const stop = (after: number, meterStop: number) =>
  said(after, 'z', 'StopTransaction', { transactionId: 515, meterStop, timestamp: `@+${after}` });

/** The warnings of the session, running or ended. */
function warningsAfter(...events: readonly object[]) {
  const { station } = run([...started, ...events]);
  const charger = readCharger('CP-1', {
    ocppIdentity: 'CP-1',
    protocol: 'ocpp1.6',
    evses: [{ evseId: 1, connectors }],
  });
  if (!charger.ok) throw new Error(charger.error.detail);
  const known = { book: station.book, slots: [], charger: charger.value };
  return [...sessionViews(known, 0), ...endedSessionViews(known)].flatMap(({ warnings }) => warnings);
}

const HOUR = 3600;

test('a session whose registers and power agree has no warning', () => {
  expect(
    warningsAfter(
      read(60, 1000, 0),
      read(600, 2000, 7000),
      read(HOUR, 8000, 7000),
      read(HOUR + 60, 8100, 0),
      stop(7000, 8100),
    ),
  ).toEqual([]);
});

describe('a register that decreases', () => {
  test('within the session is noted once, with what it was', () => {
    expect(warningsAfter(read(HOUR, 6000), read(HOUR + 60, 2000), read(HOUR + 120, 1500))).toEqual([
      { code: 'register-decreased', since: '2026-03-31T13:01:00.000Z', fromWh: 6000, toWh: 2000 },
    ]);
  });

  test('below the start is noted', () => {
    expect(warningsAfter(read(60, 400))).toMatchObject([{ code: 'register-decreased', fromWh: 1000, toWh: 400 }]);
  });

  test('at the stop is noted of a session that ended', () => {
    expect(warningsAfter(read(HOUR, 6000), stop(HOUR + 60, 3000))).toMatchObject([
      { code: 'register-decreased', fromWh: 6000, toWh: 3000 },
    ]);
  });

  test('by its rounding, or that came late, is not noted', () => {
    expect(warningsAfter(read(HOUR, 6000), read(HOUR + 60, 5995), read(600, 2000))).toEqual([]);
  });
});

describe('energy over the maximum', () => {
  test('is noted when it is more than 1.2 × the maximum power × the time, and more than rounding', () => {
    expect(warningsAfter(read(HOUR, 1000 + 10_500))).toEqual([
      { code: 'energy-over-maximum', since: '2026-03-31T13:00:00.000Z', energyWh: 10_500, atMostWh: 8832 },
    ]);
    expect(warningsAfter(read(HOUR, 1000 + 9500))).toEqual([]);
  });

  test('is noted of a session that ended with it', () => {
    expect(warningsAfter(stop(HOUR, 30_000))).toMatchObject([{ code: 'energy-over-maximum', energyWh: 29_000 }]);
  });

  test('is noted of a counter for life, which is not the session’s', () => {
    expect(warningsAfter(read(60, 7_654_321), read(HOUR, 2000))).toMatchObject([
      { code: 'energy-over-maximum', energyWh: 7_653_321 },
    ]);
  });

  test('is not noted of another place’s counter beside the outlet’s', () => {
    const car = said(HOUR + 60, 'c', 'MeterValues', {
      connectorId: 1,
      transactionId: 515,
      meterValue: [
        { timestamp: `@+${HOUR + 60}`, sampledValue: [{ value: '90000', measurand: REGISTER, location: 'EV' }] },
      ],
    });
    expect(warningsAfter(read(HOUR, 2000), car)).toEqual([]);
  });
});

describe('energy and power that contradict each other', () => {
  test('are noted when energy flows while the meter says that no power does', () => {
    expect(warningsAfter(read(60, 1000, 0), read(HOUR, 6000, 0))).toEqual([
      { code: 'energy-without-power', since: '2026-03-31T12:01:00.000Z', energyWh: 5000 },
    ]);
  });

  test('are noted when no energy flows while the meter says that power does, in messages of one measurand each', () => {
    const messages = [read(60, undefined, 7000), read(120, 1000), read(HOUR, undefined, 7000), read(HOUR + 60, 1000)];
    expect(warningsAfter(...messages)).toMatchObject([{ code: 'power-without-energy', energyWh: 0, expectedWh: 6883 }]);
  });

  test('are noted at the stop too', () => {
    const messages = [read(60, 1000, 7000), read(HOUR, undefined, 7000), stop(HOUR + 60, 1000)];
    expect(warningsAfter(...messages)).toMatchObject([{ code: 'power-without-energy' }]);
  });

  test('are not noted when the energy came before the power went', () => {
    const messages = [
      read(600, undefined, 7000),
      read(HOUR, undefined, 0),
      read(HOUR + 60, 7000),
      read(HOUR + 120, 7000, 0),
    ];
    expect(warningsAfter(...messages)).toEqual([]);
  });

  test('are not noted when the charger tells no registers, or no power', () => {
    expect(warningsAfter(read(60, undefined, 7000), read(HOUR, undefined, 7000))).toEqual([]);
    expect(warningsAfter(read(60, 1100), read(HOUR, 7000))).toEqual([]);
  });
});

test('what looks wrong is sent as it was said', () => {
  const { events } = run([...started, read(HOUR, 6000), read(HOUR + 60, 2000)]);
  expect(events.at(-1)).toMatchObject({ kind: 'session-updated', meterValues: [{ samples: [{ value: 2000 }] }] });
});
