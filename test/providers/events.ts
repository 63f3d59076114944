/** One charge event of every kind, and the charger they happened at. */
import type { ChargeEvent } from '../../src/charging/charge-event.ts';
import type { Charger } from '../../src/charging/charger.ts';
import type { SessionRef } from '../../src/charging/session.ts';

export const CHARGER: Charger = {
  chargePointId: '61409f9bad616b6c64c31704',
  ocppIdentity: 'LIB_6513',
  protocol: 'ocpp1.6',
  name: 'Library',
  country: 'NLD',
  geometry: { type: 'Point', coordinates: [5.365, 52.583] },
  evses: [
    {
      evseId: 1,
      uid: '3256',
      emi3Id: 'NLEFLEV5496770',
      capabilities: ['CHARGING_PROFILE_CAPABLE'],
      connectors: [{ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 }],
    },
  ],
};

const evse = { evseId: 1, connectorId: 1 };
const at = '2026-03-31T12:00:00Z';
const session: SessionRef = {
  transactionId: { ocpp16: 123885164, ocpp201: '123885164' },
  evse,
  startedAt: at,
  idToken: { value: '1234567890123A', type: 'Central' },
};
const meterValues = [{ at, samples: [{ text: '579130', value: 579130, context: 'Sample.Periodic' }] }];
const common = { session, at, meterValues };

/** A new kind of event does not compile until it is here. */
const BY_KIND: { readonly [Kind in ChargeEvent['kind']]: ChargeEvent & { kind: Kind } } = {
  'session-started': {
    ...common,
    kind: 'session-started',
    sequence: 0,
    trigger: 'Authorized',
    meterValues: [],
    meterStartWh: 579130,
    authorization: { status: 'Accepted' },
    chargingState: 'EVConnected',
    idToken: { value: '1234567890123A', type: 'Central' },
  },
  'session-updated': { ...common, kind: 'session-updated', sequence: 1, trigger: 'MeterValuePeriodic' },
  'session-ended': {
    ...common,
    kind: 'session-ended',
    sequence: 2,
    trigger: 'StopAuthorized',
    meterStopWh: 580000,
    stopReason: 'Local',
    chargingState: 'EVConnected',
  },
  'connector-status-changed': { kind: 'connector-status-changed', evse, at, status: { state: 'Available' } },
  'meter-values-taken': { kind: 'meter-values-taken', evse, at, meterValues },
  'station-connected': { kind: 'station-connected', at },
  'station-disconnected': { kind: 'station-disconnected', at },
  'station-booted': { kind: 'station-booted', at },
  'charger-details-changed': { kind: 'charger-details-changed', at },
  unpaired: { kind: 'unpaired', at },
};

export const EVENTS: readonly ChargeEvent[] = Object.values(BY_KIND);
