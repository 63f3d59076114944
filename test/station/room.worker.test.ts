/** What a station stores stays below a bound, whatever comes. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Ledger } from '../../src/station/journal/ledger.ts';
import { makeRoom } from '../../src/station/journal/room.ts';
import {
  accepted,
  at,
  drained,
  ID_TAG,
  jsonIn,
  paired,
  post,
  received,
  rowsOf,
  say,
  standInProviders,
  stub,
  told,
} from './world.ts';

let outside: ReturnType<typeof standInProviders>;
beforeEach(() => {
  outside = standInProviders();
});
afterEach(() => vi.restoreAllMocks());

const inObject = <T>(id: string, look: (sql: SqlStorage) => T) =>
  runInDurableObject(stub(id), (_, { storage }) => look(storage.sql));
const sizeOf = (id: string) => inObject(id, (sql) => sql.databaseSize);
const NOBODY = () => false;

/** A reading with `length` characters that mean nothing to us. */
const padded = (minute: number, length: number, transactionId = 7) => ({
  frame: [
    2,
    crypto.randomUUID(),
    'MeterValues',
    {
      connectorId: 1,
      transactionId,
      meterValue: [
        { timestamp: at(minute), sampledValue: [{ value: String(1000 + minute), location: 'x'.repeat(length) }] },
      ],
    },
  ] as const,
});

describe('the session book', () => {
  it('is not repeated in every row when it is large: 60 sessions with 20 readings each', async () => {
    const id = await paired();
    let sent = 0;
    for (let turn = 0; turn < 60; turn += 1) {
      // Starts on connectors that are never stopped, with tokens of any length.
      const start = {
        frame: [
          2,
          `s${turn}`,
          'StartTransaction',
          { connectorId: 1 + (turn % 60), idTag: ID_TAG, meterStart: 0, timestamp: at(0), reservationId: turn },
        ] as const,
        response: accepted(1000 + turn),
      };
      const body = [start, ...Array.from({ length: 20 }, (_, index) => padded(index + 1, 200, 1000 + turn))];
      sent += JSON.stringify(body).length;
      expect((await post(id, body)).status).toBe(202);
    }
    const [books] = await rowsOf(id, 'SELECT sum(length(book)) AS total, max(length(book)) AS most FROM log');
    expect(books?.['most']).toBeLessThanOrEqual(4096);
    // What is stored is in proportion to what came: frames as they came, what became of them, and a bounded book.
    expect(await sizeOf(id)).toBeLessThan(sent * 12);
  });

  it('is the same after an eviction, large or small again', async () => {
    const id = await paired();
    for (let connectorId = 1; connectorId <= 40; connectorId += 1) {
      await received(id, {
        frame: say.start(0, { connectorId, idTag: `${ID_TAG}${connectorId}` }),
        response: accepted(connectorId),
      });
    }
    const bookOf = () => runInDurableObject(stub(id), (_, state) => new Ledger(state.storage).book);
    const before = await bookOf();
    expect(JSON.stringify(before).length).toBeGreaterThan(4096);
    await evictDurableObject(stub(id));
    expect(await bookOf()).toEqual(before);
    for (let connectorId = 1; connectorId <= 40; connectorId += 1)
      await received(id, { frame: say.stop(1, connectorId, 2000) });
    expect(await rowsOf(id, "SELECT name FROM facts WHERE name = 'book'")).toEqual([]);
    const after = await bookOf();
    await evictDurableObject(stub(id));
    expect(await bookOf()).toEqual(after);
  });
});

