/** Sessions whose start, or the answer to it, was never heard of: the webhooks of that time are lost. */
import { describe, expect, test } from 'vitest';
import { endedSessionViews, sessionViews } from '../../src/station/steering/profile-view.ts';
import { arriving, instantOf, numbered, run, said } from './field-world.ts';
import { expectOrder, flawsOf } from './sent.ts';

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

const startAt = (after: number, meterStart = 1000, id = `a${after}`) =>
  said(after, id, 'StartTransaction', { connectorId: 1, idTag: '04AABBCC', meterStart, timestamp: `@+${after}` });
const readAt = (after: number, wh: number, transactionId: number | undefined = 515, connectorId = 1) =>
  said(after, `m${after}-${connectorId}`, 'MeterValues', {
    connectorId,
    ...(transactionId !== undefined && { transactionId }),
    meterValue: [{ timestamp: `@+${after}`, sampledValue: [{ value: String(wh) }] }],
  });
const stopAt = (after: number, meterStop: number, transactionId = 515) =>
  said(after, `z${after}`, 'StopTransaction', { transactionId, meterStop, timestamp: `@+${after}` });
const statusAt = (after: number, status: string) =>
  said(after, `s${after}`, 'StatusNotification', {
    connectorId: 1,
    status,
    errorCode: 'NoError',
    timestamp: `@+${after}`,
  });
const refused = (after: number, id: string, transactionId: number) => ({
  ...numbered(after, id, transactionId),
  frame: [3, id, { transactionId, idTagInfo: { status: 'Blocked' } }],
});
/** A step of an OCPP 2.0.1 transaction on EVSE 1. */
const step = (after: number, eventType: string, wh?: number, more: object = {}) => ({
  ...said(after, `t${after}-${eventType}`, 'TransactionEvent', {
    eventType,
    timestamp: `@+${after}`,
    triggerReason: 'MeterValuePeriodic',
    seqNo: after,
    transactionInfo: { transactionId: 'tx-1' },
    evse: { id: 1, connectorId: 1 },
    ...(wh !== undefined && {
      meterValue: [{ timestamp: `@+${after}`, sampledValue: [{ value: wh, context: 'Sample.Periodic' }] }],
    }),
    ...more,
  }),
  protocol: 'ocpp2.0.1',
});

/** Takes events, then lets time pass until so many seconds after the beginning. */
function after(seconds: number, events: readonly object[], protocol = 'ocpp1.6') {
  const { station } = run(events, 2, ['stekker', 'jedlix'], protocol);
  station.wait(instantOf(seconds));
  expect(flawsOf(station)).toEqual([]);
  expectOrder(station.sent.jedlix);
  const known = { book: station.book, slots: [], charger: undefined };
  return { station, views: [...sessionViews(known, instantOf(seconds)), ...endedSessionViews(known)] };
}
const kindsOf = ({ station }: ReturnType<typeof after>) =>
  station.events.map(({ kind }) => kind).filter((kind) => kind.startsWith('session'));

test('messages that waited beside another session open theirs together: it begins with the first of them', () => {
  const own = (after: number, eventType: string, wh?: number) =>
    step(after, eventType, wh, { transactionInfo: { transactionId: 'tx-2' } });
  const late = arriving(900, step(70, 'Ended', 1500));
  const events = [
    step(0, 'Started', 1000),
    own(120, 'Updated', 5000),
    own(180, 'Updated', 5500),
    own(310, 'Ended'),
    late,
  ];
  const { station } = after(DAY / 2, events, 'ocpp2.0.1');
  const second = station.events.filter((event) => 'session' in event && event.session.transactionId.ocpp201 === 'tx-2');
  expect(second.map(({ kind }) => kind)).toEqual([
    'session-started',
    'session-updated',
    'session-updated',
    'session-ended',
  ]);
  expect(second[0]).toMatchObject({ at: '2026-03-31T12:02:00.000Z', meterStartWh: 5000 });
  expect(second.at(-1)).toMatchObject({ at: '2026-03-31T12:05:10.000Z', meterStopWh: 5500 });
});

