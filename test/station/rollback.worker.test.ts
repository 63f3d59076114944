/** A turn that comes to nothing: memory knows again what is stored, and nothing that is owed is passed over. */
import { runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Ledger } from '../../src/station/ledger.ts';
import { answer, paired, standInProviders, stub } from './world.ts';

beforeEach(() => {
  standInProviders().answers.jedlix = answer(503);
});
afterEach(() => {
  vi.restoreAllMocks();
});

test('an unpairing that a pairing would have overtaken is owed still when the pairing came to nothing', async () => {
  const id = await paired('jedlix');
  await stub(id).unpair('jedlix', { unpairedAt: Date.now(), isTold: true });
  await runInDurableObject(stub(id), (_, { storage }) => {
    const ledger = new Ledger(storage);
    const owed = ledger.store.nextOwed('jedlix', 0);
    expect(owed).toMatchObject({ deliverables: [{ event: { kind: 'unpaired' } }] });
    const failing = vi.spyOn(storage, 'transactionSync').mockImplementation((work: () => unknown) => {
      failing.mockRestore();
      return storage.transactionSync(() => {
        work();
        throw new Error('the disk is full');
      });
    });
    const note = { pairedAt: Date.now() + 1000, isPaused: false };
    const occasion = { requestId: crypto.randomUUID(), nowMs: Date.now() };
    expect(() => ledger.pair('jedlix', note, occasion)).toThrow('the disk is full');
    expect(ledger.store.nextOwed('jedlix', 0)).toEqual(owed);
    expect(ledger.store.owedProviders()).toEqual(['jedlix']);
  });
});
