/** Under which ids a charger gets its profiles, with chargers that take the specification at its word. */
import { env } from 'cloudflare:workers';
import { evictDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  eventually,
  jedlixSets,
  offline,
  pair,
  profile16,
  profile201,
  sessionsOf,
  stekkerSets,
  unpair,
} from './chargers.ts';
import { says, strictChargers, transactionOn, twoEvses, type Version } from './strict-charger.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const VERSIONS: readonly Version[] = ['ocpp1.6', 'ocpp2.0.1'];
const ok = async (answer: Promise<Response>) => expect((await answer).status).toBe(200);

describe.each(VERSIONS)('a session on an %s charger', (version) => {
  /** A charger that Jedlix controls, with a car on each of these EVSEs. */
  async function inSession(...evseIds: number[]) {
    const strict = strictChargers();
    const id = await twoEvses(version, 'jedlix');
    for (const evseId of evseIds) await says([id, version], 'Started', [evseId]);
    const ends = async (evseId: number) => {
      await says([id, version], 'Ended', [evseId]);
      strict.forgets(id, transactionOn(version, evseId));
    };
    return { ...strict, id, held: () => strict.heldBy(id), ends };
  }

  it('keeps the id of its profile when the session on the lower EVSE ends', async () => {
    const { id, held, ends } = await inSession(1, 2);
    await ok(jedlixSets(id, profile201(7000, { id: 12 })));
    expect(held()).toEqual([
      [1, 12, 1, 7000],
      [2, 1202, 1, 7000],
    ]);
    await ends(1);
    await ok(jedlixSets(id, profile201(9000, { id: 12 })));
    expect(held()).toEqual([[2, 1202, 1, 9000]]);
  });

  it('keeps it although the station’s object lost its memory in between', async () => {
    const { id, held, ends } = await inSession(1, 2);
    await ok(jedlixSets(id, profile201(7000, { id: 12 })));
    await ends(1);
    await evictDurableObject(env.CHARGING_STATION.getByName(id));
    await ok(jedlixSets(id, profile201(9000, { id: 12 })));
    expect(held()).toEqual([[2, 1202, 1, 9000]]);
  });

  it('keeps it when a car comes to the lower EVSE, which gets an id of its own', async () => {
    const { id, held } = await inSession(2);
    await ok(jedlixSets(id, profile201(7000, { id: 12 })));
    await says([id, version], 'Started', [1]);
    await ok(jedlixSets(id, profile201(9000, { id: 12 })));
    expect(held()).toEqual([
      [1, 1201, 1, 9000],
      [2, 12, 1, 9000],
    ]);
  });

  it('keeps it when its provider goes on under another id', async () => {
    const { id, held } = await inSession(1);
    await ok(jedlixSets(id, profile201(7000, { id: 12 })));
    await ok(jedlixSets(id, profile201(9000, { id: 13 })));
    expect(held()).toEqual([[1, 12, 1, 9000]]);
  });

  it('keeps it when the charger rejected a profile, or did not answer, in between', async () => {
    const { id, held, say, commands } = await inSession(1);
    for (const answer of [() => Response.json({ status: 'Rejected' }), () => new Response(null, { status: 504 })]) {
      say(answer);
      await jedlixSets(id, profile201(7000, { id: 12 }));
    }
    say();
    await ok(jedlixSets(id, profile201(9000, { id: 13 })));
    expect(held()).toEqual([[1, 12, 1, 9000]]);
    expect(commands()).toHaveLength(3);
  });

  it('is followed by one that begins with its provider’s own id again', async () => {
    const { id, held, ends } = await inSession(1, 2);
    await ok(jedlixSets(id, profile201(7000, { id: 12 })));
    await ends(1);
    await ends(2);
    await says([id, version], 'Started', [2, 2]);
    await ok(jedlixSets(id, profile201(9000, { id: 12 })));
    expect(held()).toEqual([[2, 12, 1, 9000]]);
  });

  it('has on another stack level the profile that its provider moved there, and nothing on the one before', async () => {
    const { id, held, commands } = await inSession(1);
    await ok(jedlixSets(id, profile201(0, { id: 12, stackLevel: 2 })));
    await ok(jedlixSets(id, profile201(9000, { id: 12, stackLevel: 1 })));
    expect(held()).toEqual([[1, 12, 1, 9000]]);
    expect(await sessionsOf(id)).toMatchObject([{ profile: { limit: 9000 } }]);
    await unpair(id, 'jedlix');
    await eventually(held).toEqual([]);
    expect(commands().map(({ action }) => action)).toEqual([
      'SetChargingProfile',
      'SetChargingProfile',
      'ClearChargingProfile',
    ]);
  });
});

describe.each(VERSIONS)('the ids at an %s charger', (version) => {
  const of = (connectorId: number, limit: number, profile: Readonly<Record<string, unknown>> = {}) =>
    profile16({ connectorId, periods: [{ startPeriod: 0, limit }], profile: { transactionId: undefined, ...profile } });

  it('differ from EVSE to EVSE, although the provider uses the same one for each', async () => {
    const { heldBy } = strictChargers();
    const id = await twoEvses(version, 'stekker');
    for (const evseId of [1, 2]) await says([id, version], 'Started', [evseId]);
    for (const limit of [3000, 7000]) {
      await ok(stekkerSets(id, of(1, limit)));
      await ok(stekkerSets(id, of(2, limit)));
    }
    expect(heldBy(id)).toEqual([
      [1, 1, 0, 7000],
      [2, 102, 0, 7000],
    ]);
  });

  it('differ although a provider’s own id is one that was derived for another EVSE', async () => {
    const { heldBy } = strictChargers();
    const id = await twoEvses(version, 'stekker');
    for (const evseId of [1, 2]) await says([id, version], 'Started', [evseId]);
    await ok(stekkerSets(id, of(0, 3000)));
    await ok(stekkerSets(id, of(1, 7000, { chargingProfileId: 102, stackLevel: 2 })));
    expect(heldBy(id)).toEqual([
      [1, 1, 0, 3000],
      [1, 10_201, 2, 7000],
      [2, 102, 0, 3000],
    ]);
  });

  it('differ from provider to provider, while what the last one left could not be cleared', async () => {
    const { heldBy, say } = strictChargers();
    const id = await twoEvses(version, 'stekker');
    await says([id, version], 'Started', [1]);
    await ok(stekkerSets(id, of(1, 0)));
    say(offline);
    await unpair(id, 'stekker');
    await eventually(() => sessionsOf(id)).toMatchObject([{ profile: { status: 'clearing' } }]);
    await pair(id, 'jedlix');
    say();
    await ok(jedlixSets(id, profile201(9000, { id: 1 })));
    expect(heldBy(id)).toEqual([
      [1, 1, 0, 0],
      [1, 101, 1, 9000],
    ]);
  });
});
