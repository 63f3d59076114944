/** What the metrics say of profiles: how each request ended, and whether cars follow. */
import { afterEach, expect, it, vi } from 'vitest';
import { metered, pointsOf } from '../station/world.ts';
import { charging, csmsAnswers, eventually, pass, profile16, reads, stekkerSets } from './chargers.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const draws = (id: string, watts: number) =>
  reads(id, 17, [{ value: String(watts), measurand: 'Power.Active.Import', unit: 'W' }]);

it('each request counts under its outcome, and a car when it is found to follow or not', async () => {
  csmsAnswers();
  const id = await charging();
  const points = await metered(id);
  expect(
    (
      await stekkerSets(
        id,
        profile16({ periods: [{ startPeriod: 0, limit: 4140 }], startSchedule: new Date().toISOString() }),
      )
    ).status,
  ).toBe(200);
  expect((await stekkerSets(id, profile16({ profile: { transactionId: 99 } }))).status).toBe(400);
  const counted = (kind: string) =>
    pointsOf(points, kind).map(({ blobs, doubles }) => [...(blobs ?? []), doubles?.[0]]);
  await eventually(() => counted('profile')).toEqual([
    ['profile', 'stekker', 'Accepted', 1],
    ['profile', 'stekker', 'transaction-unknown', 1],
  ]);
  for (const watts of [4000, 11_000, 11_000, 11_000]) {
    pass(70);
    await draws(id, watts);
  }
  await eventually(() => counted('followed')).toEqual([
    ['followed', 'stekker', 'yes', 1],
    ['followed', 'stekker', 'no', 1],
  ]);
});
