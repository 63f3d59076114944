/** Finding chargers among many, and what is parked how often. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { noteTrouble } from '../../src/storage/troubled-lanes.ts';
import { ADMIN_TOKEN, CSMS_TOKEN } from '../settings.ts';
import { parked } from '../station/letters.ts';
import { call, chargerBody, expectProblem, freshId, nativeEvent, registered } from './client.ts';

const Ids = z.object({ chargers: z.array(z.object({ chargePointId: z.string() })), cursor: z.string().optional() });

const found = async (query: string) => {
  const page = Ids.parse(await (await call(`/api/chargers?${query}`)).json());
  return page.chargers.map(({ chargePointId }) => chargePointId);
};
const put = async (id: string, changes: object = {}) =>
  expect((await call(`/api/chargers/${id}`, { method: 'PUT', json: { ...chargerBody(id), ...changes } })).status).toBe(
    201,
  );

describe('a search for chargers', () => {
  it('finds a part of the id, the OCPP identity or the name, in any case', async () => {
    const [one, two, three] = [freshId(), freshId(), freshId()];
    await put(one, { ocppIdentity: 'Quay-EAST-1' });
    await put(two, { name: 'Behind the quay' });
    await put(three);
    expect(await found('search=QUAY')).toEqual([one, two].toSorted());
    expect(await found('search=quay&limit=1')).toHaveLength(1);
    expect(await found(`search=${three.toLowerCase()}`)).toEqual([three]);
    expect(await found('search=%25')).toEqual([]);
  });

  it('finds those that are not paired, that lag, and that have parked messages', async () => {
    const [unpaired, lagging, stuck] = [`find-${freshId()}`, `find-${freshId()}`, `find-${freshId()}`];
    for (const id of [unpaired, lagging, stuck]) await put(id);
    const pair = `INSERT INTO pairings (charge_point_id, provider, status, format, claimed_at, paired_at, generation, last_generation)
      VALUES (?, 'stekker', 'paired', 'ocpp', 1, 1, 1, 1)`;
    for (const id of [lagging, stuck]) await env.DB.prepare(pair).bind(id).run();
    const trouble = { provider: 'stekker', oldestAt: 1, backlog: 1, attempts: 3, reason: 'network' };
    await noteTrouble(env.DB, { ...trouble, chargePointId: lagging }, 1);
    await parked(stuck);
    expect(await found('search=find-&only=unpaired')).toEqual([unpaired]);
    expect(await found('search=find-&only=lagging')).toEqual([lagging]);
    expect(await found('search=find-&only=parked')).toEqual([stuck]);
    await expectProblem(await call('/api/chargers?only=everything'), 400, 'query-invalid');
  });
});

describe('the summary of parked messages', () => {
  it('counts messages and chargers by recipient and reason, and names the chargers with the most', async () => {
    const [many, one] = [freshId(), freshId()];
    await parked(many, { seq: 1, reason: 'odd-a' }, 5000);
    await parked(many, { seq: 2, reason: 'odd-a' }, 7000);
    await parked(one, { seq: 1, reason: 'odd-a' }, 6000);
    await parked(one, { seq: 2, reason: 'odd-b', provider: 'jedlix' }, 8000);
    const summary = async (query: string) =>
      (await call(`/api/dead-letters/summary?${query}`, { token: ADMIN_TOKEN })).json();
    const oldestParkedAt = new Date(5000).toISOString();
    expect(await summary('reason=odd-a')).toEqual({
      groups: [{ provider: 'stekker', reason: 'odd-a', messages: 3, chargers: 2, oldestParkedAt }],
      chargers: [
        { chargePointId: many, messages: 2 },
        { chargePointId: one, messages: 1 },
      ],
      keptElsewhere: expect.any(Number),
    });
    expect(await summary(`chargePointId=${one}`)).toMatchObject({
      groups: [{ reason: 'odd-b' }, { reason: 'odd-a' }].toSorted((a, b) => (a.reason < b.reason ? 1 : -1)),
      chargers: [{ chargePointId: one, messages: 2 }],
      keptElsewhere: 0,
    });
  });

  it('is for the operator', async () => {
    await expectProblem(await call('/api/dead-letters/summary', { token: CSMS_TOKEN }), 401, 'unauthorized');
  });
});

describe('one entry of a timeline', () => {
  const Entries = z.object({ timeline: z.array(z.object({ seq: z.number() })) });
  const entries = async (id: string, query: string) => {
    const answer = await call(`/api/chargers/${id}/timeline?${query}`, { token: ADMIN_TOKEN });
    return Entries.parse(await answer.json()).timeline.map(({ seq }) => seq);
  };

  it('is found by its number, and nothing is found under any other', async () => {
    const id = await registered();
    for (let count = 0; count < 3; count += 1) await call('/webhooks/ocpp', { json: nativeEvent(id) });
    const [newest, , oldest] = await entries(id, '');
    expect(await entries(id, `seq=${oldest}`)).toEqual([oldest]);
    for (const seq of [String(Number(newest) + 1), '0', '-1', '1e0', '', '9'.repeat(40)]) {
      expect(await entries(id, `seq=${seq}`)).toEqual([]);
    }
  });
});
