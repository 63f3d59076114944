/** What one OCPP message means, before its session is known: what readers give to the session book. Pure types. */
import type { ConnectorStatus, StopReason, TransactionDetails, TriggerReason } from './charge-event.ts';
import type { Authorization, IdToken } from './id-token.ts';
import type { MeterValue } from './meter.ts';
import type { ChargingState, EvseRef } from './session.ts';

/** The station asks to start (OCPP 1.6 §4.8); it has no transaction id until the CSMS answers `messageId`. */
export type StartRequested = {
  readonly kind: 'start-requested';
  readonly messageId: string;
  readonly evse: EvseRef;
  readonly idToken: IdToken;
  readonly at: string;
  readonly meterStartWh: number;
  readonly reservationId?: number;
  /** When the CSMS saw it, as far as it said so; here and in answers. */
  readonly seenAt?: string;
};

/** The CSMS's answer to a start. `transactionId` is as the CSMS chose it, also 0 or -1; -1 if it is too large to be exact. */
export type StartAnswered = {
  readonly kind: 'start-answered';
  readonly messageId: string;
  readonly transactionId: number;
  readonly authorization: Authorization;
  readonly seenAt?: string;
};

/** The CSMS could not answer a start (CALLERROR). */
export type StartFailed = {
  readonly kind: 'start-failed';
  readonly messageId: string;
  readonly errorCode: string;
  readonly seenAt?: string;
};

/**
 * The station stopped a transaction (OCPP 1.6 §4.10). `meterStopWh` is the register, absent when the station does not
 * know it.
 */
export type Stopped = {
  readonly kind: 'stopped';
  readonly transactionId: number;
  readonly at: string;
  readonly meterStopWh?: number;
  readonly idToken?: IdToken;
  readonly reason?: StopReason;
  readonly meterValues: readonly MeterValue[];
  readonly authorization?: Authorization;
};

/** A step of a transaction whose id the station chose (OCPP 2.0.1 §E02). */
export type TransactionStep = {
  readonly kind: 'transaction-step';
  readonly step: 'started' | 'updated' | 'ended';
  readonly transactionId: string;
  readonly at: string;
  readonly trigger: TriggerReason;
  readonly evse?: EvseRef;
  readonly chargingState?: ChargingState;
  readonly idToken?: IdToken;
  readonly stopReason?: StopReason;
  readonly reservationId?: number;
  readonly meterValues: readonly MeterValue[];
  readonly details?: TransactionDetails;
};

/** A connector reports its status. If the station gave no time, `at` is when the message was seen. */
export type StatusReported = {
  readonly kind: 'status-reported';
  readonly evse: EvseRef;
  readonly at: string;
  readonly status: ConnectorStatus;
};

/** Readings. They belong to a transaction if the station says so. `trigger` says why they were taken. */
export type ReadingsReported = {
  readonly kind: 'readings-reported';
  readonly evse: EvseRef;
  readonly at: string;
  readonly transactionId?: number;
  readonly trigger: TriggerReason;
  readonly meterValues: readonly MeterValue[];
};

/** The CSMS tells the station to start. The station's own start follows. */
export type RemoteStartRequested = {
  readonly kind: 'remote-start-requested';
  readonly evse?: EvseRef;
  readonly idToken: IdToken;
  readonly at: string;
  /** The CSMS's number of the request (OCPP 2.0.1 only). The transaction that follows repeats it. */
  readonly remoteStartId?: number;
};

/** The CSMS tells the station to stop a transaction, by the station's id of it. The station's own stop follows. */
export type RemoteStopRequested = {
  readonly kind: 'remote-stop-requested';
  readonly transactionId: string;
  readonly at: string;
};

/** The station's connection to its CSMS changed. */
export type ConnectionChanged = {
  readonly kind: 'station-connected' | 'station-disconnected' | 'station-booted';
  readonly at: string;
};

export type StationMessage =
  | StartRequested
  | StartAnswered
  | StartFailed
  | Stopped
  | TransactionStep
  | StatusReported
  | ReadingsReported
  | RemoteStartRequested
  | RemoteStopRequested
  | ConnectionChanged;
