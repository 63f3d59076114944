import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { sweep } from '../../src/sweep.ts';
import { claimPairing, completePairing } from '../../src/pairing/claims.ts';
import { listPairings } from '../../src/pairing/pairings.ts';
import { call, freshId, registered, uidOf } from '../http/client.ts';
import { JEDLIX_HOST } from '../settings.ts';
import { PATIENCE } from '../patience.ts';
import { entriesOf, MINUTE, providersAnswer, T0 } from './world.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const station = (id: string) => env.CHARGING_STATION.getByName(id);
const audit = { by: 'csms', caller: 'c0ffee', requestId: freshId(), origin: 'code-from-provider' } as const;

/** A pairing as it is when the Worker died between the registry and the station. */
async function pairedInRegistryOnly(id: string, now: number, target: { evseUid?: string } = {}): Promise<void> {
  const { evseUid } = target;
  const claim = { chargePointId: id, provider: 'jedlix', now, isExclusive: true };
  await claimPairing(env.DB, {
    ...claim,
    target: evseUid === undefined ? { format: 'ocpp' } : { format: 'ocpi', evseUid },
  });
  await completePairing(env.DB, { ...claim, generation: 1, codeHash: undefined, audit });
}

describe('the cron sweep', () => {
  it('tells a station of a pairing that it did not hear of, once, and who made it', async () => {
    providersAnswer(() => Response.json({}));
    const id = await registered();
    await pairedInRegistryOnly(id, T0, { evseUid: uidOf(id) });
    expect(await entriesOf(id)).toEqual([]);
    await sweep(env, T0 + 5 * MINUTE);
    await sweep(env, T0 + 10 * MINUTE);
    expect(await entriesOf(id)).toEqual([
      { kind: 'paired', provider: 'jedlix', evseUid: uidOf(id), by: 'csms', caller: 'c0ffee', origin: audit.origin },
    ]);
  });

  it('tells stations for a quarter of an hour only', async () => {
    providersAnswer(() => Response.json({}));
    const id = await registered();
    await pairedInRegistryOnly(id, T0);
    await sweep(env, T0 + 15 * MINUTE);
    expect(await entriesOf(id)).toEqual([]);
    await sweep(env, T0 + 15 * MINUTE - 1);
    expect(await entriesOf(id)).toMatchObject([{ kind: 'paired' }]);
  });

  it('does not bring back a pairing that the station knows to have ended', async () => {
    providersAnswer(() => Response.json({}));
    const id = await registered();
    await pairedInRegistryOnly(id, T0);
    await sweep(env, T0 + 1);
    await station(id).learnPairing('jedlix', { pairing: { generation: 1, status: 'ended' } });
    await sweep(env, T0 + 3);
    expect(await entriesOf(id)).toMatchObject([{ kind: 'paired' }, { kind: 'unpaired' }]);
  });

  it('ends a claim that nobody finished, and tells the provider, which may have paired', async () => {
    const { calls } = providersAnswer(() => Response.json({}));
    const id = await registered();
    const target = { format: 'ocpp' } as const;
    await claimPairing(env.DB, { chargePointId: id, provider: 'jedlix', target, now: T0, isExclusive: true });
    await sweep(env, T0 + 2 * MINUTE - 1);
    expect(await listPairings(env.DB, id, T0)).toMatchObject([{ status: 'claimed' }]);
    await sweep(env, T0 + 2 * MINUTE);
    expect(await listPairings(env.DB, id, T0)).toEqual([]);
    const told = () => calls.filter(({ host, path }) => host === JEDLIX_HOST && path.includes(id));
    await vi.waitUntil(() => told().length > 0, PATIENCE);
    expect(told().map(({ path }) => path)).toEqual([`/v1/scsp/chargingstations/${id}/unpair`]);
    expect(await entriesOf(id)).toEqual([{ kind: 'pairing-undone', provider: 'jedlix' }]);
  });

  it('leaves a claim to the request that still works on it', async () => {
    const provider = { isAnswering: false };
    const { calls } = providersAnswer(async () => {
      while (!provider.isAnswering) await scheduler.wait(5);
      return Response.json({});
    });
    const id = await registered();
    const pairing = call(`/api/chargers/${id}/pairings`, { json: { provider: 'stekker', code: 'PEN4E' } });
    await vi.waitUntil(() => calls.length === 1, PATIENCE);
    await sweep(env, Date.now() + MINUTE);
    provider.isAnswering = true;
    expect((await pairing).status).toBe(201);
  });
});
