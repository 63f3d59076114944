/** Whatever is asked in whatever order: no profile takes another one's place at the charger, unless its provider means it to. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { profileIdFor, type KnownPlace, type PlaceWithoutId } from '../../src/station/steering/profile-ids.ts';

/** A profile for an EVSE; before it, perhaps, the next session begins there. */
const step = fc.record({
  evseId: fc.integer({ min: 1, max: 3 }),
  isNextSession: fc.boolean(),
  provider: fc.constantFrom('one', 'other'),
  id: fc.constantFrom(1, 2, 101, 102, 201, 10_101, 0x7fff_ffff, -1),
  stackLevel: fc.nat(2),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What the station remembers, and what a charger holds that goes by ids alone. */
class Station {
  readonly known = new Map<string, KnownPlace>();
  readonly held = new Map<number, Step>();
  readonly #sessions = new Map<number, number>();

  set(asked: Step): { readonly profileId: number; readonly before: Step | undefined; readonly place: PlaceWithoutId } {
    if (asked.isNextSession) this.#nextSession(asked.evseId);
    const place = this.#placeOf(asked);
    const profileId = profileIdFor(place, asked, [...this.known.values()]);
    const before = this.held.get(profileId);
    for (const [key, known] of this.known) if (known.profileId === profileId) this.known.delete(key);
    const { provider, id } = asked;
    this.known.set(place.key, { ...place, profileId, active: { provider, profile: { id } } });
    this.held.set(profileId, asked);
    return { profileId, before, place };
  }

  #placeOf({ evseId, stackLevel }: Step): PlaceWithoutId {
    const transactionId = `${evseId}-${this.#sessions.get(evseId) ?? 0}`;
    return { key: `${transactionId}|${stackLevel}`, evseId, purpose: 'TxProfile', stackLevel, transactionId };
  }

  #nextSession(evseId: number): void {
    this.#sessions.set(evseId, (this.#sessions.get(evseId) ?? 0) + 1);
    for (const [key, known] of this.known) if (known.evseId === evseId) this.known.delete(key);
    for (const [id, profile] of this.held) if (profile.evseId === evseId) this.held.delete(id);
  }
}

describe('the id of a profile at the charger', () => {
  it('is that of its place, or free, or that of what its provider replaces; and always a 32-bit integer', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const station = new Station();
        for (const each of steps) {
          const { profileId, before } = station.set(each);
          expect(Number.isInteger(profileId) && Math.abs(profileId) <= 0x7fff_ffff).toBe(true);
          if (before === undefined) continue;
          expect(before.evseId).toBe(each.evseId);
          const isSamePlace = before.stackLevel === each.stackLevel;
          const isProvidersOwn = before.provider === each.provider && before.id === each.id;
          expect(isSamePlace || isProvidersOwn).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('stays, in one session and stack level, until its provider moves it to another level', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const station = new Station();
        for (const each of steps) {
          const remembered = new Map([...station.known].map(([key, { profileId }]) => [key, profileId]));
          const { profileId, place } = station.set(each);
          expect(profileId).toBe(remembered.get(place.key) ?? profileId);
        }
      }),
      { numRuns: 500 },
    );
  });

  const place = (changes: Partial<PlaceWithoutId> = {}): PlaceWithoutId => ({
    key: 'any',
    evseId: 1,
    purpose: 'TxProfile',
    stackLevel: 0,
    transactionId: 'tx',
    ...changes,
  });
  const asked = { provider: 'one', id: 7 };

  it('goes with its session when that turns out to run on another EVSE', () => {
    expect(profileIdFor(place({ evseId: 2 }), asked, [{ ...place(), profileId: 12 }])).toBe(12);
  });

  it('is not that of a profile of no session on another EVSE', () => {
    const { transactionId: _, ...first } = place({ purpose: 'TxDefaultProfile' });
    const known = [{ ...first, profileId: 7 }];
    expect([profileIdFor(first, asked, known), profileIdFor({ ...first, evseId: 2 }, asked, known)]).toEqual([7, 702]);
  });

  it('is not the one of another place, which a profile that was refused had been meant for', () => {
    const active = { provider: 'one', profile: { id: 5 } };
    const refused = place({ key: 'higher', stackLevel: 1 });
    const known = [
      { ...place(), profileId: 5, active },
      { ...refused, profileId: 5 },
    ];
    expect(profileIdFor(refused, asked, known)).toBe(7);
  });

  it('is found even when the provider’s id and the one derived from it are both taken', () => {
    const known = [7, 701, 0x7fff_ffff].map((profileId) => ({
      ...place({ transactionId: `${profileId}` }),
      profileId,
    }));
    expect(profileIdFor(place(), asked, known)).toBe(0x7fff_fffe);
  });
});
