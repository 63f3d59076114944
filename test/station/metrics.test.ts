/** What is added up becomes few points, and nothing is lost in them. */
import { afterEach, expect, test, vi } from 'vitest';
import { CLASSES_MS, MAX_POINTS, Metrics } from '../../src/station/metrics.ts';

function dataset() {
  const points: AnalyticsEngineDataPoint[] = [];
  const METRICS = { writeDataPoint: (point: AnalyticsEngineDataPoint) => void points.push(point) };
  return { points, metrics: new Metrics({ METRICS }) };
}

const sum = (points: readonly AnalyticsEngineDataPoint[], place: number) =>
  points.reduce((total, { doubles }) => total + (doubles?.[place] ?? 0), 0);
const delivered = { provider: 'stekker', name: 'MeterValues', outcome: { kind: 'delivered' }, attempt: 1 } as const;

afterEach(() => vi.restoreAllMocks());

test('1,000 deliveries of one kind are one point: how many, first ones, ms in all, and how many in each class', () => {
  const { points, metrics } = dataset();
  for (let index = 0; index < 1000; index += 1)
    metrics.attempt({ ...delivered, durationMs: index < 950 ? 50 : 20_000, attempt: index < 10 ? 2 : 1 });
  metrics.flush();
  expect(points).toEqual([
    {
      indexes: ['stekker'],
      blobs: ['attempt', 'stekker', 'delivered', '', 'MeterValues'],
      doubles: [1000, 990, 950 * 50 + 50 * 20_000, 950, 0, 0, 0, 0, 0, 0, 0, 0, 50],
    },
  ]);
});

test('of however many kinds, it is at most as many points as the platform takes, and the sums match', () => {
  const { points, metrics } = dataset();
  for (let index = 0; index < 1000; index += 1) {
    const provider = ['stekker', 'jedlix', 'csms'][index % 3] ?? '';
    metrics.attempt({ ...delivered, provider, name: `kind ${index % 40}`, durationMs: 100 });
    metrics.parked(provider, `http-${400 + (index % 50)}`);
    metrics.profile(provider, `word ${index % 30}`);
    metrics.followed(provider, index % 2 === 0);
    metrics.alert(`type ${index % 20}`, provider);
    metrics.accepted([{ kind: 'duplicate' }]);
  }
  metrics.flush();
  expect(points.length).toBeLessThanOrEqual(MAX_POINTS);
  for (const kind of ['attempt', 'parked', 'profile', 'followed', 'alert']) {
    const own = points.filter(({ blobs }) => blobs?.[0] === kind);
    expect([kind, sum(own, 0)]).toEqual([kind, 1000]);
  }
  expect(points.find(({ blobs }) => blobs?.[0] === 'accepted')?.doubles).toEqual([0, 1000, 0, 0]);
});

test('each class has its upper bound; the last has none', () => {
  const { points, metrics } = dataset();
  for (const durationMs of [0, ...CLASSES_MS, 99_999]) metrics.attempt({ ...delivered, durationMs });
  metrics.flush();
  expect(points[0]?.doubles?.slice(3)).toEqual([2, ...CLASSES_MS.slice(1).map(() => 1), 1]);
});

test('nothing is written while work runs that will write it when it ends, however it ends', async () => {
  const { points, metrics } = dataset();
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const runs = [metrics.during(first.promise), metrics.during(second.promise)];
  metrics.parked('stekker', 'http-400');
  metrics.flush();
  first.resolve();
  await runs[0];
  expect(points).toEqual([]);
  second.reject(new Error('it failed'));
  await expect(runs[1]).rejects.toThrow('it failed');
  expect(points).toHaveLength(1);
  metrics.flush();
  expect(points).toHaveLength(1);
});

test('without a dataset nothing is kept, and one that fails is logged', () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  new Metrics({}).parked('stekker', 'http-400');
  const METRICS = {
    writeDataPoint: () => {
      throw new Error('too many points');
    },
  };
  const metrics = new Metrics({ METRICS });
  metrics.parked('stekker', 'http-400');
  metrics.flush();
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn.mock.calls[0]?.[0]).toContain('metrics.fault');
});
