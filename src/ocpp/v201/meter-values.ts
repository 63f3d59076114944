/** MeterValues (OCPP 2.0.1 §1.32): readings outside of any transaction event. Read only; needs an EVSE and readings. */
import { ok } from '../../result.ts';
import { triggerOfReadings } from '../reading-context.ts';
import { unusable, type Reader } from '../reader.ts';
import { object } from '../tolerant.ts';
import { evseRef } from './evse.ts';
import { readMeterValues } from './meter-value.ts';

/** Reads the request. Readings without any usable sample mean nothing, so they give no message. */
export const readMeterValuesRequest: Reader = (payload, { seenAt }) => {
  const evse = evseRef(payload['evseId']);
  if (evse === undefined) return unusable('MeterValues.evseId');
  if (!Array.isArray(payload['meterValue']) && object(payload['meterValue']) === undefined)
    return unusable('MeterValues.meterValue');
  const meterValues = readMeterValues(payload['meterValue'], seenAt);
  const at = meterValues[0]?.at;
  if (at === undefined) return ok([]);
  return ok([{ kind: 'readings-reported', evse, at, trigger: triggerOfReadings(meterValues), meterValues }]);
};
