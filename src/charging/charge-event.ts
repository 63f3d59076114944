/**
 * The hub: what happened at a charging station, in words that every CSMS and every provider can be told in.
 * Pure types; the only thing that crosses from one side to the other.
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

/** Why a session stopped: the reasons of OCPP 1.6 §7.36 and OCPP 2.0.1 §2.49 together; each side writes it in its own. */
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

/** A connector's state: the nine of OCPP 1.6 §7.7 and `Occupied` of OCPP 2.0.1, which is the last five of them in one word. */
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

/** A status as the station gave it; everything but `state` is what OCPP 1.6 adds, and absent when it was not there. */
export type ConnectorStatus = {
  readonly state: ConnectorState;
  readonly errorCode?: string;
  readonly info?: string;
  readonly at?: string;
  readonly vendorId?: string;
  readonly vendorErrorCode?: string;
};

/** What every event of a session carries. `sequence` counts the session's events from 0 without gaps; `at` in RFC 3339. */
type SessionEvent = {
  readonly session: SessionRef;
  readonly sequence: number;
  readonly at: string;
  readonly trigger: TriggerReason;
  readonly meterValues: readonly MeterValue[];
  readonly chargingState?: ChargingState;
  readonly idToken?: IdToken;
  readonly details?: TransactionDetails;
  /** The connector's status, when this event came from a status report, or amounts to one. */
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
  /** The register at the start, in Wh; `isRegisterInferred` when no message stated it. */
  readonly meterStartWh: number;
  readonly isRegisterInferred?: true;
  /** What the CSMS answered; made up ("Accepted") when the station's protocol has no such answer. */
  readonly authorization: Authorization;
  readonly reservationId?: number;
};

export type SessionUpdated = SessionEvent & { readonly kind: 'session-updated' };

export type SessionEnded = SessionEvent & {
  readonly kind: 'session-ended';
  /** The register at the end, in Wh: the meter's reading, not the energy of the session; `isRegisterInferred` as above. */
  readonly meterStopWh: number;
  readonly isRegisterInferred?: true;
  readonly stopReason?: StopReason;
  readonly authorization?: Authorization;
};

/** A connector's status while no session runs there; `evse.evseId` 0 is the whole station. */
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

/** The operator changed the charger's registration; providers that were told its details are told again. */
export type ChargerDetailsChanged = { readonly kind: 'charger-details-changed'; readonly at: string };

/**
 * The pairing with one provider ended on our side, and that provider alone is told, after all that came before. `evseUid` is the
 * EVSE that was paired, absent when it was the whole station.
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
