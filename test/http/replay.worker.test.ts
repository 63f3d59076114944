/** Which parked messages are not sent again whatever the engineer on call asks for, and how a replay is found in the logs. */
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ADMIN_TOKEN } from '../settings.ts';
import { answer, drained, paired, received, rowsOf, session, standInProviders, told } from '../station/world.ts';
import { parked } from '../station/letters.ts';
import { call, freshId, registered } from './client.ts';

let world: ReturnType<typeof standInProviders>;
beforeEach(() => {
  world = standInProviders();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const stekkerGot = (id: string) => told('stekker', world.calls, id);
const admin = (path: string, options: Parameters<typeof call>[1] = {}) =>
  call(path, { token: ADMIN_TOKEN, ...options });
const lettersOf = async (id: string) => JSON.parse(await (await admin(`/api/dead-letters?chargePointId=${id}`)).text());
const replayAll = async (json: unknown) => {
  const response = await admin('/api/dead-letters/replay', { json });
  return { status: response.status, body: JSON.parse(await response.text()) };
};

/** A charger whose whole session its provider refused. */
async function refused(): Promise<string> {
  const id = await paired('stekker');
  world.answers.stekker = answer(422);
  await received(id, ...session(7));
  await drained(id);
  world.answers.stekker = answer(200);
  return id;
}

describe('parked messages', () => {
  describe('of an unpairing', () => {
    const unpairings = () => world.calls.filter(({ path }) => path.endsWith('/unpair')).length;
    const pairByCode = async (id: string, code: string) => {
      const response = await call(`/api/chargers/${id}/pairings`, { json: { provider: 'jedlix', code } });
      expect(response.status).toBe(201);
    };
    async function parkedUnpairing(): Promise<string> {
      const id = await registered();
      await pairByCode(id, '1');
      world.answers.jedlix = answer(400);
      expect((await call(`/api/chargers/${id}/pairings/jedlix`, { method: 'DELETE' })).status).toBe(204);
      await drained(id);
      expect((await lettersOf(id)).deadLetters).toHaveLength(1);
      world.answers.jedlix = answer(200);
      return id;
    }

    it('are sent again', async () => {
      const id = await parkedUnpairing();
      expect(await replayAll({ chargePointId: id })).toMatchObject({ body: { replayed: 1 } });
      await drained(id);
      expect(unpairings()).toBe(2);
    });

    it('are not sent when the charger was paired again since: they would end that', async () => {
      const id = await parkedUnpairing();
      await pairByCode(id, '2');
      expect(await replayAll({ chargePointId: id })).toMatchObject({ body: { replayed: 1 } });
      await drained(id);
      expect(unpairings()).toBe(1);
      expect((await lettersOf(id)).deadLetters).toEqual([]);
    });
  });

  it('stay parked when their charger was removed, and nobody is sent them', async () => {
    const id = await refused();
    expect((await call(`/api/chargers/${id}`, { method: 'DELETE' })).status).toBe(204);
    const [letters, sent] = [(await lettersOf(id)).deadLetters, stekkerGot(id)];
    expect(letters.length).toBeGreaterThan(0);
    expect(await replayAll({ chargePointId: id })).toEqual({ status: 202, body: { replayed: 0 } });
    const one = await admin(`/api/dead-letters/${encodeURIComponent(letters[0].deliveryId)}/replay`, {
      method: 'POST',
    });
    expect(await one.json()).toEqual({ replayed: 0 });
    expect((await lettersOf(id)).deadLetters).toEqual(letters);
    expect(stekkerGot(id)).toEqual(sent);
  });

  it('of removed chargers take nobody’s place in a replay', async () => {
    const [removed, known] = [freshId(), await registered()];
    await parked(removed, { reason: 'http-499' });
    await parked(known, { seq: 2, reason: 'http-499' });
    const many = `INSERT INTO dead_letters (delivery_id, provider, charge_point_id, reason, record, parked_at)
      SELECT '!' || value, provider, charge_point_id, reason, record, parked_at
        FROM dead_letters, json_each(?) WHERE charge_point_id = ?`;
    await env.DB.prepare(many)
      .bind(JSON.stringify([...Array(2500).keys()]), removed)
      .run();
    expect(await replayAll({ reason: 'http-499' })).toMatchObject({ body: { replayed: 1 } });
    expect((await lettersOf(known)).deadLetters).toEqual([]);
    await env.DB.prepare('DELETE FROM dead_letters WHERE charge_point_id = ?').bind(removed).run();
  });

  it('carry the id of the request that replayed them', async () => {
    const id = await refused();
    const response = await admin('/api/dead-letters/replay', { json: { chargePointId: id } });
    const requestId = response.headers.get('x-request-id');
    const rows = await rowsOf(id, "SELECT request_id FROM log WHERE entry LIKE '%replayed%'");
    expect(rows).toEqual(rows.map(() => ({ request_id: requestId })));
    expect(rows).toHaveLength(4);
    await drained(id);
  });
});
