/** What a charger that says too much does to itself: its messages are refused, and no row becomes too large to be stored. */
import { runInDurableObject } from 'cloudflare:test';
import { expect, test } from 'vitest';
import { Ledger } from '../../src/station/journal/ledger.ts';
import { stub } from './world.ts';

const SESSIONS = 24;
const evses = Array.from({ length: SESSIONS }, (_, index) => ({ evseId: index + 1, capabilities: [], connectors: [] }));
const charger = { chargePointId: 'CP-1', ocppIdentity: 'CP-1', protocol: 'ocpp2.0.1', evses } as const;
const seenAt = '2026-03-31T12:00:00Z';

/** The start of a session on this EVSE, with a reading of so many samples. */
const startOn = (evseId: number, samples: number) => stepOn('Started', evseId, samples);

/** The end of one, with as many. */
const endOf = (evseId: number, samples: number) => stepOn('Ended', evseId, samples);

function stepOn(eventType: 'Started' | 'Ended', evseId: number, samples: number) {
  const sampledValue = Array.from({ length: samples }, (_, value) => ({ value, location: 'Outlet' }));
  const payload = {
    eventType,
    timestamp: seenAt,
    triggerReason: 'CablePluggedIn',
    seqNo: 0,
    transactionInfo: { transactionId: `T-${evseId}` },
    evse: { id: evseId, connectorId: 1 },
    meterValue: [{ timestamp: seenAt, sampledValue }],
  };
  const frame = { type: 'call', messageId: crypto.randomUUID(), action: 'TransactionEvent', payload } as const;
  const message = { protocol: 'ocpp2.0.1', direction: 'cs', seenAt, frame } as const;
  return { index: 0, incoming: { kind: 'message', message } } as const;
}

test('a long message that comes again when its charger holds too much is a repeat, not a refusal', async () => {
  await runInDurableObject(stub(crypto.randomUUID()), (_, { storage }) => {
    const ledger = new Ledger(storage);
    ledger.adopt({ charger, pairings: {}, paused: [] });
    const take = (event: ReturnType<typeof startOn>) => ledger.take([event], { requestId: 'r' }, Date.parse(seenAt));
    const first = startOn(1, 2500);
    expect(take(first)).toEqual([{ kind: 'received' }]);
    const others = evses.slice(1).flatMap(({ evseId }) => take(startOn(evseId, 2500)));
    expect(others.at(-1)).toMatchObject({ kind: 'rejected' });
    expect(take(first)).toEqual([{ kind: 'duplicate' }]);
  });
});

test('a charger whose sessions hold too much gets its long messages refused, and its short ones taken', async () => {
  await runInDurableObject(stub(crypto.randomUUID()), (_, { storage }) => {
    const ledger = new Ledger(storage);
    ledger.adopt({ charger, pairings: {}, paused: [] });
    const take = (evseId: number, samples: number) =>
      ledger.take([startOn(evseId, samples)], { requestId: 'r' }, Date.parse(seenAt));
    const taken = evses.slice(0, -1).flatMap(({ evseId }) => take(evseId, 2500));
    expect(taken.slice(0, 2)).toEqual([{ kind: 'received' }, { kind: 'received' }]);
    expect(taken.at(-1)).toMatchObject({ kind: 'rejected', reason: 'frame-invalid' });
    expect(take(SESSIONS, 1)).toEqual([{ kind: 'received' }]);
    const [row] = storage.sql
      .exec<{ size: number }>('SELECT max(length(CAST(book AS BLOB))) AS size FROM log')
      .toArray();
    expect(row?.size).toBeLessThan(1_000_000);
  });
});

test('the end of a session is taken with all its readings where there is room, else shortened', async () => {
  await runInDurableObject(stub(crypto.randomUUID()), (_, { storage }) => {
    const ledger = new Ledger(storage);
    ledger.adopt({ charger, pairings: {}, paused: [] });
    const take = (event: ReturnType<typeof startOn>) => ledger.take([event], { requestId: 'r' }, Date.parse(seenAt));
    const shown = () => storage.sql.exec<{ entry: string }>('SELECT entry FROM log ORDER BY seq DESC LIMIT 1').one();
    expect(take(endOf(1, 2500))).toEqual([{ kind: 'received' }]);
    expect(JSON.parse(shown().entry)).not.toHaveProperty('thinned');
    for (const { evseId } of evses) take(startOn(evseId, 2500));
    const end = endOf(99, 2500);
    expect(take(end)).toEqual([{ kind: 'received' }]);
    expect(JSON.parse(shown().entry)).toMatchObject({ thinned: { samples: 2500 } });
    expect(take(end)).toEqual([{ kind: 'duplicate' }]);
  });
});
