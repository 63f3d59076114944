/** What is owed to whom, as memory has it, beside what the rows say. */
import { runInDurableObject } from 'cloudflare:test';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { EMPTY_BOOK } from '../../src/sessions/book.ts';
import { prune } from '../../src/station/journal/history.ts';
import { StationStore } from '../../src/station/journal/store.ts';
import { stub } from './world.ts';

const PROVIDERS = ['stekker', 'jedlix'];
const DELIVERY = { outcome: 'delivered', at: 2, attempts: 1 } as const;

const provider = fc.constantFrom(...PROVIDERS);
const to = fc.oneof({ weight: 3, arbitrary: fc.constant(PROVIDERS) }, { weight: 1, arbitrary: fc.subarray(PROVIDERS) });
const written = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('add' as const), providers: to }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), provider, place: fc.nat() }) },
);
type Written = typeof written extends fc.Arbitrary<infer Step> ? Step : never;
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: written },
    { weight: 12, arbitrary: fc.record({ kind: fc.constant('goOn' as const), provider }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('rest' as const), provider }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constantFrom('look' as const, 'restart' as const, 'prune' as const) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('undo' as const), undone: fc.array(written) }) },
  ),
  { minLength: 1, maxLength: 60, size: 'max' },
);

/** A log of rows that are owed, its backlog, and beside it what each provider is owed by a plain reckoning. */
function logOf(storage: DurableObjectStorage) {
  new StationStore(storage.sql).create();
  storage.sql.exec('DELETE FROM log; DELETE FROM facts;');
  let store = new StationStore(storage.sql);
  let seq = 0;
  let owed = new Map<string, readonly number[]>();
  const at = new Map<string, number>();
  const lastEnded = new Map<string, number>();
  const owedTo = (name: string) => owed.get(name) ?? [];
  const forget = (name: string, gone: number) => {
    owed.set(
      name,
      owedTo(name).filter((each) => each !== gone),
    );
  };
  const writtenAsOwedTo = (name: string) =>
    storage.sql
      .exec<{ seq: number; owed: string }>('SELECT seq, owed FROM log ORDER BY seq')
      .toArray()
      .flatMap((row) => (row.owed.includes(`|${name}|`) ? [row.seq] : []));
  const notWritten = (name: string) => writtenAsOwedTo(name).filter((each) => !owedTo(name).includes(each));

  const add = (providers: readonly string[]) => {
    const to = Object.fromEntries(providers.map((name) => [name, 0]));
    const event = { kind: 'unpaired', at: '2026-03-31T12:00:00Z' } as const;
    const row = { receivedAt: 1, requestId: 'r', entry: { kind: 'note' }, kept: [], book: EMPTY_BOOK };
    store.append({ ...row, seq: (seq += 1), deliverables: providers.length === 0 ? [] : [{ event, to }] });
    for (const name of providers) owed.set(name, [...owedTo(name), seq]);
  };
  const withdraw = (name: string, place: number) => {
    const gone = owedTo(name)[place % owedTo(name).length];
    if (gone === undefined) return;
    store.backlog.settle(gone, { [name]: { ...DELIVERY, outcome: 'superseded' } });
    forget(name, gone);
  };
  const write = (step: Written) => (step.kind === 'add' ? add(step.providers) : withdraw(step.provider, step.place));
  /** Only the row that a lane ended last may be unwritten, and only for another lane that is at it. */
  const expectWritten = () => {
    for (const name of PROVIDERS) {
      for (const each of notWritten(name)) {
        expect(each).toBe(lastEnded.get(name));
        expect([...at.values()]).toContain(each);
      }
    }
  };
  const look = () => {
    const names = PROVIDERS.filter((name) => owedTo(name).length > 0);
    expect(store.backlog.recipients().toSorted()).toEqual(names.toSorted());
  };
  /** The lane takes up the oldest row, or finds none. */
  const take = (name: string) => {
    const next = store.backlog.next(name)?.seq;
    expect(next).toBe(owedTo(name)[0]);
    if (next !== undefined) at.set(name, next);
  };
  /** The lane ends the row that it is at; at none, it takes up the next. */
  const goOn = (name: string) => {
    const ended = at.get(name);
    if (ended === undefined) return take(name);
    store.backlog.ended(name, ended, DELIVERY);
    at.delete(name);
    lastEnded.set(name, ended);
    forget(name, ended);
    expectWritten();
  };
  const rest = (name: string) => {
    store.backlog.rested(name);
    at.delete(name);
    expectWritten();
  };
  const undo = (undone: readonly Written[]) => {
    const before = { seq, owed: new Map(owed) };
    const fail = () => {
      for (const step of undone) {
        write(step);
        look();
      }
      throw new Error('undone');
    };
    expect(() => storage.transactionSync(fail)).toThrow('undone');
    store.undone();
    ({ seq, owed } = before);
  };
  /** Nothing that is owed is passed over; a row that was ended and not written is owed again. */
  const restart = () => {
    store = new StationStore(storage.sql);
    at.clear();
    for (const name of PROVIDERS) {
      expect(writtenAsOwedTo(name)).toEqual(expect.arrayContaining([...owedTo(name)]));
      owed.set(name, writtenAsOwedTo(name));
    }
  };
  return { write, goOn, rest, look, undo, restart, prune: () => prune(storage.sql, 2) };
}

