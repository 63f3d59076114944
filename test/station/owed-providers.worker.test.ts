/** To whom anything is owed, as memory has it, beside what the rows say. */
import { runInDurableObject } from 'cloudflare:test';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { EMPTY_BOOK } from '../../src/sessions/book.ts';
import { prune } from '../../src/station/journal/history.ts';
import { StationStore } from '../../src/station/journal/store.ts';
import { stub } from './world.ts';

const PROVIDERS = ['stekker', 'jedlix', 'another'];
const some = fc.subarray(PROVIDERS);

const written = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), providers: some }),
  fc.record({ kind: fc.constant('settle' as const), place: fc.nat(), providers: some }),
);
type Written = typeof written extends fc.Arbitrary<infer Step> ? Step : never;
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: written },
    { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('look', 'look', 'look', 'restart', 'prune') }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('undo'), undone: fc.array(written) }) },
  ),
  { minLength: 1, maxLength: 40 },
);

/** A log of rows that are owed, written and settled through the store, and read past it. */
function logOf(storage: DurableObjectStorage) {
  new StationStore(storage.sql).create();
  storage.sql.exec('DELETE FROM log; DELETE FROM facts;');
  let store = new StationStore(storage.sql);
  let seq = 0;
  const rows = () => storage.sql.exec<{ seq: number; owed: string }>('SELECT seq, owed FROM log').toArray();
  const isIn = (owed: string, provider: string) => owed.includes(`|${provider}|`);
  const look = () => {
    const owed = PROVIDERS.filter((name) => rows().some((row) => isIn(row.owed, name)));
    expect(store.owedProviders().toSorted()).toEqual(owed.toSorted());
  };
  const add = (providers: readonly string[]) => {
    const to = Object.fromEntries(providers.map((name) => [name, 0]));
    const event = { kind: 'unpaired', at: '2026-03-31T12:00:00Z' } as const;
    const row = { receivedAt: 1, requestId: 'r', entry: { kind: 'note' }, kept: [], book: EMPTY_BOOK };
    store.append({ ...row, seq: (seq += 1), deliverables: providers.length === 0 ? [] : [{ event, to }] });
  };
  const settle = (place: number, providers: readonly string[]) => {
    const open = rows().filter(({ owed }) => providers.some((name) => isIn(owed, name)));
    const row = open[place % open.length];
    if (row === undefined) return;
    const done = providers.filter((name) => isIn(row.owed, name));
    const delivery = { outcome: 'delivered', at: 2, attempts: 1 } as const;
    const still = store.openOf(row.seq).filter((name) => !done.includes(name));
    store.settle(row.seq, Object.fromEntries(done.map((name) => [name, delivery])), still);
  };
  const write = (step: Written) => (step.kind === 'add' ? add(step.providers) : settle(step.place, step.providers));
  const undo = (undone: readonly Written[]) => {
    const before = seq;
    const fail = () => {
      undone.forEach(write);
      throw new Error('undone');
    };
    expect(() => storage.transactionSync(fail)).toThrow('undone');
    store.undone();
    seq = before;
  };
  const restart = () => {
    store = new StationStore(storage.sql);
  };
  return { look, write, undo, restart, prune: () => prune(storage.sql, 2) };
}

test('whatever is written, settled in any order, undone, pruned or forgotten by a restart: who is owed a row is known, and nobody else', async () => {
  await runInDurableObject(stub(crypto.randomUUID()), (_, { storage }) => {
    const check = fc.property(steps, (taken) => {
      const log = logOf(storage);
      for (const step of taken) {
        if ('undone' in step) log.undo(step.undone);
        else if ('providers' in step) log.write(step);
        else if (step.kind === 'look') log.look();
        else if (step.kind === 'restart') log.restart();
        else log.prune();
      }
      log.look();
    });
    fc.assert(check, { numRuns: 400 });
  });
});
