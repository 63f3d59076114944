/** What the CSMS, or its operator, should know without asking, and how it is said. Pure. */
import type { OutgoingMessage } from './recipient.ts';

/** The name of the recipient that notifications go to. */
export const CSMS = 'csms';

type Pairing = {
  readonly provider: string;
  readonly evseUid?: string;
  readonly origin?: 'provider-code' | 'our-code';
  readonly by?: 'csms' | 'provider' | 'admin';
  readonly at: string;
};

/** `status` and `reason` are the charger's own; `asked` is the limit that the provider asked for. */
type Profile = {
  readonly provider: string;
  readonly evseId: number;
  readonly transactionId?: string;
  readonly asked?: unknown;
  readonly drawnW?: number;
  readonly status?: string;
  readonly reason?: string;
};

/** What may happen at one charger. */
type AtCharger = {
  readonly 'pairing.created': Pairing;
  readonly 'pairing.ended': Pairing;
  readonly 'profile.rejected': Profile;
  readonly 'profile.not-followed': Profile;
  readonly 'profile.released': Profile;
  readonly 'session.implausible': {
    readonly transactionId: string;
    readonly code: string;
    readonly [figure: string]: unknown;
  };
  readonly 'webhooks.lost': { readonly transactionId?: string; readonly evidence: string };
  readonly 'delivery.parked': { readonly provider: string; readonly deliveryId: string; readonly reason: string };
};

/** What happened, and is an alert for a day: nobody ends it. */
export const HAPPENED: readonly string[] = [
  'profile.not-followed',
  'profile.released',
  'session.implausible',
  'webhooks.lost',
  'charger.unknown',
  'pairing.guessing',
];

/** Something that happened at one charger. The charger's id is added when it is told. */
export type ChargerFact = {
  readonly [Type in keyof AtCharger]: { readonly type: Type; readonly data: AtCharger[Type] };
}[keyof AtCharger];

/** A notification as it is sent. `timestamp` (RFC 3339) is when we learned of it. */
export type Notification = {
  readonly type: string;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
};

/** What is told of a fact at this charger. */
export function notificationOf({ type, data }: ChargerFact, chargePointId: string, nowMs: number): Notification {
  return { type, timestamp: new Date(nowMs).toISOString(), data: { chargePointId, ...data } };
}

/** A notification as a lane sends it. Its recipient has one URL, so there is no path. */
export function messageOf(notification: Notification): OutgoingMessage {
  return { name: notification.type, method: 'POST', path: '', body: notification };
}
