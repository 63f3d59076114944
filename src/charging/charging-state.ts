/** What a connector's status says of the session running there. Pure; undefined where it says nothing of it. */
import type { ConnectorState, TriggerReason } from './charge-event.ts';
import type { ChargingState } from './session.ts';

/** What a status reported during a session means for it. Without `chargingState` the session's state stays what it was. */
export type StateChange = { readonly trigger: TriggerReason; readonly chargingState?: ChargingState };

const CHANGES: Readonly<Record<ConnectorState, StateChange | undefined>> = {
  Charging: { trigger: 'ChargingStateChanged', chargingState: 'Charging' },
  SuspendedEV: { trigger: 'ChargingStateChanged', chargingState: 'SuspendedEV' },
  SuspendedEVSE: { trigger: 'ChargingStateChanged', chargingState: 'SuspendedEVSE' },
  Preparing: { trigger: 'ChargingStateChanged', chargingState: 'EVConnected' },
  Finishing: { trigger: 'ChargingStateChanged', chargingState: 'EVConnected' },
  Available: { trigger: 'EVCommunicationLost', chargingState: 'Idle' },
  Faulted: { trigger: 'AbnormalCondition' },
  Reserved: undefined,
  Unavailable: undefined,
  Occupied: undefined,
};

/** What a connector status (OCPP 1.6 §7.7) says of the session running there; undefined when it says nothing of it. */
export function stateOfStatus(state: ConnectorState): StateChange | undefined {
  return CHANGES[state];
}
