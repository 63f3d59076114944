/** MeterValues (OCPP 1.6 §6.31): readings, of a transaction if the station says so. Needs a connector and readings. */
import * as z from 'zod';
import type { SessionUpdated } from '../../charging/charge-event.ts';
import type { ReadingsReported } from '../../charging/station-message.ts';
import { defined } from '../../defined.ts';
import { ok } from '../../result.ts';
import { triggerOfReadings } from '../reading-context.ts';
import { unusable, type Reader } from '../reader.ts';
import { object, transactionNumber } from '../tolerant.ts';
import { readConnector } from './connector.ts';
import { MeterValue, readMeterValues, writeMeterValueList } from './meter-value.ts';

export const MeterValues = z.strictObject({
  connectorId: z.int(),
  transactionId: z.int().optional(),
  meterValue: z.array(MeterValue),
});
export type MeterValues = z.infer<typeof MeterValues>;

/** Reads the request. Readings without any usable sample mean nothing, so they give no message. */
export const readMeterValuesRequest: Reader = (payload, { seenAt }) => {
  const evse = readConnector(payload['connectorId']);
  if (evse === undefined) return unusable('MeterValues.connectorId');
  if (!Array.isArray(payload['meterValue']) && object(payload['meterValue']) === undefined)
    return unusable('MeterValues.meterValue');
  const meterValues = readMeterValues(payload['meterValue'], seenAt);
  const at = meterValues[0]?.at;
  if (at === undefined) return ok([]);
  const readings: ReadingsReported = defined({
    kind: 'readings-reported',
    evse,
    at,
    trigger: triggerOfReadings(meterValues),
    meterValues,
    transactionId: transactionNumber(payload['transactionId']),
  });
  return ok([readings]);
};

/** Writes a session's readings; undefined when OCPP 1.6 can express none of them. */
export function writeMeterValues(event: Pick<SessionUpdated, 'session' | 'meterValues'>): MeterValues | undefined {
  const meterValue = writeMeterValueList(event.meterValues);
  if (meterValue.length === 0) return undefined;
  const { transactionId, evse } = event.session;
  return { connectorId: evse.evseId, transactionId: transactionId.ocpp16, meterValue };
}
