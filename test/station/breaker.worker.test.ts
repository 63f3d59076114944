/** The provider-wide breaker and the stations: when it opens and how it lets everybody back, and that it is advice only. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Lanes } from '../../src/station/delivery/lanes.ts';
import { Ledger } from '../../src/station/journal/ledger.ts';
import { stationHome } from '../../src/station/station-home.ts';
import { PATIENCE } from '../patience.ts';
import {
  accepted,
  answer,
  at,
  drained,
  paired,
  received,
  ring,
  rowsOf,
  say,
  standInProviders,
  stub,
  told,
  travel,
  until,
} from './world.ts';

const SECOND = 1000;

let world: ReturnType<typeof standInProviders>;
beforeEach(() => {
  world = standInProviders();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const jedlixGot = (id: string) => told('jedlix', world.calls, id);
const modeOf = (provider: string) => env.PROVIDER_BREAKER.getByName(provider).mode();
const callsTo = (ids: readonly string[]) => ids.flatMap((id) => jedlixGot(id));

/** Waits until each of these chargers' lanes has failed so often in a row. */
async function failed(ids: readonly string[], attempts: number): Promise<void> {
  await vi.waitFor(async () => {
    const lanes = await Promise.all(ids.map((id) => rowsOf(id, 'SELECT attempts FROM lanes')));
    expect(lanes).toEqual(ids.map(() => [{ attempts }]));
  }, PATIENCE);
}

/** Chargers that owe a start each, and a provider that has refused each of them five times within half a minute. */
async function outage(): Promise<string[]> {
  const ids = await Promise.all(Array.from({ length: 5 }, () => paired('jedlix')));
  world.answers.jedlix = answer(503);
  for (const id of ids) await received(id, { frame: say.start(0), response: accepted(7) });
  await failed(ids, 1);
  for (const attempts of [2, 3, 4, 5]) {
    expect(await modeOf('jedlix')).toBe('closed');
    travel(1.2 * SECOND * 2 ** (attempts - 2));
    for (const id of ids) await ring(id);
    await failed(ids, attempts);
  }
  return ids;
}

describe('the breaker', () => {
  test('opens when a provider fails everywhere, lets one probe through, holds everything, and lets everybody back', async () => {
    const errors = vi.spyOn(console, 'error');
    const ids = await outage();
    await vi.waitFor(async () => expect(await modeOf('jedlix')).toBe('open'), PATIENCE);
    expect(errors.mock.calls.join('\n')).toContain('"scsp.breaker":"open"');

    travel(20 * SECOND);
    for (const id of ids) await ring(id);
    await vi.waitFor(async () => {
      const waiting = await Promise.all(ids.map((id) => rowsOf(id, 'SELECT due_at FROM lanes')));
      expect(waiting.every(([lane]) => Number(lane?.['due_at']) > Date.now())).toBe(true);
    }, PATIENCE);
    expect(callsTo(ids)).toHaveLength(5 * 5 + 1);

    const healthy = await paired('jedlix');
    world.answers.jedlix = answer(200);
    await received(healthy, { frame: say.start(0), response: accepted(7) });
    await drained(healthy);

    const before = callsTo(ids).length;
    for (let round = 0; round < 3; round += 1) {
      travel(90 * SECOND);
      for (const id of ids) await ring(id);
      await until(before + 1, () => callsTo(ids));
    }
    for (const id of ids) await drained(id);
    travel(200 * SECOND);
    expect(await modeOf('jedlix')).toBe('closed');
    for (const id of ids) expect(new Set(jedlixGot(id))).toEqual(new Set(['Started 0']));
  });

  test('stays closed when one charger alone fails, however often', async () => {
    const id = await paired('stekker');
    world.answers.stekker = answer(500);
    await received(id, { frame: say.status(0, 'Available') });
    for (let failures = 1; failures <= 6; failures += 1) {
      await until(failures, () => told('stekker', world.calls, id));
      await failed([id], failures);
      travel(60 * SECOND);
      await ring(id);
    }
    expect(await modeOf('stekker')).toBe('closed');
  });
});

/** What a test does with the lanes of a charger that owes one status, in an environment whose breaker is of the test's making. */
async function withBreaker<T>(
  breaker: object,
  act: (lanes: Lanes) => Promise<T>,
): Promise<{ done: T; owed: string[] }> {
  const id = await paired('stekker');
  return runInDurableObject(stub(id), async (_, state) => {
    const ledger = new Ledger(state.storage);
    const payload = { connectorId: 1, status: 'Available', errorCode: 'NoError' };
    const frame = { type: 'call', messageId: 'only', action: 'StatusNotification', payload } as const;
    const message = { protocol: 'ocpp1.6', direction: 'cs', seenAt: at(0), frame } as const;
    const context = { requestId: crypto.randomUUID() };
    ledger.take([{ index: 0, incoming: { kind: 'message', message } }], context, Date.now());
    const changes: object = { PROVIDER_BREAKER: { getByName: () => breaker } };
    const surroundings: Env = { ...env, ...changes };
    const home = stationHome(state, surroundings, () => undefined);
    const lanes = new Lanes({
      ...home,
      backlog: ledger.store.backlog,
      charger: () => ledger.registration?.charger,
      recipient: (name: string) => home.config()?.providers.get(name),
      isPaused: () => false,
      note: () => undefined,
    });
    return { done: await act(lanes), owed: ledger.store.backlog.recipients() };
  });
}

describe('a breaker that cannot help', () => {
  const sent = () => world.calls.filter(({ method }) => method === 'POST').length;

  beforeEach(() => {
    const answers = [503, 200];
    world.answers.stekker = (call) => answer(answers.shift() ?? 200)(call);
  });

  test('because it cannot be reached, holds nothing', async () => {
    const unreachable = async () => {
      throw new Error('unreachable');
    };
    const { owed } = await withBreaker({ ask: unreachable, report: unreachable }, async (lanes) => {
      await lanes.drain(['stekker']);
      travel(10 * SECOND);
      await lanes.drain(['stekker']);
    });
    expect(owed).toEqual([]);
  });

  test('because it never answers, holds nothing for longer than two seconds', async () => {
    const never = vi.fn<() => Promise<never>>(() => new Promise(() => undefined));
    const { done, owed } = await withBreaker({ ask: never, report: never }, async (lanes) => {
      await lanes.drain(['stekker']);
      const before = sent();
      travel(10 * SECOND);
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const draining = lanes.drain(['stekker']);
      await vi.advanceTimersByTimeAsync(1999);
      const held = sent();
      await vi.advanceTimersByTimeAsync(1);
      vi.useRealTimers();
      await draining;
      return { before, held, after: sent() };
    });
    expect(never).toHaveBeenCalled();
    expect(done).toEqual({ before: 1, held: 1, after: 2 });
    expect(owed).toEqual([]);
  });
});
