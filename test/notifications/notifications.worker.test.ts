/** What the CSMS is told without asking: signed, at least once, in order for each charger. */
import { afterEach, expect, it, vi } from 'vitest';
import { call, registered } from '../http/client.ts';
import { ADMIN_TOKEN } from '../settings.ts';
import { answer, backlogOf, drained, paired, received, ring, rowsOf, session, travel } from '../station/world.ts';
import { standInCsms, toldTypes } from './world.ts';

afterEach(() => vi.restoreAllMocks());

const admin = (path: string, method = 'GET', json?: unknown) => call(path, { token: ADMIN_TOKEN, method, json });

async function pairByCode(id: string): Promise<void> {
  const json = { provider: 'stekker', code: 'PEN4E' };
  expect((await call(`/api/chargers/${id}/pairings`, { json })).status).toBe(201);
}

const unpair = (id: string) => call(`/api/chargers/${id}/pairings/stekker`, { method: 'DELETE' });

it('tells of a pairing and of its end, in order and signed', async () => {
  const csms = standInCsms();
  const id = await registered();
  await pairByCode(id);
  expect((await unpair(id)).status).toBe(204);
  const [created, ended] = await toldTypes(csms, id, ['pairing.created', 'pairing.ended']);
  const data = { chargePointId: id, provider: 'stekker', by: 'csms', at: expect.stringMatching(/^\d{4}-.*Z$/) };
  expect(created).toMatchObject({ timestamp: data.at, data: { ...data, origin: 'provider-code' } });
  expect(ended?.data).toEqual(data);
  expect(created?.id).not.toBe(ended?.id);
});

it('tells nothing of readings and sessions', async () => {
  const csms = standInCsms();
  const id = await paired('stekker');
  await toldTypes(csms, id, ['pairing.created']);
  await received(id, ...session(7));
  await drained(id);
  expect(csms.told(id)).toHaveLength(1);
});

it('tries again while the CSMS is down, under the same id, and lets nothing overtake', async () => {
  const csms = standInCsms();
  csms.answers.csms = answer(503);
  const id = await registered();
  await pairByCode(id);
  await unpair(id);
  const [first] = await toldTypes(csms, id, ['pairing.created']);
  csms.answers.csms = answer(200);
  travel(60_000);
  await ring(id);
  const [, again] = await toldTypes(csms, id, ['pairing.created', 'pairing.created', 'pairing.ended']);
  expect(again?.id).toBe(first?.id);
});

it.each([410, 400, 302])(
  'parks what the CSMS answers with %i, tells nobody of that, and replays it',
  async (status) => {
    const csms = standInCsms();
    csms.answers.csms = answer(status, { location: 'https://elsewhere.test/' });
    const id = await registered();
    await pairByCode(id);
    await drained(id);
    const listing = await admin(`/api/dead-letters?provider=csms&chargePointId=${id}`);
    const { deadLetters } = await listing.json<{ deadLetters: { reason: string }[] }>();
    expect(deadLetters.map(({ reason }) => reason)).toEqual([`http-${status}`]);
    expect(csms.told(id)).toHaveLength(1);
    csms.answers.csms = answer(200);
    const replayed = await admin('/api/dead-letters/replay', 'POST', { provider: 'csms', chargePointId: id });
    expect(await replayed.json()).toEqual({ replayed: 1 });
    const [parked, again] = await toldTypes(csms, id, ['pairing.created', 'pairing.created']);
    expect(again).toEqual(parked);
  },
);

it('tells of a message that a provider refused, by the id under which it is parked', async () => {
  const csms = standInCsms();
  const id = await paired('stekker');
  csms.answers.stekker = answer(400);
  await received(id, ...session(7).slice(0, 1));
  const [, told] = await toldTypes(csms, id, ['pairing.created', 'delivery.parked']);
  const listing = await admin(`/api/dead-letters?chargePointId=${id}`);
  const { deadLetters } = await listing.json<{ deadLetters: { deliveryId: string }[] }>();
  const deliveryId = deadLetters[0]?.deliveryId;
  expect(told?.data).toEqual({ chargePointId: id, provider: 'stekker', deliveryId, reason: 'http-400' });
});

it('shows in the timeline what the CSMS was told', async () => {
  const csms = standInCsms();
  const id = await registered();
  await pairByCode(id);
  await toldTypes(csms, id, ['pairing.created']);
  await drained(id);
  const { timeline } = await (
    await admin(`/api/chargers/${id}/timeline`)
  ).json<{ timeline: { entry: { kind: string } }[] }>();
  expect(timeline.find(({ entry }) => entry.kind === 'paired')).toMatchObject({
    deliveries: { csms: { outcome: 'delivered', attempts: 1 } },
    events: [{ message: { name: 'pairing.created' }, to: { csms: 0 } }],
  });
  expect(await backlogOf(id)).toBe(0);
  expect(await rowsOf(id, 'SELECT * FROM log')).toHaveLength(1);
});
