/** What a stop reason implies: the trigger of the event that ends the session, and its charging state. Pure. */
import type { StopReason, TriggerReason } from './charge-event.ts';
import type { ChargingState } from './session.ts';

/**
 * OCPP 1.6's reasons follow the field mapping in docs/ocpp-mapping.md. The reasons that only OCPP 2.0.1 has get the
 * nearest trigger; it is used when a station sends a trigger that OCPP does not know.
 */
const TRIGGERS: Readonly<Record<StopReason, TriggerReason>> = {
  Local: 'StopAuthorized',
  Remote: 'RemoteStop',
  DeAuthorized: 'Deauthorized',
  EVDisconnected: 'EVCommunicationLost',
  EmergencyStop: 'AbnormalCondition',
  HardReset: 'ResetCommand',
  SoftReset: 'ResetCommand',
  ImmediateReset: 'ResetCommand',
  Reboot: 'AbnormalCondition',
  PowerLoss: 'AbnormalCondition',
  UnlockCommand: 'UnlockCommand',
  Other: 'AbnormalCondition',
  EnergyLimitReached: 'EnergyLimitReached',
  GroundFault: 'AbnormalCondition',
  LocalOutOfCredit: 'Deauthorized',
  MasterPass: 'StopAuthorized',
  OvercurrentFault: 'AbnormalCondition',
  PowerQuality: 'AbnormalCondition',
  SOCLimitReached: 'EnergyLimitReached',
  StoppedByEV: 'ChargingStateChanged',
  TimeLimitReached: 'TimeLimitReached',
  Timeout: 'EVConnectTimeout',
};

/** The trigger of the event that ends a session so. A stop without a reason is a local one (OCPP 1.6 §6.49). */
export function triggerOfStop(reason: StopReason | undefined): TriggerReason {
  return TRIGGERS[reason ?? 'Local'];
}

/** The charging state a session ends in: the car is still plugged in, unless its leaving is what ended the session. */
export function chargingStateAfterStop(reason: StopReason | undefined): ChargingState {
  return reason === 'EVDisconnected' ? 'Idle' : 'EVConnected';
}
