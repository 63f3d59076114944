/** What of the session book stands in each row of the log, and what in a place of its own. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Ledger } from '../../src/station/journal/ledger.ts';
import { accepted, drained, ID_TAG, jsonIn, paired, received, rowsOf, say, standInProviders, stub } from './world.ts';

beforeEach(() => {
  standInProviders();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const idOf = (turn: number) => 123_885_000 + turn;

/** Sessions one after another, from turn `from` to `to`, ten minutes each. */
async function sessions(id: string, from: number, to: number): Promise<void> {
  for (let turn = from; turn <= to; turn += 1) {
    const minute = turn * 10;
    await received(
      id,
      { frame: say.start(minute, { meterStart: 1000 * turn }), response: accepted(idOf(turn)) },
      { frame: say.meter(minute + 1, idOf(turn), 1000 * turn + 500) },
      { frame: say.stop(minute + 2, idOf(turn), 1000 * turn + 900) },
    );
  }
}

/** The book's part of the newest row, as text. */
async function newestOf(id: string): Promise<string> {
  const [row] = await rowsOf(id, 'SELECT book FROM log ORDER BY seq DESC LIMIT 1');
  return JSON.stringify(jsonIn(row, 'book'));
}

/** What is stored of sessions that are over. */
async function overOf(id: string): Promise<unknown> {
  const [row] = await rowsOf(id, "SELECT value FROM facts WHERE name = 'ended'");
  return jsonIn(row, 'value');
}

const bookOf = (id: string) => runInDurableObject(stub(id), (_, state) => new Ledger(state.storage).book);

describe('after forty sessions', () => {
  test('a row of the log holds less than 1,500 characters of the book while a car charges, and 300 while none does', async () => {
    const id = await paired('stekker', 'jedlix');
    await sessions(id, 1, 40);
    expect((await newestOf(id)).length).toBeLessThan(300);
    await received(
      id,
      { frame: say.start(500), response: accepted(7) },
      { frame: say.meter(501, 7, 90_000) },
      { frame: say.meter(502, 7, 90_100) },
    );
    expect((await newestOf(id)).length).toBeLessThan(1500);
    expect(await overOf(id)).toHaveLength(32);
  });

  test('those that are over are known across restarts: what comes for them late is not sent', async () => {
    const id = await paired('stekker');
    await sessions(id, 1, 40);
    await evictDurableObject(stub(id));
    await received(id, { frame: say.meter(601, idOf(9), 9990) }, { frame: say.stop(602, idOf(40), 40_950) });
    await drained(id);
    const kept = (await rowsOf(id, 'SELECT kept FROM log ORDER BY seq DESC LIMIT 2')).map((row) => jsonIn(row, 'kept'));
    expect(kept).toMatchObject([[{ reason: 'stop-repeated' }], [{ reason: 'session-ended' }]]);
  });
});

describe('sessions that are over', () => {
  test('are found in the row too, where a version before this one kept them', async () => {
    const id = await paired('stekker');
    await sessions(id, 1, 2);
    await runInDurableObject(stub(id), (_, { storage: { sql } }) => {
      sql.exec(`UPDATE log SET book = json_set(book, '$.ended', json((SELECT value FROM facts WHERE name = 'ended')))
                 WHERE seq = (SELECT max(seq) FROM log)`);
      sql.exec("DELETE FROM facts WHERE name = 'ended'");
    });
    await evictDurableObject(stub(id));
    expect((await bookOf(id)).ended).toHaveLength(2);
    await received(id, { frame: say.start(500), response: accepted(7) });
    expect(await overOf(id)).toHaveLength(2);
  });

  test('are stored when one ends, and not with every event', async () => {
    const id = await paired('stekker');
    await sessions(id, 1, 2);
    const before = await overOf(id);
    await received(id, { frame: say.start(500), response: accepted(7) }, { frame: say.meter(501, 7, 90_000) });
    expect(await overOf(id)).toEqual(before);
    await received(id, { frame: say.stop(502, 7, 90_000) });
    expect(await overOf(id)).toMatchObject([
      { stationId: String(idOf(1)) },
      { stationId: String(idOf(2)) },
      { stationId: '7' },
    ]);
  });

  test('keep no id token once they were stopped', async () => {
    const id = await paired('stekker');
    await sessions(id, 1, 2);
    expect(JSON.stringify(await overOf(id))).not.toContain(ID_TAG);
    expect(await newestOf(id)).not.toContain(ID_TAG);
  });

  test('are forgotten with the charger, and stay so', async () => {
    const id = await paired('stekker');
    await sessions(id, 1, 2);
    await stub(id).deregister();
    expect((await bookOf(id)).ended).toEqual([]);
  });

  test('are what memory says even if a turn came to nothing in the middle', async () => {
    const id = await paired('stekker');
    await sessions(id, 1, 1);
    await runInDurableObject(stub(id), (_, state) => {
      const ledger = new Ledger(state.storage);
      const occasion = { requestId: crypto.randomUUID(), nowMs: Date.now() };
      const failing = vi.spyOn(state.storage, 'transactionSync').mockImplementation((work: () => unknown) => {
        failing.mockRestore();
        return state.storage.transactionSync(() => {
          work();
          throw new Error('the disk is full');
        });
      });
      expect(() => ledger.deregister(occasion)).toThrow('the disk is full');
      expect(ledger.book).toEqual(new Ledger(state.storage).book);
      expect(ledger.book.ended).toHaveLength(1);
      ledger.deregister(occasion);
      expect(ledger.book).toEqual(new Ledger(state.storage).book);
      expect(ledger.book.ended).toEqual([]);
    });
  });
});
