// A recorded OCPP 1.6 message in one line: the action and what matters in it; it leaves out replies and heartbeats that say nothing.
import type { Payload, RecordedEvent } from '../recordings.ts';
import { listAt, textAt } from './json.ts';

/** The line, or undefined for an event that is not worth one. `events` are searched for the request of a reply. */
export function essentialsOf({ frame }: RecordedEvent, events: readonly RecordedEvent[]): string | undefined {
  if (frame[0] === 4) return `error ${frame[2]}`;
  if (frame[0] === 3) return replyEssentials(frame[2], actionOf(frame[1], events));
  const [, , action, payload] = frame;
  if (action === 'Heartbeat') return undefined;
  const essentials = describe(action, payload).filter(Boolean).join('  ');
  return essentials === '' ? action : `${action}  ${essentials}`;
}

/** Wh as kWh with three decimals. */
export function kWh(energyWh: number | undefined): string {
  return energyWh === undefined || Number.isNaN(energyWh) ? 'unknown' : `${(energyWh / 1000).toFixed(3)} kWh`;
}

function describe(action: string, payload: Payload): string[] {
  switch (action) {
    case 'StatusNotification':
      return [textAt(payload, 'status')];
    case 'StartTransaction':
      return [textAt(payload, 'idTag'), kWh(Number(textAt(payload, 'meterStart')))];
    case 'MeterValues':
      return [kWh(sampleOf(payload, 'Energy.Active.Import.Register')), kW(sampleOf(payload, 'Power.Active.Import'))];
    case 'StopTransaction':
      return [textAt(payload, 'reason'), kWh(Number(textAt(payload, 'meterStop')))];
    case 'SetChargingProfile':
      return [limitOf(payload)];
    default:
      return [textAt(payload, 'idTag'), textAt(payload, 'requestedMessage'), textAt(payload, 'transactionId')];
  }
}

function replyEssentials(payload: Payload, action: string | undefined): string | undefined {
  if (action !== 'StartTransaction' && action !== 'StopTransaction') return undefined;
  return ['  reply', textAt(payload, 'transactionId'), textAt(payload, 'idTagInfo', 'status')]
    .filter(Boolean)
    .join('  ');
}

function actionOf(id: string, events: readonly RecordedEvent[]): string | undefined {
  return events.flatMap(({ frame }) => (frame[0] === 2 && frame[1] === id ? [frame[2]] : []))[0];
}

/** The value of all phases together, in Wh or W. */
function sampleOf(payload: Payload, measurand: string): number | undefined {
  const samples = listAt(payload, 'meterValue').flatMap((value) => listAt(value, 'sampledValue'));
  const sample = samples.find((each) => textAt(each, 'measurand') === measurand && textAt(each, 'phase') === '');
  return sample === undefined ? undefined : Number(textAt(sample, 'value'));
}

/** W as kW with one decimal; empty when unknown. */
export function kW(powerW: number | undefined): string {
  return powerW === undefined ? '' : `${(powerW / 1000).toFixed(1)} kW`;
}

function limitOf(payload: Payload): string {
  const schedule = ['csChargingProfiles', 'chargingSchedule'] as const;
  return `${textAt(payload, ...schedule, 'chargingSchedulePeriod', 0, 'limit')} ${textAt(payload, ...schedule, 'chargingRateUnit')}`;
}
