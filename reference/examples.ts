/** Bodies that the reference shows. The frames are those of a fixture; a test sends every one of them. */
import second from '../test/fixtures/sessions/1.6.connector.second.in.json' with { type: 'json' };

const chargePointId = '61409f9bad616b6c64c31704';
const [start, status] = second.events;

const period = [
  { startPeriod: 0, limit: 11_000 },
  { startPeriod: 3600, limit: 0 },
];

export const EXAMPLES = {
  webhook: {
    'request and reply together': { chargePointId, ...start },
    'two events by the OCPP identity': [
      { ocppIdentity: 'SOLAR_0213', ...start },
      { ocppIdentity: 'SOLAR_0213', ...status },
    ],
    'a lost connection': { chargePointId, connection: 'closed', timestamp: '2026-03-31T13:47:30Z' },
  },
  charger: {
    'one three-phase connector': {
      ocppIdentity: 'SOLAR_0213',
      protocol: 'ocpp1.6',
      name: 'Solar 0213',
      locationId: '3',
      country: 'NLD',
      geometry: { type: 'Point', coordinates: [5.365, 52.583] },
      evses: [
        {
          evseId: 1,
          uid: '3256',
          emi3Id: 'NL*STK*E000002',
          connectors: [{ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 }],
        },
      ],
    },
  },
  pair: { 'a code from the app': { provider: 'stekker', code: 'PEN4E' } },
  issueCode: { 'a quarter of an hour': { provider: 'jedlix', ttlSeconds: 900 } },
  erasure: { 'an RFID card': { idToken: '04A3C1F2B95E80' }, 'a charger': { chargePointId, drop: true } },
  letters: { 'all of one charger': { chargePointId } },
  verify: { 'a code as it was typed': { code: '4821-7730' } },
  profile16: {
    'an hour at 11 kW, then a pause': {
      connectorId: 1,
      csChargingProfiles: {
        chargingProfileId: 7,
        stackLevel: 1,
        chargingProfilePurpose: 'TxProfile',
        chargingProfileKind: 'Absolute',
        chargingSchedule: {
          startSchedule: '2026-03-31T14:00:00.000Z',
          chargingRateUnit: 'W',
          chargingSchedulePeriod: period,
        },
      },
    },
  },
  profile201: {
    'an hour at 11 kW, then a pause': {
      evseId: 1,
      chargingProfile: {
        id: 7,
        stackLevel: 1,
        chargingProfilePurpose: 'TxProfile',
        chargingProfileKind: 'Absolute',
        transactionId: '48120077',
        chargingSchedule: [
          {
            id: 1,
            startSchedule: '2026-03-31T14:00:00.000Z',
            chargingRateUnit: 'W',
            chargingSchedulePeriod: period,
          },
        ],
      },
    },
  },
};
