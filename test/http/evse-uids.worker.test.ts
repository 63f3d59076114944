/** An EVSE uid is at one charger only. A registry from before may have doubles. */
import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ADMIN_TOKEN, JEDLIX_TOKEN } from '../settings.ts';
import { providersAnswer } from '../pairing/world.ts';
import { call, chargerBody, expectProblem, freshId, registered } from './client.ts';

afterEach(() => vi.restoreAllMocks());

const evses = (...uids: string[]) =>
  uids.map((uid, index) => ({ evseId: index + 1, uid, connectors: [{ connectorId: '1' }] }));
const put = (id: string, ...uids: string[]) =>
  call(`/api/chargers/${id}`, { method: 'PUT', json: chargerBody(id, { evses: evses(...uids) }) });

describe('an EVSE uid', () => {
  it('that another charger has is refused, and nothing changes', async () => {
    const [first, second, uid, own] = [freshId(), freshId(), freshId(), freshId()];
    expect((await put(first, uid)).status).toBe(201);
    await expectProblem(await put(second, own, uid), 409, 'evse-uid-taken');
    expect((await call(`/api/chargers/${second}`)).status).toBe(404);
    expect((await put(second, own)).status).toBe(201);
    await expectProblem(await put(second, uid), 409, 'evse-uid-taken');
    expect(await (await call(`/api/chargers/${second}`)).json()).toMatchObject({ evses: [{ uid: own }] });
  });

  it('is free again when its charger gives it up, or is removed', async () => {
    const [first, second, uid] = [freshId(), freshId(), freshId()];
    await put(first, uid);
    expect((await put(first, `${uid}-new`)).status).toBe(200);
    expect((await put(second, uid)).status).toBe(201);
    await call(`/api/chargers/${second}`, { method: 'DELETE' });
    expect((await put(first, uid)).status).toBe(200);
  });

  it('goes to one of two chargers that ask at once', async () => {
    const uid = freshId();
    const answers = await Promise.all([put(freshId(), uid), put(freshId(), uid)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
  });
});

describe('uids that two chargers have from before', () => {
  async function doubles(): Promise<{ uid: string; ids: string[] }> {
    const uid = freshId();
    const ids = [await registered(), await registered()];
    for (const id of ids) {
      await env.DB.batch([
        env.DB.prepare(
          `UPDATE chargers SET record = json_set(record, '$.evses[0].uid', ?2) WHERE charge_point_id = ?1`,
        ).bind(id, uid),
        env.DB.prepare('DELETE FROM evse_uids WHERE charge_point_id = ?1').bind(id),
        env.DB.prepare('INSERT INTO evse_uids (uid, charge_point_id) VALUES (?2, ?1)').bind(id, uid),
      ]);
    }
    return { uid, ids };
  }

  it('stay where they are when a charger is registered again, and /readyz warns of them', async () => {
    const { uid, ids } = await doubles();
    expect((await put(ids[0] ?? '', uid)).status).toBe(200);
    const answer = await call('/readyz', { token: ADMIN_TOKEN });
    const { checks } = await answer.json<{ checks: { name: string; ok: boolean; detail: string }[] }>();
    const check = checks.find(({ name }) => name === 'evse-uids');
    expect(check).toMatchObject({ ok: false });
    expect(check?.detail).toContain(uid);
    // Other checks may fail here; this one alone does not.
    const others = checks.filter(({ name, ok }) => name !== 'evse-uids' && !ok);
    expect(answer.status).toBe(others.length === 0 ? 200 : 503);
    for (const id of ids) await call(`/api/chargers/${id}`, { method: 'DELETE' });
  });

  it('are unpaired at the charger that was paired last, and not at the other', async () => {
    const { uid, ids } = await doubles();
    providersAnswer(() => Response.json({}));
    for (const id of ids) {
      const json = { provider: 'jedlix', code: '1', format: 'ocpi', evseUid: uid };
      expect((await call(`/api/chargers/${id}/pairings`, { json })).status).toBe(201);
    }
    const unpair = () => call(`/v1/cpo/evse/${uid}/unpair`, { method: 'POST', token: JEDLIX_TOKEN });
    const paired = () =>
      Promise.all(
        ids.map(async (id) => {
          const body = await (await call(`/api/chargers/${id}/pairings`)).json<{ pairings: unknown[] }>();
          return body.pairings.length;
        }),
      );
    expect((await unpair()).status).toBe(200);
    expect(await paired()).toEqual([1, 0]);
    for (const id of ids) await call(`/api/chargers/${id}`, { method: 'DELETE' });
  });
});
