/** The session book: where a message belongs, and what is kept when it belongs nowhere. */
import { describe, expect, test } from 'vitest';
import { at, BookDriver, readings, startAnswer, startRequest, status, stop, transaction } from './book-driver.ts';

const sequences = (driver: BookDriver) =>
  driver.events.flatMap((event) => ('sequence' in event ? [event.sequence] : []));

describe('starts and answers', () => {
  test('a start waits for its answer, then opens the session under the id of the answer', () => {
    const driver = new BookDriver();
    expect(driver.say(startRequest(0))).toEqual([]);
    const [started] = driver.say(startAnswer(48120079));
    expect(started).toMatchObject({
      kind: 'session-started',
      sequence: 0,
      at: at(0),
      meterStartWh: 1000,
      session: { transactionId: { ocpp16: 48120079, ocpp201: '48120079' }, evse: { evseId: 1 } },
    });
  });

  test('an answer that comes before its start is joined all the same', () => {
    const driver = new BookDriver();
    driver.say(startAnswer(7));
    driver.say(startRequest(0));
    expect(driver.kinds()).toEqual(['session-started']);
  });

  test('readings and statuses that overtake the answer are held, then follow the start in order', () => {
    const driver = new BookDriver();
    driver.say(startRequest(0));
    driver.say(status(0.1, 'Charging'));
    driver.say(readings(0.2, { transactionId: 7 }));
    driver.say(readings(0.3, {}));
    expect(driver.events).toEqual([]);
    driver.say(startAnswer(7), 0.4);
    expect(driver.kinds()).toEqual(['session-started', 'session-updated', 'session-updated', 'session-updated']);
    expect(sequences(driver)).toEqual([0, 1, 2, 3]);
    expect(driver.reasons()).toEqual([]);
  });

  test('a refused start opens no session, and its stop and readings are kept and not sent', () => {
    const driver = new BookDriver();
    driver.start(0, 7, { status: 'Blocked' });
    driver.say(readings(1, { transactionId: 7 }));
    driver.say(stop(1, 7));
    expect(driver.events).toEqual([]);
    expect(driver.reasons()).toEqual(['start-refused', 'start-refused', 'start-refused']);
  });

  test('a start that fails with a CALLERROR is kept, and what waited for it goes out without it', () => {
    const driver = new BookDriver();
    driver.say(startRequest(0));
    driver.say(status(0.1, 'Charging'));
    driver.say(readings(0.2, { transactionId: 7 }));
    driver.say({ kind: 'start-failed', messageId: 'start', errorCode: 'InternalError' });
    expect(driver.kinds()).toEqual(['connector-status-changed']);
    driver.wait(11);
    expect(driver.kinds()).toEqual(['connector-status-changed', 'session-started', 'session-updated']);
    driver.wait(24 * 60 + 2);
    expect(driver.reasons()).toEqual(['start-failed']);
    expect(driver.book.starts).toEqual([]);
  });

  test('a start without an answer is given up after a day', () => {
    const driver = new BookDriver();
    driver.say(startRequest(0));
    driver.wait(24 * 60 - 1);
    expect(driver.reasons()).toEqual([]);
    driver.wait(24 * 60);
    expect(driver.reasons()).toEqual(['start-unanswered']);
    expect(driver.book.starts).toEqual([]);
  });

  test('a start repeated under the same transaction id opens no second session', () => {
    const driver = new BookDriver();
    driver.start(0, 7);
    driver.say(startRequest(0, { messageId: 'again' }), 2);
    driver.say(startAnswer(7, 'again'), 2);
    expect(driver.kinds()).toEqual(['session-started']);
    expect(driver.reasons()).toEqual(['start-repeated']);
  });

  test('a start is a remote start when the CSMS asked for it just before', () => {
    const driver = new BookDriver();
    driver.say({ kind: 'remote-start-requested', idToken: { value: 'CARD', type: 'Central' }, at: at(0) });
    const [started] = driver.start(1, 7);
    expect(started).toMatchObject({ trigger: 'RemoteStart' });
  });
});

