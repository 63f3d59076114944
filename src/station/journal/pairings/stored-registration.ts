/**
 * What a station knows of its charger's place in the registry, and the form in which the first release stored it. Pure.
 */
import type { Charger } from '../../../charging/charger.ts';
import type { KnownPairing } from './pairing-news.ts';

/**
 * The charger as last registered, the newest pairing with each provider that was ever paired, and which providers are
 * paused.
 */
export type Registration = {
  readonly charger: Charger;
  readonly isRegistered: boolean;
  readonly pairings: Readonly<Record<string, KnownPairing>>;
  readonly paused: readonly string[];
};

/** Times in ms since the epoch. `endedPairing` is when the pairing was made whose end came last. */
type FirstRelease = Omit<Registration, 'pairings'> & {
  readonly providers: readonly string[];
  readonly evseUids?: Readonly<Record<string, string>>;
  readonly pairedAt?: Readonly<Record<string, number>>;
  readonly unpairedAt?: Readonly<Record<string, number>>;
  readonly endedPairing?: Readonly<Record<string, number>>;
};

/** What was stored, in either form. */
export type StoredRegistration = Registration | FirstRelease;

/**
 * The first release told pairings apart by the time at which they were made: that is their generation, in the registry
 * too.
 */
export function registrationOf(stored: StoredRegistration): Registration {
  if (!('providers' in stored)) return stored;
  const { providers, evseUids = {}, pairedAt = {}, unpairedAt = {}, endedPairing = {}, ...rest } = stored;
  const ended = Object.entries({ ...unpairedAt, ...endedPairing }).map(
    ([provider, generation]): [string, KnownPairing] => [provider, { generation, status: 'ended' }],
  );
  const paired = providers.map((provider): [string, KnownPairing] => {
    const [madeAt, evseUid] = [pairedAt[provider] ?? 0, evseUids[provider]];
    return [
      provider,
      { generation: madeAt, status: 'paired', pairedAt: madeAt, ...(evseUid !== undefined && { evseUid }) },
    ];
  });
  return { ...rest, pairings: Object.fromEntries([...ended, ...paired]) };
}

/** What stays of a charger that was removed and erased. */
export function forgotten({ charger, pairings, paused }: Registration): Registration {
  const { chargePointId, protocol } = charger;
  const generations = Object.entries(pairings).map(
    ([provider, { generation, status }]) => [provider, { generation, status }] as const,
  );
  return {
    charger: { chargePointId, ocppIdentity: '', protocol, evses: [] },
    isRegistered: false,
    pairings: Object.fromEntries(generations),
    paused,
  };
}
