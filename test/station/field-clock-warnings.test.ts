/** A station whose clock is wrong is told from one whose messages come late; its sessions say by how much. */
import { describe, expect, test } from 'vitest';
import { endedSessionViews, sessionViews } from '../../src/station/steering/profile-view.ts';
import { numbered, run, said } from './field-world.ts';

const HOUR = 3600;

/** A start, seen `seen` seconds after the beginning, by a clock that is off by `off` seconds. */
const startAt = (seen: number, off: number) =>
  said(seen, `a${seen}`, 'StartTransaction', {
    connectorId: 1,
    idTag: '04AABBCC',
    meterStart: 1000,
    timestamp: `@+${seen + off}`,
  });
const readAt = (seen: number, off: number) =>
  said(seen, `m${seen}`, 'MeterValues', {
    connectorId: 1,
    transactionId: 515,
    meterValue: [{ timestamp: `@+${seen + off}`, sampledValue: [{ value: '2000' }] }],
  });
const stopAt = (seen: number, off: number) =>
  said(seen, `z${seen}`, 'StopTransaction', { transactionId: 515, meterStop: 5000, timestamp: `@+${seen + off}` });
const statusAt = (seen: number, timestamp: string) =>
  said(seen, `s${seen}`, 'StatusNotification', {
    connectorId: 1,
    status: 'Charging',
    errorCode: 'NoError',
    timestamp,
  });

function warningsAfter(...events: readonly object[]) {
  const { station } = run(events);
  const known = { book: station.book, slots: [], charger: undefined };
  return [...sessionViews(known, 0), ...endedSessionViews(known)].flatMap(({ warnings }) => warnings);
}

test('a clock that is off by two minutes, either way, is right', () => {
  for (const off of [-120, -30, 0, 60, 120])
    expect(warningsAfter(startAt(0, off), numbered(1, 'a0', 515), readAt(60, off), readAt(180, off))).toEqual([]);
});

describe('a clock that is ahead', () => {
  test('is wrong at its first message, and the session says by how much', () => {
    expect(warningsAfter(startAt(0, HOUR), numbered(1, 'a0', 515))).toEqual([
      { code: 'clock-wrong', since: '2026-03-31T12:00:00.000Z', offS: HOUR },
    ]);
  });

  test('by ten years is wrong', () => {
    expect(warningsAfter(startAt(0, 315_360_000), numbered(1, 'a0', 515))).toMatchObject([
      { code: 'clock-wrong', offS: 315_360_000 },
    ]);
  });

  test('at the stop alone marks the session that ends', () => {
    expect(warningsAfter(startAt(0, 0), numbered(1, 'a0', 515), stopAt(HOUR, 200))).toMatchObject([
      { code: 'clock-wrong', offS: 200 },
    ]);
  });
});

describe('a clock that is behind', () => {
  test('by two hours, in one message after another, is wrong', () => {
    expect(
      warningsAfter(startAt(0, -2 * HOUR), numbered(1, 'a0', 515), readAt(60, -2 * HOUR), readAt(120, -2 * HOUR)),
    ).toEqual([{ code: 'clock-wrong', since: '2026-03-31T12:01:00.000Z', offS: -2 * HOUR }]);
  });

  test('in 1970 is wrong at once', () => {
    expect(warningsAfter(startAt(0, 0), numbered(1, 'a0', 515), statusAt(10, '1970-01-01T00:00:10Z'))).toMatchObject([
      { code: 'clock-wrong' },
    ]);
  });

  test('is not what a queue of messages shows that were said offline: each is late by less than the one before', () => {
    expect(
      warningsAfter(
        startAt(3600, -3600),
        numbered(3601, 'a3600', 515),
        readAt(3602, -3000),
        readAt(3603, -2400),
        readAt(3604, -1800),
      ),
    ).toEqual([]);
  });

  test('that is put right is right for the next session', () => {
    const next = said(700, 'b', 'StartTransaction', {
      connectorId: 1,
      idTag: '04AABBCC',
      meterStart: 5000,
      timestamp: '@+700',
    });
    const { station } = run([
      startAt(0, HOUR),
      numbered(1, 'a0', 515),
      stopAt(600, HOUR),
      next,
      numbered(701, 'b', 516),
    ]);
    expect(sessionViews({ book: station.book, slots: [], charger: undefined }, 0)).toMatchObject([{ warnings: [] }]);
  });
});
