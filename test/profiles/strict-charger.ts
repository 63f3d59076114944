/**
 * A charger with two EVSEs that takes the specification at its word where ids of profiles are concerned, in either OCPP version.
 * OCPP 1.6 §5.16.3: a known id is replaced, and so is what has the same purpose and stack level on the connector. OCPP 2.0.1:
 * a known id is replaced wherever it stands (K01.FR.05), a second TxProfile of the same stack level on a transaction is a DuplicateProfile (K01.FR.39).
 */
import { expect } from 'vitest';
import * as z from 'zod';
import { call, freshId, nativeEvent, registered } from '../http/client.ts';
import type { Host } from '../outside.ts';
import { commandOf, csmsAnswers, pair, type Provider, type SentCommand } from './chargers.ts';

export type Version = 'ocpp1.6' | 'ocpp2.0.1';

const Set16 = z.object({
  connectorId: z.number(),
  csChargingProfiles: z.object({
    chargingProfileId: z.number(),
    stackLevel: z.number(),
    chargingProfilePurpose: z.string(),
    transactionId: z.number().optional(),
    chargingSchedule: z.object({ chargingSchedulePeriod: z.array(z.object({ limit: z.number() })) }),
  }),
});
const Set201 = z.object({
  evseId: z.number(),
  chargingProfile: z.object({
    id: z.number(),
    stackLevel: z.number(),
    chargingProfilePurpose: z.string(),
    transactionId: z.string().optional(),
    chargingSchedule: z.array(z.object({ chargingSchedulePeriod: z.array(z.object({ limit: z.number() })) })),
  }),
});
const Clear16 = z.object({ connectorId: z.number(), chargingProfilePurpose: z.string(), stackLevel: z.number() });
const Clear201 = z.object({
  chargingProfileCriteria: z.object({ evseId: z.number(), chargingProfilePurpose: z.string(), stackLevel: z.number() }),
});

type Held = {
  readonly id: number;
  readonly evseId: number;
  readonly purpose: string;
  readonly stackLevel: number;
  readonly transactionId: number | string | undefined;
  readonly limit: number | undefined;
};

function profileOf({ protocol, payload }: SentCommand): Held {
  if (protocol === 'ocpp1.6') {
    const { connectorId: evseId, csChargingProfiles: profile } = Set16.parse(payload);
    const { chargingProfileId: id, stackLevel, chargingProfilePurpose: purpose, transactionId } = profile;
    const limit = profile.chargingSchedule.chargingSchedulePeriod[0]?.limit;
    return { id, evseId, purpose, stackLevel, transactionId, limit };
  }
  const { evseId, chargingProfile: profile } = Set201.parse(payload);
  const { id, stackLevel, chargingProfilePurpose: purpose, transactionId } = profile;
  const limit = profile.chargingSchedule[0]?.chargingSchedulePeriod[0]?.limit;
  return { id, evseId, purpose, stackLevel, transactionId, limit };
}

function placeOf({ protocol, payload }: SentCommand): Pick<Held, 'evseId' | 'purpose' | 'stackLevel'> {
  if (protocol === 'ocpp1.6') {
    const { connectorId: evseId, chargingProfilePurpose: purpose, stackLevel } = Clear16.parse(payload);
    return { evseId, purpose, stackLevel };
  }
  const { evseId, chargingProfilePurpose: purpose, stackLevel } = Clear201.parse(payload).chargingProfileCriteria;
  return { evseId, purpose, stackLevel };
}

const isAlike = (one: Omit<Held, 'evseId' | 'id' | 'limit' | 'transactionId'>, other: typeof one) =>
  one.purpose === other.purpose && one.stackLevel === other.stackLevel;

