/** Every crossing of provider, charger's version, what the charger does, and command channel, on the real bundle. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChargerVerdict } from '../../sandbox/csms-commands.ts';
import {
  startWorld,
  valueAt,
  type Channel,
  type ChargerInSession,
  type ProviderName,
  type Version,
  type World,
} from './world.ts';

const CHANNELS: readonly Channel[] = ['ocpp', 'citrineos'];
const PROVIDERS: readonly ProviderName[] = ['stekker', 'jedlix'];
const VERSIONS: readonly Version[] = ['ocpp1.6', 'ocpp2.0.1'];

/** What a provider is told: the status, and the body's telling part. */
type Answer = { readonly status: number; readonly says: unknown };
type Case = { readonly does: string; readonly verdict: ChargerVerdict } & Record<ProviderName, Answer>;

const REJECTED = 'The charging station rejected the charging profile.';
const OFFLINE = 'The charger has no connection to its CSMS.';

/** CitrineOS has no connection to a charger it does not know, and says no more than that. */
const UNKNOWN: Readonly<Record<Channel, Record<ProviderName, Answer>>> = {
  ocpp: {
    stekker: { status: 404, says: 'charger-unknown-to-csms' },
    jedlix: { status: 404, says: 'The CSMS does not know this charger.' },
  },
  citrineos: { stekker: { status: 503, says: 'charger-offline' }, jedlix: { status: 503, says: OFFLINE } },
};

/** OCPP 2.0.1 has no NotSupported: such a charger rejects. */
function notSupported(version: Version): Record<ProviderName, Answer> {
  if (version === 'ocpp2.0.1') {
    return { stekker: { status: 200, says: 'Rejected' }, jedlix: { status: 400, says: REJECTED } };
  }
  return {
    stekker: { status: 200, says: 'NotSupported' },
    jedlix: { status: 400, says: 'The charging station does not support this charging profile.' },
  };
}

const casesOf = (channel: Channel, version: Version): readonly Case[] => [
  {
    does: 'accepts',
    verdict: 'Accepted',
    stekker: { status: 200, says: 'Accepted' },
    jedlix: { status: 200, says: 'The charging profile is executed.' },
  },
  {
    does: 'rejects',
    verdict: 'Rejected',
    stekker: { status: 200, says: 'Rejected' },
    jedlix: { status: 400, says: REJECTED },
  },
  { does: 'does not support profiles', verdict: 'NotSupported', ...notSupported(version) },
  {
    does: 'is offline',
    verdict: 'offline',
    stekker: { status: 503, says: 'charger-offline' },
    jedlix: { status: 503, says: OFFLINE },
  },
  {
    does: 'never answers',
    verdict: 'hang',
    stekker: { status: 503, says: 'charger-no-answer' },
    jedlix: { status: 503, says: 'The charger did not answer in time; it may have taken the profile.' },
  },
  { does: 'is unknown to the CSMS', verdict: 'unknown', ...UNKNOWN[channel] },
];

function answerOf(provider: ProviderName, { status, body }: { status: number; body: unknown }): Answer {
  if (provider === 'jedlix') return { status, says: valueAt(body, 'message') };
  return { status, says: valueAt(body, 'reason') ?? valueAt(body, 'status') };
}

/** A command in the charger's own form, for its own transaction and EVSE. The stand-ins check the rest by the official schema. */
function ownForm({ version, transactionId }: ChargerInSession): unknown {
  const schedule = expect.objectContaining({
    chargingRateUnit: 'W',
    chargingSchedulePeriod: [{ startPeriod: 0, limit: 7400 }],
  });
  const [place, key, chargingSchedule] =
    version === 'ocpp1.6'
      ? [{ connectorId: 1 }, 'csChargingProfiles', schedule]
      : [{ evseId: 1 }, 'chargingProfile', [schedule]];
  const profile = expect.objectContaining({ transactionId, chargingSchedule });
  return expect.objectContaining({ action: 'SetChargingProfile', payload: { ...place, [key]: profile } });
}

/** CitrineOS takes no command for a charger that is not connected; ours is asked all the same. */
const isTaken = (channel: Channel, verdict: ChargerVerdict) =>
  channel === 'ocpp' || (verdict !== 'offline' && verdict !== 'unknown');

describe.each(CHANNELS)('a profile over the channel %s', (channel) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(channel);
  }, 60_000);
  afterAll(() => world.close());

  for (const provider of PROVIDERS) {
    for (const version of VERSIONS) {
      it.each(casesOf(channel, version))(
        `of ${provider} tells the truth when an ${version} charger $does`,
        async (each) => {
          const charger = await world.inSession(version, provider);
          world.setVerdict(charger, each.verdict);
          expect(answerOf(provider, await world.sendProfile(charger))).toEqual(each[provider]);
          expect(world.commandsFor(charger)).toEqual(isTaken(channel, each.verdict) ? [ownForm(charger)] : []);
        },
      );
    }
  }

  it.each(VERSIONS)('of jedlix in OCPP 1.6 reaches an %s charger', async (version) => {
    const charger = await world.inSession(version, 'jedlix');
    const answer = await world.sendProfile(charger, 7400, 'ocpp1.6');
    expect(answer).toMatchObject({ status: 200, errors: [] });
    expect(world.commandsFor(charger)).toEqual([ownForm(charger)]);
  });
});
