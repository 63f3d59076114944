import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { stationOf } from '../../src/station/station-of.ts';
import { call, registered } from '../http/client.ts';
import type { OutsideCall } from '../outside.ts';
import { ADMIN_TOKEN } from '../settings.ts';
import { PATIENCE } from '../patience.ts';
import { accepting, BY, OURS, pair, start, toJedlix, unpair, verify } from './sessions.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('pairing with a provider that is paused', () => {
  it.each(BY)('holds back the session in progress until it is resumed, by %s', async (by) => {
    const { calls } = accepting();
    const id = await registered();
    const order = async (what: 'pause' | 'resume') =>
      expect((await call(`/api/providers/jedlix/${what}`, { method: 'POST', token: ADMIN_TOKEN })).ok).toBe(true);
    await start(id, 7);
    await order('pause');
    try {
      await (by === OURS ? verify(id) : pair(id, 'jedlix'));
      expect(await stationOf(env, id).nudge()).toBe(true);
      expect(calls.filter(({ path }) => path.endsWith('TransactionEvent'))).toEqual([]);
    } finally {
      await order('resume');
    }
    expect(await toJedlix(calls, 1)).toMatchObject([{ eventType: 'Started', seqNo: 0 }]);
  });
});

describe('changing a charger that is paired', () => {
  const details = (calls: readonly OutsideCall[]) => calls.filter(({ method }) => method === 'PUT');
  const change = async (id: string, changes: Record<string, unknown>) => {
    const charger = await (await call(`/api/chargers/${id}`)).json<Record<string, unknown>>();
    const answer = await call(`/api/chargers/${id}`, { method: 'PUT', json: { ...charger, ...changes } });
    expect(answer.status).toBe(200);
  };

  it('tells Stekker the new details, without a code', async () => {
    const { calls } = accepting();
    const id = await registered();
    await pair(id, 'stekker');
    await change(id, { name: 'Solar 0214' });
    await vi.waitUntil(() => details(calls).length === 2, PATIENCE);
    const body = JSON.parse(details(calls)[1]?.body ?? '');
    expect(body).toMatchObject({ event: 'ChargePointDetailsNotification', chargePointId: id, name: 'Solar 0214' });
    expect(body).not.toHaveProperty('pairingCode');
  });

  it('sends nothing when only that changes which the provider does not see', async () => {
    const { calls } = accepting();
    const id = await registered();
    await pair(id, 'stekker');
    const connectors = [{ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 }];
    await change(id, { evses: [{ evseId: 1, uid: 'other', capabilities: ['RESERVABLE'], connectors }] });
    await change(id, {});
    await change(id, { country: 'BEL' });
    await vi.waitUntil(() => details(calls).length === 2, PATIENCE);
    expect(details(calls).map(({ body }) => JSON.parse(body).country)).toEqual(['NLD', 'BEL']);
  });

  it('sends nothing to a provider that is not told details, or is paired no more', async () => {
    const { calls } = accepting();
    const id = await registered();
    await pair(id, 'jedlix');
    await change(id, { name: 'Solar 0214' });
    await unpair(id, 'jedlix');
    await pair(id, 'stekker');
    await unpair(id, 'stekker');
    await change(id, { name: 'Solar 0215' });
    const other = await registered();
    await pair(other, 'stekker');
    expect(details(calls).map(({ body }) => JSON.parse(body).pairingCode)).toEqual(['PEN4E', 'PEN4E']);
  });
});