test.each([310, 1000])('all that waited beside a session is opened when that ends, %i s late or more', (quiet) => {
  const own = (after: number, eventType: string, wh?: number) =>
    step(after, eventType, wh, { transactionInfo: { transactionId: 'tx-2' } });
  const late = arriving(quiet + 2400, step(70, 'Ended', 1500));
  const events = [step(0, 'Started', 1000), own(120, 'Updated', 5000), own(quiet, 'Ended', 5500), late];
  const { station } = after(DAY / 2, events, 'ocpp2.0.1');
  const told = station.events.flatMap((event) =>
    'session' in event ? [`${event.kind} ${event.session.transactionId.ocpp201}`] : [],
  );
  expect(told).toEqual([
    'session-started tx-1',
    'session-ended tx-1',
    'session-started tx-2',
    'session-updated tx-2',
    'session-ended tx-2',
  ]);
  expect(station.book.shelved ?? []).toEqual([]);
});

describe('readings of a transaction whose start was never heard of', () => {
  test('open its session after ten minutes, with the time and register of the first of them', () => {
    const events = [readAt(0, 5000), readAt(300, 5500)];
    expect(kindsOf(after(599, events))).toEqual([]);
    const opened = after(600, events);
    expect(kindsOf(opened)).toEqual(['session-started', 'session-updated', 'session-updated']);
    expect(opened.station.events[0]).toMatchObject({
      at: '2026-03-31T12:00:00.000Z',
      meterStartWh: 5000,
      isRegisterInferred: true,
    });
    expect(opened.views).toMatchObject([
      {
        state: 'running',
        transactionId: '515',
        warnings: [{ code: 'events-missing', since: '2026-03-31T12:00:00.000Z' }],
      },
    ]);
  });

  test('reach both providers, and so do what follows and the stop', () => {
    const { station } = after(900, [readAt(0, 5000), readAt(700, 5600), stopAt(800, 5700)]);
    expect(station.sent.stekker.map(({ body }) => Object(body).event.method)).toEqual([
      'StartTransaction',
      'MeterValues',
      'MeterValues',
      'StopTransaction',
    ]);
    expect(station.sent.jedlix.map(({ body }) => Object(body).eventType)).toEqual([
      'Started',
      'Updated',
      'Updated',
      'Ended',
    ]);
  });

  test('end no other session: while one runs there, they wait', () => {
    const other = [startAt(0), numbered(1, 'a0', 77), readAt(60, 5000, 515)];
    expect(kindsOf(after(3600, other))).toEqual(['session-started']);
  });

  test('open nothing on a connector that the charger does not have, and nothing without an id', () => {
    expect(kindsOf(after(3600, [readAt(0, 5000, 515, 7), readAt(1, 5000, 0), readAt(2, 5000, -1)]))).toEqual([]);
  });

  test('open one session per EVSE, whatever ids are made up', () => {
    const events = Array.from({ length: 40 }, (_, index) => readAt(index, 5000, 1000 + index));
    expect(kindsOf(after(3600, events)).filter((kind) => kind === 'session-started')).toHaveLength(1);
  });

  test('end an hour after its connector said Available, when no stop comes', () => {
    const events = [readAt(0, 5000), arriving(700, statusAt(700, 'Available'))];
    expect(kindsOf(after(700 + 61 * MINUTE, events)).at(-1)).toBe('session-ended');
  });
});

