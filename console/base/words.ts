/** How figures, times and codes are said to people. Pure. */

const UNITS = [
  ['day', 86_400],
  ['h', 3600],
  ['min', 60],
] as const;

/** A length of time in one unit: 130 s → "2 min". */
export function duration(seconds: number): string {
  const [name, size] = UNITS.find(([, size]) => seconds >= size) ?? ['s', 1];
  const count = Math.floor(Math.max(0, seconds) / size);
  return `${count} ${name === 'day' && count !== 1 ? 'days' : name}`;
}

/** How long ago, or how soon, an instant is. */
export function relative(at: string, now: number): string {
  const seconds = (now - Date.parse(at)) / 1000;
  if (Number.isNaN(seconds)) return at;
  if (seconds < -1) return `in ${duration(-seconds)}`;
  return seconds < 5 ? 'just now' : `${duration(seconds)} ago`;
}

const DAY_AND_TIME = { dateStyle: 'medium', timeStyle: 'medium' } as const;

/** The instant in the user's own time zone. */
export function absolute(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : new Intl.DateTimeFormat(undefined, DAY_AND_TIME).format(date);
}

/** The time of day, with seconds. */
export function clock(at: string | number): string {
  return new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' }).format(new Date(at));
}

/** A number with separators. */
export const number = (value: number) => new Intl.NumberFormat().format(value);

/** One thing or several: "1 charger", "2 chargers". */
export const count = (value: number, name: string) => `${number(value)} ${name}${value === 1 ? '' : 's'}`;

/** Power in kW, from W. */
export const kW = (watts: number) => `${(watts / 1000).toFixed(1)} kW`;

/** Energy in kWh, from Wh. */
export const kWh = (wattHours: number) => `${(wattHours / 1000).toFixed(2)} kWh`;

/** A provider's name with a capital. */
export const named = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

const REASONS: Readonly<Record<string, string>> = {
  expired: 'too old: it could not be delivered for days',
  'translation-failed': 'it could not be translated (a fault of scsp-edge)',
  network: 'no connection',
  timeout: 'no answer in time',
  credential: 'no access token',
  'provider-off': 'the provider is switched off',
};

/** Why a message waits or is parked, in words. */
export function reasonText(reason: string): string {
  const status = /^http-(\d+)$/.exec(reason)?.[1];
  return status === undefined ? (REASONS[reason] ?? reason) : `it was answered ${status}`;
}