/** Stands in for the CSMS of such chargers; `say` answers in their place. */
export function strictChargers() {
  const held = new Map<string, readonly Held[]>();
  let inTheirPlace: Host | undefined;
  const { commands } = csmsAnswers((sent) => inTheirPlace?.(sent) ?? Response.json(answer(commandOf(sent))));

  function answer(command: SentCommand): object {
    const before = held.get(command.chargePointId) ?? [];
    return command.action === 'ClearChargingProfile' ? clear(command, before) : set(command, before);
  }
  function clear(command: SentCommand, before: readonly Held[]): object {
    const meant = placeOf(command);
    const after = before.filter((each) => !(isAlike(each, meant) && each.evseId === meant.evseId));
    held.set(command.chargePointId, after);
    return { status: after.length < before.length ? 'Accepted' : 'Unknown' };
  }
  function set(command: SentCommand, before: readonly Held[]): object {
    const profile = profileOf(command);
    const others = before.filter(({ id }) => id !== profile.id);
    const doubles = others.filter((each) => isAlike(each, profile) && isInOnePlace(command.protocol, each, profile));
    if (doubles.length > 0 && command.protocol === 'ocpp2.0.1') {
      return { status: 'Rejected', statusInfo: { reasonCode: 'DuplicateProfile' } };
    }
    held.set(command.chargePointId, [...others.filter((each) => !doubles.includes(each)), profile]);
    return { status: 'Accepted' };
  }
  return {
    commands,
    /** What the charger holds: EVSE, id, stack level and limit of each, in the order of their EVSEs. */
    heldBy: (id: string) =>
      (held.get(id) ?? [])
        .map((each) => [each.evseId, each.id, each.stackLevel, each.limit])
        .toSorted(([a = 0], [b = 0]) => a - b),
    /** The charger forgets the profiles of a session that ended, as it must. */
    forgets: (id: string, transactionId: number | string) =>
      void held.set(
        id,
        (held.get(id) ?? []).filter((each) => each.transactionId !== transactionId),
      ),
    say: (host?: Host) => void (inTheirPlace = host),
  };
}

function isInOnePlace(protocol: string, one: Held, other: Held): boolean {
  return protocol === 'ocpp1.6'
    ? one.evseId === other.evseId
    : one.transactionId !== undefined && one.transactionId === other.transactionId;
}

/** A charger of this version with two EVSEs, paired, and nobody charging. */
export async function twoEvses(protocol: Version, provider: Provider): Promise<string> {
  const connector = { connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 };
  const evses = [1, 2].map((evseId) => ({
    evseId,
    uid: `${freshId()}-${evseId}`,
    capabilities: ['CHARGING_PROFILE_CAPABLE'],
    rateUnit: 'any',
    connectors: [connector],
  }));
  const id = await registered({ protocol, evses });
  await pair(id, provider);
  return id;
}

/** The transaction id of this charger's session on an EVSE: a number where the CSMS numbers them. */
export const transactionOn = (protocol: Version, evseId: number, nth = 1) =>
  protocol === 'ocpp1.6' ? 10 * evseId + nth : `tx-${evseId}-${nth}`;

/** A car starts, or stops, to charge on an EVSE. */
export async function says(
  [id, protocol]: readonly [string, Version],
  what: 'Started' | 'Ended',
  [evseId, nth = 1]: readonly [number, number?],
): Promise<void> {
  const transactionId = transactionOn(protocol, evseId, nth);
  const timestamp = new Date().toISOString();
  const frame = [2, crypto.randomUUID(), ...messageOf(what, { evseId, transactionId, timestamp })];
  const response =
    protocol === 'ocpp1.6' && what === 'Started' ? { transactionId, idTagInfo: { status: 'Accepted' } } : {};
  const json = nativeEvent(id, { protocol, frame, timestamp, response });
  expect((await call('/webhooks/ocpp', { json })).status).toBe(202);
}

type Message = { readonly evseId: number; readonly transactionId: number | string; readonly timestamp: string };

function messageOf(what: 'Started' | 'Ended', { evseId, transactionId, timestamp }: Message): [string, object] {
  if (typeof transactionId === 'number') {
    return what === 'Started'
      ? ['StartTransaction', { connectorId: evseId, idTag: '04A1B2C3', meterStart: 1000, timestamp }]
      : ['StopTransaction', { transactionId, meterStop: 2000, timestamp }];
  }
  const [triggerReason, seqNo] = what === 'Started' ? ['Authorized', 0] : ['StopAuthorized', 9];
  const idToken = { idToken: '04A1B2C3', type: 'ISO14443' };
  const transactionInfo = { transactionId, chargingState: what === 'Started' ? 'Charging' : 'Idle' };
  const evse = { id: evseId, connectorId: 1 };
  return ['TransactionEvent', { eventType: what, timestamp, triggerReason, seqNo, transactionInfo, evse, idToken }];
}
