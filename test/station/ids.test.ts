/** Ids that recur, are forgotten or are wrong: which session a message is of when its id alone does not say. */
import { describe, expect, test } from 'vitest';
import { at, BookDriver, readings, startAnswer, startRequest, status, stop, transaction } from './book-driver.ts';

const namesOf = (driver: BookDriver) =>
  driver.events.flatMap((event) => (event.kind === 'session-started' ? [event.session.transactionId.ocpp201] : []));

describe('names', () => {
  test('an id that may have been of a session long forgotten gets a name of its own, a higher one its decimal text', () => {
    const driver = new BookDriver();
    for (let id = 1; id <= 40; id += 1) {
      driver.start(id * 2, id);
      driver.say(stop(id * 2 + 1, id));
    }
    driver.start(100, 3);
    driver.say(stop(101, 3));
    driver.start(102, 41);
    expect(namesOf(driver).slice(0, 40)).toEqual(Array.from({ length: 40 }, (_, index) => String(index + 1)));
    expect(namesOf(driver)[40]).toMatch(/^tx-[0-9a-f]{16}$/);
    expect(namesOf(driver)[41]).toBe('41');
  });

  test('a string that a station gives to a second session is replaced, also when the first still runs elsewhere', () => {
    const driver = new BookDriver();
    driver.say(transaction(0, 'started', { evse: { evseId: 1 } }));
    driver.say(transaction(1, 'started', { evse: { evseId: 2 } }));
    driver.say(transaction(2, 'updated', { evse: { evseId: 1 } }));
    const names = namesOf(driver);
    expect(names).toEqual(['a1b2', expect.stringMatching(/^tx-/)]);
    expect(driver.events.at(-1)).toMatchObject({ session: { transactionId: { ocpp201: 'a1b2' } } });
  });
});

describe('readings that name a session they cannot be of', () => {
  test('are kept and not sent: it runs on another connector', () => {
    const driver = new BookDriver();
    driver.start(0, 7);
    driver.say(readings(5, { transactionId: 7, connector: 2 }), 6);
    expect(driver.kinds()).toEqual(['session-started']);
    expect(driver.reasons()).toEqual(['session-unknown']);
  });

  test('are kept and not sent: it began after they were taken, and its id was used before', () => {
    const driver = new BookDriver();
    driver.start(-10, 7, { connector: 2 });
    driver.say(stop(-8, 7));
    driver.start(0, 7);
    driver.say(readings(-5, { transactionId: 7 }), 6);
    expect(driver.kinds().slice(2)).toEqual(['session-started']);
    expect(driver.reasons()).toEqual(['session-ended']);
  });

  test('are kept and not sent when a start was said since, even one that nobody answered, and its id was used before', () => {
    const driver = new BookDriver();
    driver.start(-10, 7, { connector: 2 });
    driver.say(stop(-8, 7));
    driver.start(0, 7);
    driver.say(startRequest(10, { messageId: 'unanswered' }));
    driver.wait(25);
    driver.say(readings(26, { transactionId: 7 }));
    driver.say(readings(9, { transactionId: 7 }), 27);
    expect(driver.reasons()).toEqual(['session-ended']);
    expect(driver.kinds().slice(2)).toEqual(['session-started', 'session-updated']);
  });

  test('are its own whatever the times say when no other session ever had its id', () => {
    const driver = new BookDriver();
    driver.start(0, 7);
    driver.say(readings(-120, { transactionId: 7 }), 5);
    driver.say(startRequest(10, { messageId: 'unanswered' }));
    driver.wait(25);
    driver.say(readings(26, { transactionId: 7 }));
    expect(driver.kinds()).toEqual(['session-started', 'session-updated', 'session-updated']);
  });

  test('that name no session go to none that was over when they were taken, but wait for the start that is said again', () => {
    const driver = new BookDriver();
    driver.start(0, 7);
    driver.say(startRequest(10, { messageId: 'failing' }));
    driver.say({ kind: 'start-failed', messageId: 'failing', errorCode: 'InternalError' }, 11);
    driver.say(readings(12, {}));
    driver.say(status(13, 'Charging'));
    expect(driver.kinds()).toEqual(['session-started', 'connector-status-changed']);
  });
});

describe('stops under an id that recurs', () => {
  test('wait when a start that has no answer yet is likelier to be theirs', () => {
    const driver = new BookDriver();
    driver.start(0, 0, { connector: 1 });
    driver.say(startRequest(5, { messageId: 'second', connector: 2, meterStartWh: 9000 }));
    driver.say(stop(8, 0, 9500));
    expect(driver.kinds()).toEqual(['session-started']);
    driver.say(startAnswer(0, 'second'), 9);
    expect(driver.events.at(-1)).toMatchObject({ kind: 'session-ended', session: { evse: { evseId: 2 } } });
  });

  test('end no session when they are late ones of a session that was ended for want of them', () => {
    const driver = new BookDriver();
    driver.start(0, 0, { connector: 2 });
    driver.start(1, 0, { connector: 1 });
    driver.say(readings(2, { transactionId: 0, connector: 1, wh: 4900 }));
    driver.start(10, 0, { connector: 1 });
    driver.say(stop(5, 0, 5000), 11);
    expect(driver.reasons()).toEqual(['stop-repeated']);
    expect(driver.book.running.map(({ ref }) => ref.evse.evseId)).toEqual([2, 1]);
  });

  test('below the register at which a session began are of another session', () => {
    const driver = new BookDriver();
    driver.start(0, 0);
    driver.say(stop(5, 0, 400));
    expect(driver.kinds()).toEqual(['session-started']);
  });
});

describe('late messages of a running session', () => {
  test('never replace a newer register, state or reading', () => {
    const driver = new BookDriver();
    driver.start(0, 7);
    driver.say(readings(9, { transactionId: 7, wh: 4000 }));
    driver.say(status(9, 'SuspendedEV'));
    driver.say(readings(3, { transactionId: 7, wh: 2000 }), 10);
    driver.say(status(2, 'Charging'), 10);
    const [session] = driver.book.running;
    expect(session).toMatchObject({ lastRegisterWh: 4000, chargingState: 'SuspendedEV', lastMessageAt: at(9) });
    expect(session?.lastMeterValues[0]?.at).toBe(at(9));
  });
});
