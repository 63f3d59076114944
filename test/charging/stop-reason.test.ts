/** What a stop reason and a connector status say of a session: the published mapping, row by row. */
import { describe, expect, it } from 'vitest';
import { CONNECTOR_STATES, STOP_REASONS, TRIGGER_REASONS } from '../../src/charging/charge-event.ts';
import { stateOfStatus } from '../../src/charging/charging-state.ts';
import { chargingStateAfterStop, triggerOfStop } from '../../src/charging/stop-reason.ts';

describe('a stop', () => {
  it.each([
    [undefined, 'StopAuthorized'],
    ['Local', 'StopAuthorized'],
    ['Remote', 'RemoteStop'],
    ['DeAuthorized', 'Deauthorized'],
    ['EVDisconnected', 'EVCommunicationLost'],
    ['EmergencyStop', 'AbnormalCondition'],
    ['HardReset', 'ResetCommand'],
    ['SoftReset', 'ResetCommand'],
    ['Reboot', 'AbnormalCondition'],
    ['PowerLoss', 'AbnormalCondition'],
    ['UnlockCommand', 'UnlockCommand'],
    ['Other', 'AbnormalCondition'],
  ] as const)('for the reason %s is triggered by %s', (reason, trigger) => {
    expect(triggerOfStop(reason)).toBe(trigger);
  });

  it('has a trigger for every reason there is', () => {
    for (const reason of STOP_REASONS) expect(TRIGGER_REASONS).toContain(triggerOfStop(reason));
  });

  it('leaves the car plugged in unless it left', () => {
    expect(chargingStateAfterStop('EVDisconnected')).toBe('Idle');
    expect([chargingStateAfterStop(undefined), chargingStateAfterStop('Local')]).toEqual([
      'EVConnected',
      'EVConnected',
    ]);
  });
});

describe('a connector status in a session', () => {
  const CHANGED = 'ChargingStateChanged';
  it.each([
    ['Charging', { trigger: CHANGED, chargingState: 'Charging' }],
    ['SuspendedEV', { trigger: CHANGED, chargingState: 'SuspendedEV' }],
    ['SuspendedEVSE', { trigger: CHANGED, chargingState: 'SuspendedEVSE' }],
    ['Preparing', { trigger: CHANGED, chargingState: 'EVConnected' }],
    ['Finishing', { trigger: CHANGED, chargingState: 'EVConnected' }],
    ['Available', { trigger: 'EVCommunicationLost', chargingState: 'Idle' }],
    ['Faulted', { trigger: 'AbnormalCondition' }],
  ] as const)('%s means %j', (state, change) => {
    expect(stateOfStatus(state)).toEqual(change);
  });

  it('means nothing when it is not about the session', () => {
    const silent = CONNECTOR_STATES.filter((state) => stateOfStatus(state) === undefined);
    expect(silent).toEqual(['Reserved', 'Unavailable', 'Occupied']);
  });
});
