/** A charging session: which transaction runs where, with a transaction id for each OCPP version. Pure types. */
import type { IdToken } from './id-token.ts';

/**
 * A place at the station. `evseId` 0 is the station itself (OCPP 2.0.1 §A, "EVSE 0"). `emi3Id` is the EVSE's public id,
 * if the CSMS sent it with the message. The charger's registration may have it too.
 */
export type EvseRef = { readonly evseId: number; readonly connectorId?: number; readonly emi3Id?: string };

/** The two ids of one transaction: an int32 for OCPP 1.6, and a string of at most 36 characters for OCPP 2.0.1. */
export type TransactionId = { readonly ocpp16: number; readonly ocpp201: string };

/** Whether the car of a session charges, and which side suspends it if not (OCPP 2.0.1 §2.12 ChargingStateEnumType). */
export const CHARGING_STATES = ['Charging', 'EVConnected', 'SuspendedEV', 'SuspendedEVSE', 'Idle'] as const;
export type ChargingState = (typeof CHARGING_STATES)[number];

/** How an event names the session that it belongs to. `startedAt` is in RFC 3339. */
export type SessionRef = {
  readonly transactionId: TransactionId;
  readonly evse: EvseRef;
  readonly startedAt: string;
  readonly idToken?: IdToken;
};
