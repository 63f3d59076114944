/** A turn that comes to nothing: memory knows again what is stored, and nothing that is owed is passed over. */
import { runInDurableObject } from 'cloudflare:test';
import { expect, test, vi } from 'vitest';
import { Ledger } from '../../src/station/journal/ledger.ts';
import { stub } from './world.ts';

const charger = { chargePointId: 'CP-1', ocppIdentity: 'CP-1', protocol: 'ocpp1.6', evses: [] } as const;
const occasion = { requestId: '5f8a2f0e-2b1c-4f6d-9a53-0c8d7e6b1a42', nowMs: 1000 };

const paired = (generation: number) => ({ generation, status: 'paired' }) as const;

/** The next transaction fails when its work is done. */
function failOnce(storage: DurableObjectStorage): void {
  const failing = vi.spyOn(storage, 'transactionSync').mockImplementation((work: () => unknown) => {
    failing.mockRestore();
    return storage.transactionSync(() => {
      work();
      throw new Error('the disk is full');
    });
  });
}

test('the first turn of a station says what is wrong with it, and may be made again', async () => {
  await runInDurableObject(stub(crypto.randomUUID()), (_, { storage }) => {
    const ledger = new Ledger(storage);
    failOnce(storage);
    const adopt = () => ledger.adopt({ charger, pairings: {}, paused: [] });
    expect(adopt).toThrow('the disk is full');
    expect(ledger.registration).toBeUndefined();
    adopt();
    expect(ledger.registration?.charger).toEqual(charger);
  });
});

test('an unpairing that a pairing would have overtaken is owed still when the pairing came to nothing', async () => {
  // A ledger of its own, in an object that was never told of its charger and so delivers nothing.
  await runInDurableObject(stub(crypto.randomUUID()), (_, { storage }) => {
    const ledger = new Ledger(storage);
    ledger.adopt({ charger, pairings: { jedlix: paired(1) }, paused: [] });
    ledger.learn('jedlix', { pairing: { generation: 1, status: 'ended' }, mustTell: true }, occasion);
    const owed = ledger.store.backlog.next('jedlix');
    expect(owed).toMatchObject({ deliverables: [{ event: { kind: 'unpaired' } }] });
    failOnce(storage);
    const pair = () => ledger.learn('jedlix', { pairing: paired(2) }, occasion);
    expect(pair).toThrow('the disk is full');
    expect(ledger.registration?.pairings).toEqual({ jedlix: { generation: 1, status: 'ended' } });
    expect(ledger.store.backlog.next('jedlix')).toEqual(owed);
    expect(ledger.store.backlog.recipients()).toEqual(['jedlix']);
    pair();
    expect(ledger.registration?.pairings).toEqual({ jedlix: paired(2) });
    expect(ledger.store.backlog.recipients()).toEqual([]);
  });
});
