/** Who authorised a session: an RFID card, an app, a fleet key. Pure. */
import type { VendorData } from './meter.ts';

/** `value` is as the station or CSMS wrote it; `type` is one of OCPP 2.0.1's IdTokenEnumType. */
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

/** We write this where OCPP demands a token and the session has none. It is ours: no specification names one. */
export const ANONYMOUS_ID_TAG = 'ANONYMOUS';

/** Reads an OCPP 1.6 idTag. 8 or 14 hex digits are a 4- or 7-byte RFID UID, so ISO14443. Any other tag is `Central`. */
export function idTokenFromTag(idTag: string): IdToken {
  const isRfidUid = /^(?:[0-9a-f]{8}|[0-9a-f]{14})$/i.test(idTag);
  return { value: idTag, type: isRfidUid ? 'ISO14443' : 'Central' };
}

/** Whether two tokens are the same: case does not matter, so `04aabb` and `04AABB` are one card (OCPP 1.6 §7.28). */
export function isSameToken(one: IdToken, other: IdToken): boolean {
  return one.value.toLowerCase() === other.value.toLowerCase();
}

/** The OCPP 1.6 idTag of a token: its first 20 characters, or the placeholder when there is none. */
export function idTagOf(idToken: IdToken | undefined): string {
  return idToken === undefined || idToken.value === '' ? ANONYMOUS_ID_TAG : idToken.value.slice(0, 20);
}

/** A token as logs and listings may show it: its last three characters, and never more than half of them all. */
export function maskIdToken(value: string): string {
  const shown = Math.min(3, Math.floor(value.length / 2));
  return `***${shown === 0 ? '' : value.slice(-shown)}`;
}
