/** Who authorised a session: an RFID card, an app, a fleet key. Pure; refuses nothing. */
import type { VendorData } from './meter.ts';

/** `value` as the station or CSMS wrote it; `type` in the words of OCPP 2.0.1 IdTokenEnumType. */
export type IdToken = {
  readonly value: string;
  readonly type: IdTokenType;
  readonly additional?: readonly { readonly value: string; readonly type: string; readonly vendorData?: VendorData }[];
  readonly vendorData?: VendorData;
};

export const ID_TOKEN_TYPES = [
  'Central',
  'eMAID',
  'ISO14443',
  'ISO15693',
  'KeyCode',
  'Local',
  'MacAddress',
  'NoAuthorization',
] as const;
export type IdTokenType = (typeof ID_TOKEN_TYPES)[number];

/** What the CSMS said about a token (OCPP 1.6 §7.4 IdTagInfo). */
export type Authorization = {
  readonly status: string;
  readonly expiryDate?: string;
  readonly parentIdTag?: string;
};

/** Stands where OCPP demands a token and the session has none. Ours: no specification names one. */
export const ANONYMOUS_ID_TAG = 'ANONYMOUS';

/** Reads an OCPP 1.6 idTag. Only 8 or 14 hex digits (a 4- or 7-byte RFID UID) are surely ISO14443; all else is `Central`. */
export function idTokenFromTag(idTag: string): IdToken {
  const isRfidUid = /^(?:[0-9a-f]{8}|[0-9a-f]{14})$/i.test(idTag);
  return { value: idTag, type: isRfidUid ? 'ISO14443' : 'Central' };
}

/** Whether two tokens are one: `04aabb` and `04AABB` are the same card (OCPP 1.6 §7.28 IdToken: case insensitive). */
export function isSameToken(one: IdToken, other: IdToken): boolean {
  return one.value.toLowerCase() === other.value.toLowerCase();
}

/** The OCPP 1.6 idTag (at most 20 characters) of a token: its first 20 characters, or the placeholder when there is none. */
export function idTagOf(idToken: IdToken | undefined): string {
  return idToken === undefined || idToken.value === '' ? ANONYMOUS_ID_TAG : idToken.value.slice(0, 20);
}

/** A token as logs and listings may show it: the last three characters, and never more than half of it. */
export function maskIdToken(value: string): string {
  const shown = Math.min(3, Math.floor(value.length / 2));
  return `***${shown === 0 ? '' : value.slice(-shown)}`;
}