describe('ids', () => {
  test('two sessions both with id 0 keep their readings and stops apart', () => {
    const driver = new BookDriver();
    driver.start(0, 0, { connector: 1 });
    driver.start(1, 0, { connector: 2 });
    driver.say(readings(2, { transactionId: 0, connector: 2, wh: 9000 }));
    driver.say(readings(3, { transactionId: 0, connector: 1, wh: 1500 }));
    driver.say(stop(4, 0, 9100));
    driver.say(stop(5, 0, 1600));
    const of = (evseId: number) =>
      driver.events.flatMap((event) => ('session' in event && event.session.evse.evseId === evseId ? [event] : []));
    expect(of(1).map(({ kind }) => kind)).toEqual(['session-started', 'session-updated', 'session-ended']);
    expect(of(2).map(({ kind }) => kind)).toEqual(['session-started', 'session-updated', 'session-ended']);
    expect(of(2).at(-1)).toMatchObject({ meterStopWh: 9100 });
    const names = new Set(driver.events.map((event) => 'session' in event && event.session.transactionId.ocpp201));
    expect(names.size).toBe(2);
    expect(names.has('0')).toBe(false);
  });

  test('an id used again by a later session gets a name of its own, and late readings stay with the old one', () => {
    const driver = new BookDriver();
    driver.start(0, 7);
    driver.say(stop(5, 7));
    const [second] = driver.start(10, 7);
    driver.say(readings(4, { transactionId: 7 }), 11);
    expect(second).toMatchObject({ session: { transactionId: { ocpp16: 7 } } });
    expect(second).not.toMatchObject({ session: { transactionId: { ocpp201: '7' } } });
    expect(driver.reasons()).toEqual(['session-ended']);
  });
});

describe('sessions', () => {
  test('statuses, readings and the stop of a session are numbered without gaps', () => {
    const driver = new BookDriver();
    driver.say(status(0, 'Preparing'));
    driver.start(1, 7);
    driver.say(status(2, 'Charging'));
    driver.say(readings(3, { transactionId: 7 }));
    driver.say(status(4, 'SuspendedEV'));
    driver.say(stop(5, 7));
    driver.say(status(6, 'Available'));
    expect(driver.kinds()).toEqual([
      'connector-status-changed',
      'session-started',
      'session-updated',
      'session-updated',
      'session-updated',
      'session-ended',
      'connector-status-changed',
    ]);
    expect(sequences(driver)).toEqual([0, 1, 2, 3, 4]);
  });

  test('readings without a transaction id belong to the session running on that connector', () => {
    const driver = new BookDriver();
    driver.start(0, 7);
    driver.say(readings(1, {}));
    driver.say(readings(1, { connector: 2 }));
    expect(driver.kinds()).toEqual(['session-started', 'session-updated', 'meter-values-taken']);
  });

  test('readings taken before the session began are not attached to it', () => {
    const driver = new BookDriver();
    driver.start(5, 7);
    driver.say(readings(4, {}), 6);
    expect(driver.kinds()).toEqual(['session-started', 'meter-values-taken']);
  });

  test('readings of a transaction that has ended belong to none', () => {
    const driver = new BookDriver();
    driver.start(0, 7);
    driver.say(stop(5, 7));
    driver.say(readings(4, { transactionId: 7 }), 6);
    expect(driver.kinds()).toEqual(['session-started', 'session-ended']);
    expect(driver.reasons()).toEqual(['session-ended']);
  });

  test('a repeated stop ends nothing twice', () => {
    const driver = new BookDriver();
    driver.start(0, 7);
    driver.say(stop(5, 7));
    driver.say(stop(5, 7));
    expect(driver.kinds()).toEqual(['session-started', 'session-ended']);
    expect(driver.reasons()).toEqual(['stop-repeated']);
  });

  test('a stop or reading of a session never seen is kept after a day, and not sent', () => {
    const driver = new BookDriver();
    driver.say(stop(0, 99));
    driver.say(readings(0, { transactionId: 98, connector: 3 }));
    driver.wait(10);
    expect(driver.reasons()).toEqual([]);
    driver.wait(24 * 60);
    expect(driver.events).toEqual([]);
    expect(driver.reasons()).toEqual(['session-unknown', 'session-unknown']);
  });

  test('a new start ends a session on its connector that never ended, with its last known register', () => {
    const driver = new BookDriver();
    driver.start(0, 7);
    driver.say(readings(1, { transactionId: 7, wh: 4321 }));
    driver.start(30, 8);
    expect(driver.kinds()).toEqual(['session-started', 'session-updated', 'session-ended', 'session-started']);
    expect(driver.events[2]).toMatchObject({ meterStopWh: 4321, stopReason: 'Other', at: at(30) });
    driver.say(readings(31, { transactionId: 7 }));
    expect(driver.reasons()).toEqual(['session-ended']);
  });

  test('while a new start waits for its answer, nothing is attached to the session that ran before', () => {
    const driver = new BookDriver();
    driver.start(0, 7);
    driver.say(startRequest(10));
    driver.say(status(11, 'Charging'));
    driver.say(startAnswer(8), 12);
    expect(driver.events.at(-1)).toMatchObject({ kind: 'session-updated', session: { transactionId: { ocpp16: 8 } } });
  });

  test('a start buffered while offline does not end the newer session on its connector', () => {
    const driver = new BookDriver();
    driver.start(30, 8);
    driver.start(0, 7);
    driver.say(stop(20, 7), 31);
    driver.say(readings(32, {}));
    expect(driver.kinds()).toEqual(['session-started', 'session-started', 'session-ended', 'session-updated']);
    expect(driver.events.at(-1)).toMatchObject({ session: { transactionId: { ocpp16: 8 } } });
  });

  test('a session whose connector says Available and nothing more is ended after an hour', () => {
    const driver = new BookDriver();
    driver.start(0, 7);
    driver.say(status(10, 'Available'));
    expect(driver.wait(69)).toEqual([]);
    expect(driver.wait(70)).toMatchObject([{ kind: 'session-ended', at: at(10) }]);
  });

  test('a session that goes on after its connector said Available is not ended', () => {
    const driver = new BookDriver();
    driver.start(0, 7);
    driver.say(status(10, 'Available'));
    driver.say(readings(11, { transactionId: 7 }));
    driver.say(status(12, 'Charging'));
    expect(driver.wait(200)).toEqual([]);
  });

  test('a session whose connector says Available lasts as long as its readings come, and an hour longer', () => {
    const driver = new BookDriver();
    driver.start(0, 7);
    driver.say(status(10, 'Available'));
    driver.say(readings(50, { transactionId: 7, wh: 4000 }));
    expect(driver.wait(109)).toEqual([]);
    expect(driver.wait(110)).toMatchObject([{ kind: 'session-ended', at: at(50), meterStopWh: 4000 }]);
  });
});