test('whatever is written, ended, withdrawn, undone, pruned or forgotten by a restart: each is owed what it did not end, in order, and at most the last again', async () => {
  await runInDurableObject(stub(crypto.randomUUID()), (_, { storage }) => {
    const check = fc.property(steps, (taken) => {
      const log = logOf(storage);
      for (const step of taken) {
        if (step.kind === 'add' || step.kind === 'withdraw') log.write(step);
        else if (step.kind === 'undo') log.undo(step.undone);
        else if (step.kind === 'goOn' || step.kind === 'rest') log[step.kind](step.provider);
        else log[step.kind]();
      }
      log.look();
      log.restart();
    });
    fc.assert(check, { numRuns: 400 });
  });
});

test('a restart looks at no row that was surely done with, however many there are', async () => {
  await runInDurableObject(stub(crypto.randomUUID()), (_, { storage }) => {
    const log = logOf(storage);
    for (let count = 0; count < 300; count += 1) {
      log.write({ kind: 'add', providers: ['stekker'] });
      log.goOn('stekker');
      log.goOn('stekker');
    }
    log.write({ kind: 'add', providers: ['stekker'] });
    const { first } = storage.sql.exec<{ first: number }>('SELECT max(owed_from) AS first FROM log').one();
    expect(first).toBe(301);
  });
});

test('what an object of the release before owes is owed still, and its rows say from now on where to look', async () => {
  await runInDurableObject(stub(crypto.randomUUID()), (_, { storage }) => {
    const log = logOf(storage);
    for (let count = 0; count < 3; count += 1) log.write({ kind: 'add', providers: PROVIDERS });
    for (let steps = 0; steps < 4; steps += 1) for (const name of PROVIDERS) log.goOn(name);
    storage.sql.exec(`ALTER TABLE log DROP COLUMN owed_from; INSERT INTO facts VALUES ('settled-seq', '2');`);
    log.restart();
    log.look();
    for (const name of PROVIDERS) log.goOn(name);
    log.write({ kind: 'add', providers: [] });
    const rows = storage.sql.exec('SELECT seq, owed, owed_from FROM log WHERE seq > 2').toArray();
    expect(rows).toEqual([
      { seq: 3, owed: '|stekker|jedlix|', owed_from: 0 },
      { seq: 4, owed: '', owed_from: 3 },
    ]);
    expect(storage.sql.exec("SELECT name FROM facts WHERE name = 'settled-seq'").toArray()).toEqual([]);
  });
});
