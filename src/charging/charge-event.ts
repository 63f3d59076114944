/**
 * The hub: what happened at a charging station, in terms that belong to no CSMS, no provider and no OCPP version.
 * Pure types. CSMS adapters and providers know charge events, and do not know each other.
 */
import type { Authorization, IdToken } from './id-token.ts';
import type { MeterValue, VendorData } from './meter.ts';
import type { ChargingState, EvseRef, SessionRef } from './session.ts';

/** Why a transaction event was sent (OCPP 2.0.1 §2.58 TriggerReasonEnumType, the richer of the two vocabularies). */
export const TRIGGER_REASONS = [
  'Authorized',
  'CablePluggedIn',
  'ChargingRateChanged',
  'ChargingStateChanged',
  'Deauthorized',
  'EnergyLimitReached',
  'EVCommunicationLost',
  'EVConnectTimeout',
  'MeterValueClock',
  'MeterValuePeriodic',
  'TimeLimitReached',
  'Trigger',
  'UnlockCommand',
  'StopAuthorized',
  'EVDeparted',
  'EVDetected',
  'RemoteStop',
  'RemoteStart',
  'AbnormalCondition',
  'SignedDataReceived',
  'ResetCommand',
] as const;
export type TriggerReason = (typeof TRIGGER_REASONS)[number];

/** Why a session stopped: the reasons of OCPP 1.6 §7.36 and OCPP 2.0.1 §2.49 together. Writers map them. */
export const STOP_REASONS = [
  'DeAuthorized',
  'EmergencyStop',
  'EVDisconnected',
  'HardReset',
  'Local',
  'Other',
  'PowerLoss',
  'Reboot',
  'Remote',
  'SoftReset',
  'UnlockCommand',
  'EnergyLimitReached',
  'GroundFault',
  'ImmediateReset',
  'LocalOutOfCredit',
  'MasterPass',
  'OvercurrentFault',
  'PowerQuality',
  'SOCLimitReached',
  'StoppedByEV',
  'TimeLimitReached',
  'Timeout',
] as const;
export type StopReason = (typeof STOP_REASONS)[number];

/** A connector's state: the nine of OCPP 1.6 §7.7, and OCPP 2.0.1's `Occupied`, which stands for the last five. */
export const CONNECTOR_STATES = [
  'Available',
  'Preparing',
  'Charging',
  'SuspendedEVSE',
  'SuspendedEV',
  'Finishing',
  'Reserved',
  'Unavailable',
  'Faulted',
  'Occupied',
] as const;
export type ConnectorState = (typeof CONNECTOR_STATES)[number];

/** A status as the station gave it. Only OCPP 1.6 has the fields beside `state`; those not sent are absent. */
export type ConnectorStatus = {
  readonly state: ConnectorState;
  readonly errorCode?: string;
  readonly info?: string;
  readonly at?: string;
  readonly vendorId?: string;
  readonly vendorErrorCode?: string;
};

/** What every event of a session has. `sequence` counts the session's events from 0; `at` is in RFC 3339. */
type SessionEvent = {
  readonly session: SessionRef;
  readonly sequence: number;
  readonly at: string;
  readonly trigger: TriggerReason;
  readonly meterValues: readonly MeterValue[];
  readonly chargingState?: ChargingState;
  readonly idToken?: IdToken;
  readonly details?: TransactionDetails;
  /** The connector's status, when this event came from a status report, or means the same as one. */
  readonly connectorStatus?: ConnectorStatus;
};

/** Fields that only OCPP 2.0.1 stations send and only OCPP 2.0.1 readers want. */
export type TransactionDetails = {
  readonly offline?: boolean;
  readonly numberOfPhasesUsed?: number;
  readonly cableMaxCurrent?: number;
  readonly timeSpentCharging?: number;
  readonly remoteStartId?: number;
  readonly reservationId?: number;
  readonly vendorData?: VendorData;
  readonly evseVendorData?: VendorData;
  readonly transactionVendorData?: VendorData;
};

export type SessionStarted = SessionEvent & {
  readonly kind: 'session-started';
  /** The energy register at the start, in Wh; `isRegisterInferred` when no message stated it. */
  readonly meterStartWh: number;
  readonly isRegisterInferred?: true;
  /** What the CSMS answered. OCPP 2.0.1 has no such answer; there it is "Accepted". */
  readonly authorization: Authorization;
  readonly reservationId?: number;
};

/** What readers that must know where a session runs are told with the first event that knows it, or with the last. */
type LateStart = { readonly lateStart?: SessionStarted };

export type SessionUpdated = SessionEvent & LateStart & { readonly kind: 'session-updated' };

export type SessionEnded = SessionEvent &
  LateStart & {
    readonly kind: 'session-ended';
    /** The token of a session that began without one, where its end does not say any. */
    readonly lateIdToken?: IdToken;
    /** The energy register at the end, in Wh: what the meter shows, not the energy of the session. */
    readonly meterStopWh: number;
    readonly isRegisterInferred?: true;
    readonly stopReason?: StopReason;
    readonly authorization?: Authorization;
  };

/** A connector's status while no session runs there. `evse.evseId` 0 is the whole station. */
export type ConnectorStatusChanged = {
  readonly kind: 'connector-status-changed';
  readonly evse: EvseRef;
  readonly at: string;
  readonly status: ConnectorStatus;
};

/** Readings that belong to no session, such as a main meter's. */
export type MeterValuesTaken = {
  readonly kind: 'meter-values-taken';
  readonly evse: EvseRef;
  readonly at: string;
  readonly meterValues: readonly MeterValue[];
};

/** The station's connection to its CSMS. */
export type StationConnectionChanged = {
  readonly kind: 'station-connected' | 'station-disconnected' | 'station-booted';
  readonly at: string;
};

/** The operator changed the charger's details; a provider that was told the old ones is told the new ones. */
export type ChargerDetailsChanged = { readonly kind: 'charger-details-changed'; readonly at: string };

/**
 * The pairing with one provider ended on our side. Only that provider is told, after everything that happened before.
 * `evseUid` is the EVSE that was paired; it is absent when the whole station was.
 */
export type ProviderUnpaired = { readonly kind: 'unpaired'; readonly at: string; readonly evseUid?: string };

export type ChargeEvent =
  | SessionStarted
  | SessionUpdated
  | SessionEnded
  | ConnectorStatusChanged
  | MeterValuesTaken
  | StationConnectionChanged
  | ChargerDetailsChanged
  | ProviderUnpaired;
