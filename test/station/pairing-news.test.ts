/** News of pairings in any order, repeated and lost: what a station knows in the end is the newest of it. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY_BOOK } from '../../src/sessions/book.ts';
import type { KnownPairing, PairingNews } from '../../src/station/journal/pairings/pairing-news.ts';
import { learn, type Pairings } from '../../src/station/journal/pairings/pairing-turn.ts';
import { registrationOf } from '../../src/station/journal/pairings/stored-registration.ts';

const charger = { chargePointId: 'CP-1', ocppIdentity: 'CP-1', protocol: 'ocpp1.6', evses: [] } as const;
const NOTHING_KNOWN: Pairings = {
  registration: { charger, isRegistered: true, pairings: {}, paused: [] },
  book: EMPTY_BOOK,
  isEndOwed: false,
};

/** What a registry says of a provider over time: of each generation that it was made, that it ended, or both. */
const history = fc
  .array(
    fc.record({
      says: fc.constantFrom('made', 'ended', 'made and ended'),
      evseUid: fc.constantFrom('A', 'B', undefined),
      mustTell: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((generations) => generations.flatMap(newsOf));

type Generation = { says: string; evseUid: string | undefined; mustTell: boolean };

function newsOf({ says, evseUid, mustTell }: Generation, index: number): PairingNews[] {
  const about = { generation: index + 1, ...(evseUid !== undefined && { evseUid }) };
  const made: PairingNews = { pairing: { ...about, status: 'paired' } };
  const ended: PairingNews = { pairing: { ...about, status: 'ended' }, mustTell };
  return [...(says.includes('made') ? [made] : []), ...(says.includes('ended') ? [ended] : [])];
}

/** Some of the news, some of it more than once, in any order; the newest is among it. */
const mixed = history.chain((news) => {
  const newest = news.slice(-1);
  return fc
    .array(fc.constantFrom(...news), { maxLength: 30 })
    .chain((some) => {
      const heard = [...some, ...newest];
      return fc.shuffledSubarray(heard, { minLength: heard.length });
    })
    .map((heard) => ({ newest: newest[0], heard }));
});

function heard(news: readonly PairingNews[]) {
  let state = NOTHING_KNOWN;
  const kinds: unknown[] = [];
  let told = 0;
  for (const each of news) {
    const learned = learn(state, 'jedlix', each, 0);
    if (learned === undefined) continue;
    state = { registration: learned.registration, book: learned.book, isEndOwed: false };
    if (learned.entry !== undefined) kinds.push(learned.entry.kind);
    told += learned.deliverables.length;
  }
  return { known: state.registration.pairings['jedlix'], kinds, told };
}

describe('news of pairings', () => {
  test('in any order, repeated and lost, ends in the newest', () => {
    fc.assert(
      fc.property(mixed, ({ newest, heard: news }) => {
        expect(heard(news).known).toEqual(newest?.pairing);
      }),
    );
  });

  test('that is heard again changes nothing and tells nobody', () => {
    fc.assert(
      fc.property(mixed, ({ heard: news }) => {
        expect(heard([...news, ...news])).toEqual(heard(news));
      }),
    );
  });

  test('never shows an end twice in a row, and tells the provider of each end once at most', () => {
    fc.assert(
      fc.property(mixed, ({ heard: news }) => {
        const { kinds, told } = heard(news);
        const shown = kinds.filter((kind) => kind !== 'pairing-undone');
        const beforeEnds = shown.filter((_, index) => shown[index + 1] === 'unpaired');
        expect(beforeEnds).toEqual(beforeEnds.map(() => 'paired'));
        expect(shown[0]).not.toBe('unpaired');
        const ends = new Set(news.flatMap(({ pairing, mustTell }) => (mustTell ? [pairing.generation] : [])));
        expect(told).toBeLessThanOrEqual(ends.size);
      }),
    );
  });

  test('of one provider leaves another’s pairing as it is', () => {
    fc.assert(
      fc.property(mixed, ({ heard: news }) => {
        const stekker: KnownPairing = { generation: 4, status: 'paired' };
        let state: Pairings = {
          ...NOTHING_KNOWN,
          registration: { ...NOTHING_KNOWN.registration, pairings: { stekker } },
        };
        for (const each of news) state = { ...state, ...learn(state, 'jedlix', each, 0) };
        expect(state.registration.pairings['stekker']).toEqual(stekker);
      }),
    );
  });
});

describe('what the first release stored', () => {
  const stored = { charger, isRegistered: true, paused: ['stekker'] };

  test('is read with the time of a pairing as its generation', () => {
    const pairedAt = { stekker: 1000, jedlix: 2000, acme: 2500 };
    const first = { ...stored, providers: ['stekker', 'jedlix'], evseUids: { jedlix: 'A' }, pairedAt };
    const ended = { unpairedAt: { jedlix: 1500, acme: 2600, other: 900 }, endedPairing: { jedlix: 1200, acme: 2500 } };
    expect(registrationOf({ ...first, ...ended })).toEqual({
      ...stored,
      pairings: {
        stekker: { generation: 1000, status: 'paired', pairedAt: 1000 },
        jedlix: { generation: 2000, status: 'paired', pairedAt: 2000, evseUid: 'A' },
        acme: { generation: 2500, status: 'ended' },
        other: { generation: 900, status: 'ended' },
      },
    });
  });

  test('is read when it has no times: any news is newer', () => {
    const { pairings } = registrationOf({ ...stored, providers: ['stekker'] });
    expect(pairings).toEqual({ stekker: { generation: 0, status: 'paired', pairedAt: 0 } });
  });

  test('in the present form is left as it is', () => {
    const present = { ...stored, pairings: { jedlix: { generation: 3, status: 'ended' } } } as const;
    expect(registrationOf(present)).toBe(present);
  });
});
