/**
 * What a charger says of its smart charging, in passing: in replies to GetConfiguration (OCPP 1.6 §9.4) and GetVariables,
 * and in NotifyReport (OCPP 2.0.1, SmartChargingCtrlr); and the firmware it boots with. Pure.
 */
import type { Frame } from './envelope.ts';
import { array, integer, isObject, text, type Json } from './tolerant.ts';

/** An absent field was not said. */
export type SaidCapability = {
  readonly rateUnit?: 'W' | 'A' | 'any';
  readonly maxPeriods?: number;
  readonly maxStackLevel?: number;
  readonly firmware?: string;
};

/** What a frame of the station says; undefined when it says nothing of this. */
export function saidCapability(frame: Frame): SaidCapability | undefined {
  if (frame.type === 'call-error') return undefined;
  const said: Record<string, unknown> = {};
  for (const [name, value] of settingsIn(frame.payload)) Object.assign(said, meaningOf(name, value));
  const firmware = frame.type === 'call' && frame.action === 'BootNotification' ? firmwareIn(frame.payload) : undefined;
  if (firmware !== undefined) said['firmware'] = firmware;
  return Object.keys(said).length === 0 ? undefined : said;
}

function firmwareIn(payload: Json): string | undefined {
  const station = payload['chargingStation'];
  return text(payload['firmwareVersion']) ?? (isObject(station) ? text(station['firmwareVersion']) : undefined);
}

/** Names and values of settings, however this version says them. */
function settingsIn(payload: Json): (readonly [string, string])[] {
  return [
    ...array(payload['configurationKey']).map((each) => pair(each, (item) => [item['key'], item['value']])),
    ...array(payload['getVariableResult']).map((each) => pair(each, (item) => [nameIn(item), item['attributeValue']])),
    ...array(payload['reportData']).map((each) =>
      pair(each, (item) => {
        const [attribute] = array(item['variableAttribute']);
        return [nameIn(item), isObject(attribute) ? attribute['value'] : undefined];
      }),
    ),
  ].flatMap((each) => (each === undefined ? [] : [each]));
}

function pair(
  value: unknown,
  read: (item: Json) => readonly [unknown, unknown],
): readonly [string, string] | undefined {
  const [name, said] = isObject(value) ? read(value).map(text) : [];
  return name === undefined || said === undefined ? undefined : [name, said];
}

/** A variable is named by its component too. */
function nameIn(item: Json): string | undefined {
  const { component, variable } = item;
  if (!isObject(component) || !isObject(variable)) return undefined;
  return `${text(component['name'])}.${text(variable['name'])}`;
}

function meaningOf(name: string, value: string): SaidCapability {
  switch (name) {
    case 'ChargingScheduleAllowedChargingRateUnit':
    case 'SmartChargingCtrlr.RateUnit':
      return unitOf(value);
    case 'ChargingScheduleMaxPeriods':
    case 'SmartChargingCtrlr.PeriodsPerSchedule':
      return numbered('maxPeriods', value, 1);
    case 'ChargeProfileMaxStackLevel':
    case 'SmartChargingCtrlr.ProfileStackLevel':
      return numbered('maxStackLevel', value, 0);
    default:
      return {};
  }
}

/** A list of `Current` and `Power` in OCPP 1.6, of `A` and `W` in OCPP 2.0.1; some chargers write either. */
function unitOf(value: string): SaidCapability {
  const [takesA, takesW] = [/\b(?:current|a|amp\w*)\b/i.test(value), /\b(?:power|w|watt\w*)\b/i.test(value)];
  if (takesA && takesW) return { rateUnit: 'any' };
  if (takesA) return { rateUnit: 'A' };
  return takesW ? { rateUnit: 'W' } : {};
}

function numbered(name: 'maxPeriods' | 'maxStackLevel', value: string, least: number): SaidCapability {
  const number = integer(value);
  return number === undefined || number < least ? {} : { [name]: number };
}
