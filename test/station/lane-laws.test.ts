/** The laws of a lane: what holds for every history of outcomes, evictions, pauses, alarms and breaker waits. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeWorld, type Reply, type RowPlan } from './lane-world.ts';

type Act =
  | { readonly kind: 'row'; readonly plan: RowPlan }
  | { readonly kind: 'answer' | 'evict' | 'pause' | 'resume' | 'switch-off' | 'switch-on' }
  | { readonly kind: 'pass'; readonly ms: number };

const HOUR = 60 * 60_000;

const reply: fc.Arbitrary<Reply> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom({ status: 200 }, { status: 204 }) },
  { weight: 2, arbitrary: fc.constantFrom({ status: 400 }, { status: 404 }, { status: 410 }, { status: 302 }) },
  { weight: 3, arbitrary: fc.constantFrom({ status: 503 }, { status: 401 }, { status: 408 }, { status: 500 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      { status: 429, retryAfter: '7' },
      { status: 503, retryAfter: '999999' },
      { status: 503, retryAfter: 'Tue, 31 Mar 2026 15:00:00 GMT' },
      { status: 503, retryAfter: 'soon' },
    ),
  },
  { weight: 2, arbitrary: fc.constantFrom<Reply>({ lost: 'timeout' }, { lost: 'network' }) },
  { weight: 1, arbitrary: fc.constant<Reply>({ throws: true }) },
);

const plan: fc.Arbitrary<RowPlan> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ parts: fc.integer({ min: 0, max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ parts: fc.constant(1), connector: fc.constantFrom('1.1', '2.1') }) },
  { weight: 1, arbitrary: fc.constant<RowPlan>({ parts: 1, throws: true }) },
);

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: plan.map((plan): Act => ({ kind: 'row', plan })) },
  { weight: 6, arbitrary: fc.constant<Act>({ kind: 'answer' }) },
  {
    weight: 4,
    arbitrary: fc
      .oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 12 * HOUR }))
      .map((ms): Act => ({ kind: 'pass', ms })),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Act>(
      { kind: 'evict' },
      { kind: 'evict' },
      { kind: 'pause' },
      { kind: 'resume' },
      { kind: 'switch-off' },
      { kind: 'switch-on' },
    ),
  },
);

const history = fc.record({
  acts: fc.array(act, { maxLength: 40, size: 'max' }),
  replies: fc.array(reply, { maxLength: 60, size: 'max' }),
  parkings: fc.array(fc.constantFrom<'stored' | 'throws'>('stored', 'throws'), { maxLength: 10, size: 'max' }),
  permitWaits: fc.array(fc.constantFrom(0, 1, 250, 4001, 30_000), { maxLength: 20, size: 'max' }),
});
type History = typeof history extends fc.Arbitrary<infer T> ? T : never;

async function perform(world: FakeWorld, act: Act): Promise<void> {
  switch (act.kind) {
    case 'row':
      await world.accept(act.plan);
      return;
    case 'answer':
      await world.answer();
      return;
    case 'evict':
      return world.evict();
    case 'pass':
      return world.pass(act.ms);
    case 'pause':
    case 'resume':
      world.isPaused = act.kind === 'pause';
      return world.drain();
    case 'switch-off':
    case 'switch-on':
      world.isOff = act.kind === 'switch-off';
  }
}

/** An idle lane that owes something is woken again, and not later than its longest wait. */
function expectWakeArmed(world: FakeWorld): void {
  if (!world.isIdle || world.isPaused || world.owed.size === 0) return;
  expect(world.wakeAt).toBeDefined();
  expect(world.wakeAt).toBeLessThanOrEqual(world.now + HOUR);
}

/** Performs a history, then lets the world be good until nothing is owed. Gives every row that was accepted. */
async function live({ acts, replies, parkings, permitWaits }: History) {
  const world = new FakeWorld();
  Object.assign(world, { replies: [...replies], parkings: [...parkings], permitWaits: [...permitWaits] });
  const rows = new Map<number, RowPlan>();
  for (const act of acts) {
    await perform(world, act);
    for (const [seq, { plan }] of world.owed) rows.set(seq, plan);
    if (act.kind === 'row' && rows.size < world.accepted) rows.set(world.accepted, act.plan);
    expectWakeArmed(world);
  }
  world.isPaused = false;
  world.isOff = false;
  await world.drain();
  for (let round = 0; world.owed.size > 0 && round < 2000; round += 1) {
    await world.answerAll();
    expectWakeArmed(world);
    if (world.owed.size > 0) await world.pass(Math.max(0, (world.wakeAt ?? world.now) - world.now));
  }
  return { world, rows };
}

