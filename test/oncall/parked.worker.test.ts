/** A provider refuses messages: what the engineer on call is told, where they are, and how they are sent again. */
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openAlert } from '../../src/storage/alerts.ts';
import { saveDeadLetters } from '../../src/storage/dead-letters.ts';
import { PATIENCE } from '../patience.ts';
import { answer, drained } from '../station/world.ts';
import { admin, alerts, morning, night, owing, statusOf, timelineOf } from './world.ts';

let on: ReturnType<typeof night>;
beforeEach(() => {
  on = night();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await morning();
});

const groups = async () =>
  (await (await admin('/api/dead-letters/summary')).json<{ groups: Record<string, unknown>[] }>()).groups;

describe('a provider answers 400', () => {
  it.each([1, 3])('at %i charger(s): told at once, and over when the messages are replayed', async (size) => {
    on.csms.answers.stekker = answer(400, {}, '{"error":"connector unknown"}');
    const ids = await owing('stekker', size);
    await vi.waitFor(() => expect(on.lines('delivery.parked')).toHaveLength(size), PATIENCE);
    for (const id of ids) await drained(id);
    await on.watch();
    expect(await alerts()).toMatchObject([
      { type: 'delivery.parked', subject: 'stekker', detail: { reason: 'http-400' } },
    ]);
    expect(on.lines('delivery.parked')[0]).toMatchObject({ level: 'warn', 'scsp.reason': 'http-400' });
    for (const id of ids) {
      await vi.waitFor(() => expect(on.csms.told(id).map(({ type }) => type)).toContain('delivery.parked'), PATIENCE);
      expect(await timelineOf(id)).toContain('connector unknown');
      const listed = await (await admin(`/api/dead-letters?chargePointId=${id}`)).text();
      expect(listed).toContain('connector unknown');
    }
    expect(await groups()).toMatchObject([{ provider: 'stekker', reason: 'http-400', messages: size }]);
    expect(await statusOf('stekker')).toMatchObject({ backlog: 0 });

    on.csms.answers.stekker = answer(200);
    const filter = { provider: 'stekker', reason: 'http-400' };
    expect(await (await admin('/api/dead-letters/replay', 'POST', filter)).json()).toEqual({ replayed: size });
    for (const id of ids) await drained(id);
    await on.watch();
    expect([await alerts(), await groups()]).toEqual([[], []]);
  });

  it('at 300 chargers: one alert, and one group of the summary; a purge ends it too', async () => {
    const [reason, now] = ['http-400', Date.now()];
    const letters = Array.from({ length: 300 }, (_, index) => ({
      deliveryId: `d-${index}`,
      chargePointId: `cp-${index}`,
      parkedAt: now,
      record: {
        provider: 'stekker',
        seq: 1,
        part: 0,
        reason,
        attempts: 1,
        receivedAt: now,
        deliverables: [],
        answer: undefined,
      },
    }));
    for (const letter of letters) await saveDeadLetters(env.DB, [letter], 100_000);
    const alert = { type: 'delivery.parked', subject: 'stekker', detail: { deliveryId: 'd-0', reason } };
    for (const { deliveryId } of letters.slice(0, 3))
      await openAlert(env.DB, { ...alert, detail: { deliveryId, reason } }, { now });
    await on.watch();
    expect(await alerts()).toMatchObject([alert]);
    expect(await groups()).toMatchObject([{ provider: 'stekker', reason, messages: 300 }]);
    await admin('/api/dead-letters/purge', 'POST', { provider: 'stekker', reason });
    await on.watch();
    expect([await alerts(), await groups()]).toEqual([[], []]);
  });
});
