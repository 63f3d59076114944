/** Why readings were taken, by the context of their samples; the words are the same in both OCPP versions. Pure; refuses nothing. */
import type { TriggerReason } from '../charging/charge-event.ts';
import type { MeterValue } from '../charging/meter.ts';

/** The trigger by the first context among the samples; periodic when none says, which is the default of both versions (SampledValue). */
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