/** "seq.part" as a number that sorts. */
const place = (text: string) => {
  const [seq = 0, part = 0] = text.split('.').map(Number);
  return seq * 10 + part;
};

function expectLaws(world: FakeWorld, rows: ReadonlyMap<number, RowPlan>): void {
  expect(world.owed.size).toBe(0);
  expect(world.mostInFlight).toBeLessThanOrEqual(1);
  expect(world.breaches).toEqual([]);
  const firsts = [...new Set(world.endings.map((ending) => place(ending.place)))];
  expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
  const lost = [...rows].filter(([seq, plan]) => !isAccountedFor(world, rows, seq, plan));
  expect(lost).toEqual([]);
}

/** Every message of the row was delivered or parked, unless the row was replaced or parked as a whole. */
function isAccountedFor(world: FakeWorld, rows: ReadonlyMap<number, RowPlan>, seq: number, plan: RowPlan): boolean {
  if (world.settled.get(seq)?.outcome === 'superseded') return isReplaced(rows, seq, plan);
  const ended = new Set(world.endings.map((ending) => ending.place));
  const parts = plan.throws || isExpiredUnsent(world, seq) ? 1 : plan.parts;
  return Array.from({ length: parts }, (_, part) => ended.has(`${seq}.${part}`)).every(Boolean);
}

/** While its provider is off, a row that is too old is parked as a whole. */
const isExpiredUnsent = (world: FakeWorld, seq: number) =>
  world.letters.some((letter) => letter.seq === seq && letter.reason === 'expired' && letter.deliverables[0]?.event);

/** Only a newer status of the same connector may replace one. */
const isReplaced = (rows: ReadonlyMap<number, RowPlan>, seq: number, { connector }: RowPlan) =>
  connector !== undefined && [...rows].some(([other, plan]) => other > seq && plan.connector === connector);

/** At least what the failures in a row by the world's own count call for; an eviction may make the lane count again one that was over. */
function expectWaitsInBounds(world: FakeWorld): void {
  const exponential = (failures: number) => Math.min(45_000, 1000 * 2 ** (failures - 1));
  for (const { failures, attempt, askedMs, waitMs } of world.waits) {
    const asked = Math.min(askedMs, HOUR);
    expect(waitMs).toBeGreaterThanOrEqual(Math.max(Math.floor(exponential(failures) * 0.8), asked));
    expect(waitMs).toBeLessThanOrEqual(Math.max(Math.ceil(exponential(attempt) * 1.2), asked));
  }
}

describe('for every history of a lane', () => {
  test('each message is delivered or parked, first in the order it came, one in flight, not too early, and the lane ends or is woken', async () => {
    const hard = { evictedInFlight: 0, evictedWaiting: 0, wokenToSend: 0 };
    let longestTrouble = 0;
    await fc.assert(
      fc.asyncProperty(history, async (story) => {
        const { world, rows } = await live(story);
        expectLaws(world, rows);
        expectWaitsInBounds(world);
        expect(world.place).toBeUndefined();
        hard.evictedInFlight += world.seen.evictedInFlight;
        hard.evictedWaiting += world.seen.evictedWaiting;
        hard.wokenToSend += world.seen.wokenToSend;
        longestTrouble = Math.max(longestTrouble, ...world.waits.map(({ failures }) => failures));
      }),
      { numRuns: 400 },
    );
    // The histories are as hard as they are meant to be.
    expect(Math.min(...Object.values(hard))).toBeGreaterThan(20);
    expect(longestTrouble).toBeGreaterThan(3);
  });

  test('without failures nothing is sent twice, held, parked or asked for', async () => {
    const calm = fc.array(
      act.filter(({ kind }) => kind !== 'evict' && kind !== 'switch-off' && kind !== 'pass'),
      { maxLength: 40, size: 'max' },
    );
    await fc.assert(
      fc.asyncProperty(calm, async (acts) => {
        const { world, rows } = await live({ acts, replies: [], parkings: [], permitWaits: [] });
        expectLaws(world, rows);
        const sent = world.attempts.map(({ name }) => name);
        expect(new Set(sent).size).toBe(sent.length);
        expect(world).toMatchObject({ permits: 0, recoveries: 0 });
        expect(world.letters.every(({ reason }) => reason === 'translation-failed')).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});
