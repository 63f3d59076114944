/** Why readings were taken, by the context of their samples. Both OCPP versions use the same contexts. Pure. */
import type { TriggerReason } from '../charging/charge-event.ts';
import type { MeterValue } from '../charging/meter.ts';

/** The trigger by the first context among the samples. Without one it is periodic, the default of both versions. */
export function triggerOfReadings(meterValues: readonly MeterValue[]): TriggerReason {
  for (const { samples } of meterValues) {
    for (const { context } of samples) {
      if (context !== undefined) return triggerOfContext(context);
    }
  }
  return 'MeterValuePeriodic';
}

function triggerOfContext(context: string): TriggerReason {
  if (context === 'Sample.Clock') return 'MeterValueClock';
  return context === 'Trigger' ? 'Trigger' : 'MeterValuePeriodic';
}
