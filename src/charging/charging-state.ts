/** What a connector's status says about the session that runs there. Pure. */
import type { ConnectorState, TriggerReason } from './charge-event.ts';
import type { ChargingState } from './session.ts';

/** What a status means for the session. Without `chargingState` the session's state stays as it was. */
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

/** What a connector status (OCPP 1.6 §7.7) says about the session that runs there; undefined when it says nothing. */
export function stateOfStatus(state: ConnectorState): StateChange | undefined {
  return CHANGES[state];
}
