/** Requests that began earlier and end later: the time of a pairing, which tells pairings apart, never goes back. */
import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { pairCharger } from '../../src/pairing/pair.ts';
import { unpairCharger } from '../../src/pairing/unpair.ts';
import { findCharger } from '../../src/storage/chargers.ts';
import { listPairings } from '../../src/pairing/pairings.ts';
import { registered } from '../http/client.ts';
import { contextAt, entriesOf, issuedAt, providersAnswer, T0, verify } from './world.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A provider that accepts its code only once `meanwhile` is over. */
const acceptingAfter = (meanwhile: () => Promise<unknown>) =>
  providersAnswer(async ({ path }) => {
    if (path.endsWith('/pair')) await meanwhile();
    return Response.json({});
  });

describe('a code of the provider, accepted after one of ours was redeemed', () => {
  it('leaves a pairing that can be ended at the station too', async () => {
    const id = await registered();
    const charger = await findCharger(env.DB, id);
    if (charger === undefined) throw new Error('no such charger');
    const ours = await issuedAt(id);
    acceptingAfter(() => verify(ours, { at: T0 + 5 }));
    const theirs = { provider: 'jedlix', code: '123456', format: 'ocpp' } as const;
    expect(await pairCharger(contextAt(T0 + 1), charger, theirs)).toMatchObject({ ok: true });
    expect(await listPairings(env.DB, id, T0 + 6)).toMatchObject([{ status: 'paired', pairedAt: T0 + 5 }]);
    await unpairCharger(contextAt(T0 + 9), charger, 'jedlix');
    expect(await listPairings(env.DB, id, T0 + 9)).toEqual([]);
    expect(await entriesOf(id)).toMatchObject([{ kind: 'paired' }, { kind: 'unpaired' }]);
  });
});
