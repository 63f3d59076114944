/**
 * What a CSMS tells a charger about charging profiles, as it passes in the webhook stream: SetChargingProfile and
 * ClearChargingProfile of OCPP 1.6 (§5.16, §5.5) and 2.0.1 (K01, K10). Pure; reads only which place is meant.
 */
import { PROFILE_PURPOSES, type ProfilePurpose } from '../charging/charging-profile.ts';
import type { Frame } from './envelope.ts';
import { integer, object, type Json } from './tolerant.ts';

/** A profile is set in a place, or every profile that fits is cleared. An absent field of a clear fits all. */
export type ProfileCall = { readonly kind: 'set' | 'clear' } & ProfileMark;

/** `evseId` is the connector on OCPP 1.6, and 0 for the whole station. */
export type ProfileMark = {
  readonly id: number | undefined;
  readonly evseId: number | undefined;
  readonly purpose: ProfilePurpose | undefined;
  readonly stackLevel: number | undefined;
};

/** What a CALL of the CSMS does to profiles; undefined when it does nothing to them. */
export function profileCallIn(frame: Frame): ProfileCall | undefined {
  if (frame.type !== 'call') return undefined;
  const { action, payload } = frame;
  const evse = payload['evseId'] ?? payload['connectorId'];
  if (action === 'SetChargingProfile') {
    const profile = object(payload['csChargingProfiles']) ?? object(payload['chargingProfile']) ?? {};
    return { kind: 'set', ...markIn(profile, profile['chargingProfileId'] ?? profile['id'], evse) };
  }
  if (action !== 'ClearChargingProfile') return undefined;
  const criteria = object(payload['chargingProfileCriteria']) ?? payload;
  return {
    kind: 'clear',
    ...markIn(criteria, payload['chargingProfileId'] ?? payload['id'], criteria['evseId'] ?? evse),
  };
}

function markIn(json: Json, id: unknown, evse: unknown): ProfileMark {
  const word = json['chargingProfilePurpose'];
  const purpose = word === 'ChargePointMaxProfile' ? 'ChargingStationMaxProfile' : word;
  return {
    id: integer(id),
    evseId: integer(evse),
    purpose: PROFILE_PURPOSES.find((known) => known === purpose),
    stackLevel: integer(json['stackLevel']),
  };
}

const ANSWER_FIELDS = new Set(['status', 'statusInfo', 'customData']);

/** The status of what may be a charger's answer to such a CALL: few others are answered with nothing else. */
export function profileAnswerIn(frame: Frame): string | undefined {
  if (frame.type !== 'call-result') return undefined;
  const { status } = frame.payload;
  return typeof status === 'string' && Object.keys(frame.payload).every((name) => ANSWER_FIELDS.has(name))
    ? status
    : undefined;
}
