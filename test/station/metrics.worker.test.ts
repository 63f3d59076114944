/** The points that a station and the cron trigger write to Analytics Engine when the binding is there. */
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openAlert } from '../../src/storage/alerts.ts';
import { addNotice } from '../../src/storage/notices.ts';
import { watchEveryMinute } from '../../src/sweep.ts';
import { standIn } from '../outside.ts';
import { CSMS_HOST, EVENTS_SETTINGS } from '../settings.ts';
import {
  accepted,
  answer,
  drained,
  ID_TAG,
  metered,
  paired,
  pointsOf as of,
  post,
  received,
  say,
  session,
  standInProviders,
  stub,
} from './world.ts';

let world: ReturnType<typeof standInProviders>;
beforeEach(() => {
  world = standInProviders();
});
afterEach(() => {
  vi.restoreAllMocks();
});

type Points = readonly AnalyticsEngineDataPoint[];

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0);
const countIn = (points: Points) => sumOf(points.map(({ doubles }) => doubles?.[0] ?? 0));

/** Waits until so many were counted. */
async function written(points: Points, kind: string, count: number): Promise<void> {
  await expect.poll(() => countIn(of(points, kind)), { timeout: 20_000 }).toBe(count);
}

describe('METRICS, when it is bound,', () => {
  test('gets what became of a charger’s events: received, duplicates, ignored, rejected', async () => {
    const id = await paired('stekker');
    const points = await metered(id);
    const known = { frame: say.status(0, 'Available') };
    const huge = { frame: [2, 'huge', 'StatusNotification', { info: 'x'.repeat(140_000) }] as const };
    await received(id, known);
    await drained(id);
    const { body } = await post(id, [known, { frame: say.status(1, 'Charging') }, huge]);
    expect(body).toMatchObject({ received: 1, duplicates: 1, ignored: 0, rejected: [{ index: 2 }] });
    await written(points, 'accepted', 2);
    expect(of(points, 'accepted')).toEqual([
      { indexes: ['accepted'], blobs: ['accepted'], doubles: [1, 0, 0, 0] },
      { indexes: ['accepted'], blobs: ['accepted'], doubles: [1, 1, 0, 1] },
    ]);
    await drained(id);
  });

  test('gets a run’s attempts in one point: how many, how many first ones, and how long they took', async () => {
    const id = await paired('stekker');
    const points = await metered(id);
    await received(id, { frame: say.status(0, 'Available') });
    await written(points, 'attempt', 1);
    const blobs = ['attempt', 'stekker', 'delivered', '', 'StatusNotification'];
    const [point] = of(points, 'attempt');
    expect(point).toMatchObject({ indexes: ['stekker'], blobs });
    expect(point?.doubles?.slice(0, 2)).toEqual([1, 1]);
    expect(sumOf(point?.doubles?.slice(3) ?? [])).toBe(1);
  });

  test('gets at most 25 points of a backlog of 1,000 deliveries, and they add up to 1,000', async () => {
    const id = await paired('stekker');
    const points = await metered(id);
    await stub(id).hold('stekker', true);
    for (let batch = 0; batch < 10; batch += 1)
      await received(
        id,
        ...Array.from({ length: 100 }, (_, index) => ({
          frame: say.status((batch * 100 + index) / 20, index % 2 === 0 ? 'Preparing' : 'Available'),
        })),
      );
    expect(of(points, 'attempt')).toEqual([]);
    await stub(id).hold('stekker', false);
    await written(points, 'attempt', 1000);
    expect(of(points, 'attempt').length).toBeLessThanOrEqual(15);
    expect(countIn(of(points, 'accepted'))).toBe(1000);
    expect(points.length).toBeLessThanOrEqual(25);
  });

  test('gets parked messages by provider and reason', async () => {
    const id = await paired('stekker', 'jedlix');
    const points = await metered(id);
    world.answers.stekker = answer(422);
    await received(id, ...session(7).slice(0, 2));
    await written(points, 'parked', 2);
    await drained(id);
    const parked = { indexes: ['stekker'], blobs: ['parked', 'stekker', 'http-422'], doubles: [2] };
    expect(of(points, 'parked')).toEqual([parked]);
    expect(of(points, 'attempt').map(({ blobs }) => blobs?.slice(1, 4))).toEqual(
      expect.arrayContaining([
        ['stekker', 'rejected', 'http-422'],
        ['jedlix', 'delivered', ''],
      ]),
    );
  });

  test('gets the alerts that are open, and how notifications that belong to no charger fared', async () => {
    const points: AnalyticsEngineDataPoint[] = [];
    const METRICS = { writeDataPoint: (point: AnalyticsEngineDataPoint) => void points.push(point) };
    standIn({ [CSMS_HOST]: answer(200) });
    await env.DB.exec('DELETE FROM alerts');
    const [detail, now] = [{ deliveryId: '1', reason: 'http-400' }, Date.now()];
    await openAlert(env.DB, { type: 'webhooks.lost', subject: 'one', detail }, { now });
    await openAlert(env.DB, { type: 'webhooks.lost', subject: 'another', detail }, { now });
    await addNotice(env.DB, { type: 'pairing.guessing', timestamp: '2026-03-31T12:00:00Z', data: {} }, now);
    await watchEveryMinute({ ...env, ...EVENTS_SETTINGS, METRICS } as Env, now);
    expect(of(points, 'alert')).toEqual([{ indexes: [''], blobs: ['alert', '', 'webhooks.lost'], doubles: [2] }]);
    const blobs = ['attempt', 'csms', 'delivered', '', 'pairing.guessing'];
    expect(of(points, 'attempt')).toMatchObject([{ indexes: ['csms'], blobs }]);
  });

  test('gets nothing that names a charger’s user', async () => {
    const id = await paired('stekker');
    const points = await metered(id);
    world.answers.stekker = answer(400);
    await received(id, { frame: say.start(0), response: accepted(7) });
    await written(points, 'parked', 1);
    await drained(id);
    expect(points).toHaveLength(3);
    expect(JSON.stringify(points)).not.toContain(ID_TAG);
  });
});