describe('a station that stores more than it may', () => {
  it('loses what old rows show, first those that are settled, and keeps what is owed', async () => {
    const id = await paired('stekker');
    await received(id, { frame: say.start(0), response: accepted(7) });
    for (let minute = 1; minute <= 40; minute += 1) await received(id, padded(minute, 20_000));
    await drained(id);
    const before = await sizeOf(id);
    const limit = Math.round(before / 2);
    expect(await inObject(id, (sql) => makeRoom(sql, limit, NOBODY))).toBe(true);
    expect(await sizeOf(id)).toBeLessThanOrEqual(limit);
    const rows = await rowsOf(id, "SELECT seq, entry FROM log WHERE entry LIKE '%isShortened%' ORDER BY seq");
    const all = await rowsOf(id, "SELECT seq FROM log WHERE entry LIKE '%MeterValues%' ORDER BY seq");
    // The oldest went first, and some are whole.
    expect(rows.length).toBeLessThan(all.length);
    expect(rows.map(({ seq }) => seq).filter((seq) => all.some((row) => row['seq'] === seq))).toEqual(
      all.slice(0, rows.filter(({ seq }) => all.some((row) => row['seq'] === seq)).length).map(({ seq }) => seq),
    );
    // A shortened row still says what came.
    expect(jsonIn(rows.at(-1), 'entry')).toMatchObject({ frame: { action: 'MeterValues' } });
    await received(id, padded(41, 10));
    await drained(id);
    expect(told('stekker', outside.calls, id).at(-1)).toBe('MeterValues 1041');
  });

  it('of rows that are owed loses what they show, and delivers them whole', async () => {
    const id = await paired('stekker');
    await received(id, { frame: say.start(0), response: accepted(7) });
    await drained(id);
    await stub(id).hold('stekker', true);
    for (let minute = 1; minute <= 20; minute += 1) await received(id, padded(minute, 20_000));
    const before = await sizeOf(id);
    await inObject(id, (sql) => makeRoom(sql, Math.round(before * 0.7), NOBODY));
    expect(await sizeOf(id)).toBeLessThan(before * 0.75);
    await stub(id).hold('stekker', false);
    await drained(id);
    const readings = Array.from({ length: 20 }, (_, index) => `MeterValues ${1001 + index}`);
    expect(told('stekker', outside.calls, id).slice(1)).toEqual(readings);
  });

  it('shortens notes of large charging profiles as well, and no row twice', async () => {
    const id = await paired('stekker');
    await received(id, { frame: say.start(0), response: accepted(7) });
    await drained(id);
    await runInDurableObject(stub(id), (_, { storage }) => {
      const ledger = new Ledger(storage);
      const command = {
        action: 'SetChargingProfile',
        payload: { text: 'x'.repeat(100_000) },
        outcome: { kind: 'answered' },
      };
      const entry = { kind: 'charging-profile', provider: 'stekker', outcome: 'Accepted', commands: [command] };
      for (let turn = 0; turn < 10; turn += 1) ledger.note(entry, { requestId: 'r', nowMs: Date.parse(at(1)) });
    });
    const before = await sizeOf(id);
    expect(before).toBeGreaterThan(1_000_000);
    expect(await inObject(id, (sql) => makeRoom(sql, 600_000, NOBODY))).toBe(true);
    const written = await inObject(id, (sql) => {
      makeRoom(sql, 1, NOBODY);
      const [first] = sql.exec<{ n: number }>('SELECT total_changes() AS n').toArray();
      makeRoom(sql, 1, NOBODY);
      const [second] = sql.exec<{ n: number }>('SELECT total_changes() AS n').toArray();
      return (second?.n ?? 0) - (first?.n ?? 0);
    });
    expect(written).toBe(0);
    const [note] = await rowsOf(id, "SELECT entry FROM log WHERE entry LIKE '%charging-profile%' ORDER BY seq LIMIT 1");
    expect(jsonIn(note, 'entry')).toMatchObject({ kind: 'charging-profile', outcome: 'Accepted', isShortened: true });
  });

  it('does not touch a row that a session waits for', async () => {
    const id = await paired('stekker');
    await received(id, { frame: say.start(0) });
    await received(id, padded(1, 5000, 99), padded(2, 5000, 99));
    const [row] = await rowsOf(id, "SELECT seq FROM log WHERE entry LIKE '%StartTransaction%'");
    await inObject(id, (sql) => makeRoom(sql, 1, (seq) => seq === row?.['seq']));
    const [start] = await rowsOf(id, "SELECT entry FROM log WHERE entry LIKE '%StartTransaction%'");
    expect(jsonIn(start, 'entry')).not.toHaveProperty('isShortened');
  });

  it('that can free nothing refuses new events by name, and knows repeats', async () => {
    const id = await paired('stekker');
    const reading = (messageId: string) => {
      const payload = {
        connectorId: 1,
        transactionId: 7,
        meterValue: [{ timestamp: at(1), sampledValue: [{ value: '1' }] }],
      };
      const frame = { type: 'call', messageId, action: 'MeterValues', payload } as const;
      const message = { protocol: 'ocpp1.6', direction: 'cs', seenAt: at(1), frame } as const;
      return { index: 0, incoming: { kind: 'message', message } } as const;
    };
    const acceptances = await runInDurableObject(stub(id), (_, { storage }) => {
      const ledger = new Ledger(storage);
      const take = (messageId: string, maxBytes: number) =>
        ledger.take([reading(messageId)], { requestId: 'r' }, Date.parse(at(1)), maxBytes);
      return [take('m1', Infinity), take('m1', 1), take('m2', 1), take('m2', Infinity)].flat();
    });
    expect(acceptances).toMatchObject([
      { kind: 'received' },
      { kind: 'duplicate' },
      { kind: 'rejected', reason: 'station-full' },
      { kind: 'received' },
    ]);
  });
});
