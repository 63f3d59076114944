// Valid messages towards the stand-ins, and a way to post them; tests spoil one thing at a time.

/** Posts JSON and reads the answer as JSON, or as undefined when it has no body. */
export async function send(
  url: string,
  call: { method?: string; headers?: Record<string, string>; body?: unknown },
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, {
    method: call.method ?? 'POST',
    headers: { 'content-type': 'application/json', ...call.headers },
    ...(call.body === undefined ? {} : { body: typeof call.body === 'string' ? call.body : JSON.stringify(call.body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

/** Stekker: a charger of one three-phase connector. */
export const details = {
  event: 'ChargePointDetailsNotification',
  chargePointId: '6',
  pairingCode: 'PEN4E',
  name: 'Solar 0213',
  ocppIdentity: 'SOLAR_0213',
  locationId: 3,
  country: 'NLD',
  geometry: { type: 'Point', coordinates: [52.583, 5.365] },
  connectors: [
    {
      connectorId: '1',
      physicalReference: 'NLSTKE000002',
      maxPower: 22080,
      maxVoltage: 230,
      maxAmperage: 32,
      powerType: 'AC_3_PHASE',
    },
  ],
};

/** Stekker: an envelope around a message whose response stands beside the event. */
export function beside<Params extends object, Response extends object>(
  method: string,
  params: Params,
  response: Response,
) {
  return { ...envelope, event: { method, params }, response };
}

/** Stekker: an envelope around a message whose response stands inside the event. */
export function inside<Params extends object, Response extends object>(
  method: string,
  params: Params,
  response: Response,
) {
  return { ...envelope, event: { method, params, response } };
}

const envelope = {
  notification: 'OcppEvent',
  protocol: '1.6',
  chargePointId: '6',
  evseId: 'NLSTKE000002',
  ocppIdentity: 'SOLAR_0213',
};

/** Stekker: the start of transaction 7 on connector 1, with the CSMS's reply. */
export const start = beside(
  'StartTransaction',
  { connectorId: 1, idTag: '04A3C1F2B95E80', timestamp: '2026-03-31T12:48:56Z', meterStart: 579130 },
  { transactionId: 7, idTagInfo: { status: 'Accepted' } },
);

/** Stekker: a reading of transaction 7. */
export function reading(timestamp: string, changes: object = {}) {
  const meterValue = [{ timestamp, sampledValue: [{ value: '579200' }] }];
  return inside('MeterValues', { connectorId: 1, transactionId: 7, meterValue, ...changes }, {});
}

/** Stekker: the stop of transaction 7. */
export const stop = inside(
  'StopTransaction',
  { transactionId: 7, meterStop: 580000, timestamp: '2026-03-31T13:48:56Z', reason: 'Local' },
  { idTagInfo: { status: 'Accepted' } },
);

/** Jedlix: a station of one EVSE. */
export const station = {
  uid: '5f69ad2c0ed5ca86d449cc93',
  evses: [
    {
      evse_id: 1,
      capabilities: ['CHARGING_PROFILE_CAPABLE'],
      connectors: [{ id: '1', power_type: 'AC_3_PHASE', max_voltage: 220, max_amperage: 16 }],
    },
  ],
};

/** Jedlix: an EVSE as OCPI names it. */
export const evse = {
  uid: '3256',
  evse_id: 'BE*BEC*E041503001',
  capabilities: ['CHARGING_PROFILE_CAPABLE'],
  connectors: [{ id: '1', power_type: 'AC_3_PHASE', max_voltage: 220, max_amperage: 16 }],
};

/** Jedlix: one event of transaction tx-1. */
export function transactionEvent(eventType: 'Started' | 'Updated' | 'Ended', seqNo: number, changes: object = {}) {
  return {
    eventType,
    seqNo,
    timestamp: '2026-03-31T12:48:56Z',
    triggerReason: 'MeterValuePeriodic',
    transactionInfo: { transactionId: 'tx-1' },
    ...changes,
  };
}

/** CSMS: a TxProfile for a 1.6 charger. */
export const profile = {
  connectorId: 1,
  csChargingProfiles: {
    chargingProfileId: 1,
    transactionId: 7,
    stackLevel: 0,
    chargingProfilePurpose: 'TxProfile',
    chargingProfileKind: 'Absolute',
    chargingSchedule: {
      chargingRateUnit: 'A',
      startSchedule: '2026-03-31T12:48:56Z',
      chargingSchedulePeriod: [{ startPeriod: 0, limit: 4.3 }],
    },
  },
};