describe('transactions that the station numbers', () => {
  const evse = { evseId: 1, connectorId: 1 };

  test('updates and the end that come before the start are held, then follow it in order', () => {
    const driver = new BookDriver();
    driver.say(transaction(1, 'updated'));
    driver.say(transaction(2, 'ended'));
    driver.say(transaction(0, 'started', { evse }), 3);
    expect(driver.kinds()).toEqual(['session-started', 'session-updated', 'session-ended']);
    expect(sequences(driver)).toEqual([0, 1, 2]);
  });

  test('an update that comes after the end is kept and not sent', () => {
    const driver = new BookDriver();
    driver.say(transaction(0, 'started', { evse }));
    driver.say(transaction(2, 'ended'));
    driver.say(transaction(1, 'updated'), 3);
    expect(driver.reasons()).toEqual(['session-ended']);
  });

  test('the EVSE of the first event is remembered for those that do not name it', () => {
    const driver = new BookDriver();
    driver.say(transaction(0, 'started', { evse }));
    expect(driver.say(transaction(1, 'updated'))).toMatchObject([{ session: { evse } }]);
  });

  test('a remote start without a token gets that of the request', () => {
    const driver = new BookDriver();
    const idToken = { value: 'FLEET-0017', type: 'Central' as const };
    driver.say({ kind: 'remote-start-requested', idToken, at: at(0), remoteStartId: 5 });
    const details = { remoteStartId: 5 };
    expect(driver.say(transaction(1, 'started', { evse, trigger: 'RemoteStart', details }))).toMatchObject([
      { idToken },
    ]);
  });

  test('a status report does not become an event of the transaction, and Occupied is told apart by its state', () => {
    const driver = new BookDriver();
    expect(driver.say(status(0, 'Occupied'))).toMatchObject([{ status: { state: 'Preparing' } }]);
    driver.say(transaction(1, 'started', { evse, chargingState: 'Charging' }));
    expect(driver.say(status(2, 'Occupied'))).toMatchObject([
      { kind: 'connector-status-changed', status: { state: 'Charging' } },
    ]);
    driver.say(transaction(3, 'ended', { chargingState: 'EVConnected' }));
    expect(driver.say(status(4, 'Occupied'))).toMatchObject([{ status: { state: 'Finishing' } }]);
    driver.say(status(5, 'Available'));
    expect(driver.say(status(6, 'Occupied'))).toMatchObject([{ status: { state: 'Preparing' } }]);
  });

  test('registers come from Begin and End samples, else from the first and last known', () => {
    const driver = new BookDriver();
    const sample = (wh: number, context?: string) => [
      { at: at(0), samples: [{ text: String(wh), value: wh, ...(context && { context }) }] },
    ];
    const [started] = driver.say(transaction(0, 'started', { evse, meterValues: sample(100, 'Transaction.Begin') }));
    driver.say(transaction(1, 'updated', { meterValues: sample(150) }));
    const [ended] = driver.say(transaction(2, 'ended'));
    expect(started).toMatchObject({ meterStartWh: 100 });
    expect(ended).toMatchObject({ meterStopWh: 150, isRegisterInferred: true });
  });
});
