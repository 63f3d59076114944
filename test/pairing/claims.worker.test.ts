import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { claimPairing, completePairing, endPairing } from '../../src/pairing/claims.ts';
import { listPairings } from '../../src/pairing/pairings.ts';
import { call, expectProblem, registered, uidOf } from '../http/client.ts';
import { MINUTE, providersAnswer, T0 } from './world.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const pair = (id: string, json: unknown = { provider: 'jedlix', code: '123456' }) =>
  call(`/api/chargers/${id}/pairings`, { json });

describe('a claim', () => {
  const target = { format: 'ocpp' } as const;
  const audit = { by: 'csms', caller: 'first', requestId: 'first', origin: 'code-from-provider' } as const;
  const claimOf = (chargePointId: string, now: number) =>
    ({ chargePointId, provider: 'jedlix', target, isExclusive: true, now }) as const;

  it('is given back by the request that made it, not by the one that it was taken over from', async () => {
    const id = await registered();
    await claimPairing(env.DB, claimOf(id, T0));
    await claimPairing(env.DB, claimOf(id, T0 + 2 * MINUTE));
    await endPairing(env.DB, { ...claimOf(id, T0), generation: 1 }, T0 + 2 * MINUTE);
    expect(await listPairings(env.DB, id, T0 + 2 * MINUTE)).toMatchObject([{ status: 'claimed' }]);
    await endPairing(env.DB, { ...claimOf(id, T0), generation: 2 }, T0 + 2 * MINUTE);
    expect(await listPairings(env.DB, id, T0 + 2 * MINUTE)).toEqual([]);
  });

  it('for one EVSE is refused while the whole charger is paired', async () => {
    providersAnswer(() => Response.json({}));
    const id = await registered();
    await pair(id);
    const answer = await pair(id, { provider: 'jedlix', code: '1', format: 'ocpi', evseUid: uidOf(id) });
    await expectProblem(answer, 409, 'charger-already-paired');
    expect(await listPairings(env.DB, id, Date.now())).toMatchObject([{ target: { format: 'ocpp' } }]);
  });

  it('that is completed again by the same code keeps who made the pairing', async () => {
    const id = await registered();
    await claimPairing(env.DB, claimOf(id, T0));
    await completePairing(env.DB, { ...claimOf(id, T0), generation: 1, codeHash: 'code', audit });
    const later = { ...audit, caller: 'second' };
    const recordOf = () =>
      env.DB.prepare('SELECT audit FROM pairings WHERE charge_point_id = ?').bind(id).first('audit');
    await completePairing(env.DB, { ...claimOf(id, T0 + 1), generation: 2, codeHash: 'code', audit: later });
    expect(JSON.parse(String(await recordOf()))).toEqual(audit);
    await completePairing(env.DB, { ...claimOf(id, T0 + 2), generation: 3, codeHash: 'other', audit: later });
    expect(JSON.parse(String(await recordOf()))).toEqual(later);
  });
});
