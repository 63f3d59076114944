/** The points that a station writes to Analytics Engine when the binding is there: taken, tried, parked. */
import { runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  accepted,
  answer,
  drained,
  ID_TAG,
  paired,
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

/** Gives the station's own object a dataset; what it writes from now on is kept. */
async function metered(id: string): Promise<readonly AnalyticsEngineDataPoint[]> {
  const points: AnalyticsEngineDataPoint[] = [];
  const METRICS = { writeDataPoint: (point: AnalyticsEngineDataPoint) => void points.push(point) };
  await runInDurableObject(stub(id), (station) => {
    const own: unknown = Reflect.get(station, 'env');
    if (typeof own !== 'object' || own === null) throw new Error('the object has no environment');
    Object.assign(own, { METRICS });
  });
  return points;
}

const of = (points: readonly AnalyticsEngineDataPoint[], kind: string) =>
  points.filter(({ blobs }) => blobs?.[0] === kind);

describe('METRICS, when it is bound,', () => {
  test('gets one point for a charger’s share of a webhook: received, duplicates, ignored, rejected', async () => {
    const id = await paired('stekker');
    const points = await metered(id);
    const known = { frame: say.status(0, 'Available') };
    const huge = { frame: [2, 'huge', 'StatusNotification', { info: 'x'.repeat(140_000) }] as const };
    await received(id, known);
    const { body } = await post(id, [known, { frame: say.status(1, 'Charging') }, huge]);
    expect(body).toMatchObject({ received: 1, duplicates: 1, ignored: 0, rejected: [{ index: 2 }] });
    expect(of(points, 'accepted')).toEqual([
      { indexes: ['accepted'], blobs: ['accepted'], doubles: [1, 0, 0, 0] },
      { indexes: ['accepted'], blobs: ['accepted'], doubles: [1, 1, 0, 1] },
    ]);
    await drained(id);
  });

  test('gets one point for each attempt: how long it took, and which attempt it was', async () => {
    const id = await paired('stekker');
    const points = await metered(id);
    await received(id, { frame: say.status(0, 'Available') });
    await drained(id);
    const blobs = ['attempt', 'stekker', 'delivered', '', 'StatusNotification'];
    expect(of(points, 'attempt')).toEqual([{ indexes: ['stekker'], blobs, doubles: [expect.any(Number), 1] }]);
  });

  test('gets one point for each parked message, with its provider and reason', async () => {
    const id = await paired('stekker', 'jedlix');
    const points = await metered(id);
    world.answers.stekker = answer(422);
    await received(id, ...session(7).slice(0, 2));
    await drained(id);
    const parked = { indexes: ['stekker'], blobs: ['parked', 'stekker', 'http-422'], doubles: [1] };
    expect(of(points, 'parked')).toEqual([parked, parked]);
    expect(of(points, 'attempt').map(({ blobs }) => blobs?.slice(1, 4))).toEqual(
      expect.arrayContaining([
        ['stekker', 'rejected', 'http-422'],
        ['jedlix', 'delivered', ''],
      ]),
    );
  });

  test('gets nothing that names a charger’s user', async () => {
    const id = await paired('stekker');
    const points = await metered(id);
    world.answers.stekker = answer(400);
    await received(id, { frame: say.start(0), response: accepted(7) });
    await drained(id);
    expect(points).toHaveLength(3);
    expect(JSON.stringify(points)).not.toContain(ID_TAG);
  });
});
