/** What waits for hours, in the real runtime: it outlives its object, and the timeline says what it waits for. */
import { evictDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { stationOf } from '../../src/station/station-of.ts';
import { accepted, drained, paired, received, ring, say, standInProviders, stub, told, travel } from './world.ts';

let world: ReturnType<typeof standInProviders>;
beforeEach(() => {
  world = standInProviders();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const kept = async (id: string) => {
  const { items } = await stationOf(env, id).timeline({ limit: 50, isUnmasked: false });
  return items.toReversed().flatMap((item) => item.kept);
};

test('an answer that comes two hours late finds its start and the stop in the log, and the timeline said that they wait', async () => {
  const id = await paired('stekker', 'jedlix');
  const start = say.start(0);
  await received(id, { frame: start }, { frame: say.stop(3, 7, 2500) });
  const waiting = [
    { seq: expect.any(Number), reason: 'waiting', for: `the answer to message ${start[1]}` },
    { seq: expect.any(Number), reason: 'waiting', for: 'the start of transaction 7' },
  ];
  expect(await kept(id)).toEqual(waiting);
  travel(11 * 60_000);
  await ring(id);
  expect(await kept(id)).toEqual(waiting);
  travel(120 * 60_000);
  await evictDurableObject(stub(id));
  await received(id, { frame: [3, start[1], accepted(7)], direction: 'csms' });
  await drained(id);
  expect(told('stekker', world.calls, id)).toEqual(['StartTransaction 1000', 'StopTransaction 2500']);
  expect(told('jedlix', world.calls, id)).toEqual(['Started 0', 'Ended 1']);
  expect(await kept(id)).toEqual([]);
});