describe('a start that comes after its session was opened', () => {
  test('corrects what is shown, and is not sent', () => {
    const late = [readAt(300, 5000), arriving(1000, startAt(0)), arriving(1001, numbered(1, 'a0', 515))];
    const { station, views } = after(1002, late);
    expect(views).toMatchObject([{ startedAt: '2026-03-31T12:00:00.000Z' }]);
    expect(station.sent.jedlix.map(({ body }) => Object(body).eventType)).toEqual(['Started', 'Updated']);
    expect(station.kept).toMatchObject([{ reason: 'start-late' }]);
  });

  test('is used while nothing was sent', () => {
    const early = [readAt(300, 5000), arriving(500, startAt(0)), arriving(501, numbered(1, 'a0', 515))];
    const { station } = after(1002, early);
    expect(station.events[0]).toMatchObject({ at: '2026-03-31T12:00:00.000Z', meterStartWh: 1000 });
    expect(station.kept).toEqual([]);
  });

  test('corrects a session that is over, too, and an OCPP 2.0.1 one', () => {
    const ended = [readAt(300, 5000), arriving(950, stopAt(950, 5100)), arriving(1000, startAt(0))];
    expect(after(1002, [...ended, arriving(1001, numbered(1, 'a0', 515))]).views).toMatchObject([
      { state: 'ended', startedAt: '2026-03-31T12:00:00.000Z' },
    ]);
    const newer = [step(300, 'Updated', 5000), arriving(1000, step(0, 'Started'))];
    expect(after(1002, newer, 'ocpp2.0.1').views).toMatchObject([{ startedAt: '2026-03-31T12:00:00.000Z' }]);
  });
});

describe('an OCPP 2.0.1 transaction that begins with an update or an end', () => {
  test('is opened after ten minutes', () => {
    const { station } = after(
      600,
      [step(0, 'Updated', 5000, { idToken: { idToken: '04AABBCC', type: 'ISO14443' } })],
      'ocpp2.0.1',
    );
    expect(station.events).toMatchObject([
      { kind: 'session-started', meterStartWh: 5000, idToken: { value: '04AABBCC' } },
      { kind: 'session-updated' },
    ]);
  });

  test('is opened and ended', () => {
    const lost = after(600, [step(0, 'Ended', 5000)], 'ocpp2.0.1');
    expect(kindsOf(lost)).toEqual(['session-started', 'session-ended']);
    expect(lost.views).toMatchObject([{ state: 'ended', warnings: [{ code: 'events-missing' }] }]);
  });
});

describe('a start whose answer was never heard of', () => {
  test('is the start of the transaction that readings on its connector name half a minute later', () => {
    const { station, views } = after(60, [startAt(0), readAt(60, 1500)]);
    expect(station.events[0]).toMatchObject({
      kind: 'session-started',
      at: '2026-03-31T12:00:00.000Z',
      meterStartWh: 1000,
    });
    expect(views).toMatchObject([{ transactionId: '515', warnings: [] }]);
  });

  test('waits for its answer until then, and for ten minutes where nothing else is said', () => {
    expect(kindsOf(after(60, [startAt(0), readAt(20, 1500)]))).toEqual([]);
    expect(kindsOf(after(620, [startAt(0), readAt(20, 1500)]))).toEqual(['session-started', 'session-updated']);
  });

  test('is not the start of readings that were taken before it, after the car left, or at a register below it', () => {
    expect(kindsOf(after(60, [startAt(100), readAt(60, 1500)]))).toEqual([]);
    const left = arriving(700, statusAt(700, 'Available'));
    expect(kindsOf(after(800, [startAt(0), left, arriving(760, readAt(760, 1500))]))).toEqual([]);
    expect(kindsOf(after(90, [startAt(0), readAt(60, 200)]))).toEqual([]);
  });

  test('changes nothing any more when it is answered after all', () => {
    const { station } = after(DAY, [startAt(0), readAt(60, 1500), numbered(90, 'a0', 515)]);
    expect(station.sent.jedlix).toHaveLength(2);
    expect(station.kept).toEqual([]);
  });

  test('has no session any more when it turns out to be refused', () => {
    const { station } = after(120, [startAt(0), readAt(60, 1500), refused(90, 'a0', 515)]);
    expect(station.events.at(-1)).toMatchObject({ kind: 'session-ended', stopReason: 'DeAuthorized' });
  });
});
