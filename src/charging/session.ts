/** A charging session: which transaction runs where, under both providers' kinds of transaction id. Pure types; no behaviour. */
import type { IdToken } from './id-token.ts';

/**
 * Where on the station: `evseId` 0 is the station itself (OCPP 2.0.1 §A, "EVSE 0"). `emi3Id` is the EVSE's public id where the
 * CSMS said it with the message; the charger's registration has it too.
 */
export type EvseRef = { readonly evseId: number; readonly connectorId?: number; readonly emi3Id?: string };

/** One transaction under its two names: an int32 for OCPP 1.6, a string of at most 36 characters for OCPP 2.0.1. */
export type TransactionId = { readonly ocpp16: number; readonly ocpp201: string };

/** The vehicle's and the EVSE's side of a running session (OCPP 2.0.1 §2.12 ChargingStateEnumType). */
export const CHARGING_STATES = ['Charging', 'EVConnected', 'SuspendedEV', 'SuspendedEVSE', 'Idle'] as const;
export type ChargingState = (typeof CHARGING_STATES)[number];

/** What an event says of the session it belongs to. `startedAt` in RFC 3339. */
export type SessionRef = {
  readonly transactionId: TransactionId;
  readonly evse: EvseRef;
  readonly startedAt: string;
  readonly idToken?: IdToken;
};
