/** What a line of the timeline says, in a few words. Pure. */
import type { TimelineItem } from '../types.ts';
import { at, listAt, numberAt, textAt } from './json.ts';
import { kW, kWh, named } from './words.ts';

/** `title` names what happened; `detail` has its figures. */
export type Said = { readonly title: string; readonly detail: string };

const WORDS: Readonly<Record<string, string>> = {
  paired: 'Paired with',
  unpaired: 'Unpaired from',
  'pairing-undone': 'Pairing undone with',
};

/** One line for one thing that happened. */
export function sayItem(item: TimelineItem): Said {
  const { entry } = item;
  const provider = named(textAt(entry, 'provider'));
  switch (entry.kind) {
    case 'message':
      return { title: messageTitle(entry), detail: [stateOf(item), metersOf(item)].filter(Boolean).join(', ') };
    case 'connection':
      return { title: `Connection ${textAt(entry, 'state') || textAt(entry, 'connection')}`, detail: '' };
    case 'charging-profile':
      return { title: `${provider} asked: ${limitsOf(at(entry, 'profile'))}`, detail: textAt(entry, 'notes', 0) };
    case 'charging-profile-cleared':
      return { title: `Profile of ${provider || 'a provider'} cleared`, detail: textAt(entry, 'outcome') };
    case 'refused':
      return { title: 'An event was refused', detail: `${textAt(entry, 'reason')}: ${textAt(entry, 'detail')}` };
    case 'replayed':
    case 'dropped':
      return { title: `A parked message was ${entry.kind}`, detail: textAt(entry, 'deliveryId') };
    default:
      return { title: titleOf(entry.kind, provider), detail: byOf(entry) };
  }
}

function titleOf(kind: string, provider: string): string {
  const words = WORDS[kind];
  if (words !== undefined) return `${words} ${provider}`;
  const text = kind.replaceAll('-', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const byOf = (entry: unknown) => (textAt(entry, 'by') === '' ? '' : `by the ${textAt(entry, 'by')}`);

function messageTitle(entry: unknown): string {
  const action = textAt(entry, 'frame', 'action');
  if (action !== '') return action;
  return textAt(entry, 'frame', 'type') === 'error' ? 'Error' : 'Reply';
}

const eventOf = (item: TimelineItem) => at(item.events, 0, 'event');

function stateOf(item: TimelineItem): string {
  const event = eventOf(item);
  return (
    textAt(event, 'chargingState') ||
    textAt(event, 'status', 'state') ||
    textAt(item.entry, 'frame', 'payload', 'eventType') ||
    textAt(item.entry, 'frame', 'payload', 'status')
  );
}

function metersOf(item: TimelineItem): string {
  const { registerWh, powerW } = readingOf(eventOf(item)) ?? {};
  const power = powerW === undefined ? [] : [kW(powerW)];
  return [...(registerWh === undefined ? [] : [kWh(registerWh)]), ...power].join(', ');
}

/** The newest register (Wh) and power (W) that an event carries. */
export function readingOf(event: unknown): { registerWh?: number; powerW?: number; at: number } | undefined {
  const values = listAt(event, 'meterValues');
  const newest = values.at(-1);
  if (newest === undefined) return undefined;
  const sample = (measurand: string) =>
    listAt(newest, 'samples').find(
      (each) => textAt(each, 'measurand') === measurand && at(each, 'phase') === undefined,
    );
  const watts = (found: unknown) => {
    const value = numberAt(found, 'value');
    return value === undefined ? undefined : value * (textAt(found, 'unit').startsWith('k') ? 1000 : 1);
  };
  const registerWh = watts(sample('Energy.Active.Import.Register'));
  const powerW = watts(sample('Power.Active.Import'));
  return {
    at: Date.parse(textAt(newest, 'at')),
    ...(registerWh !== undefined && { registerWh }),
    ...(powerW !== undefined && { powerW }),
  };
}

/** The limits of a profile in the order of time: "4.1 kW, then 11.0 kW". */
export function limitsOf(profile: unknown): string {
  const schedule = at(profile, 'schedules', 0);
  const unit = textAt(schedule, 'rateUnit');
  const limits = listAt(schedule, 'periods').map((period) => {
    const limit = numberAt(period, 'limit') ?? 0;
    return unit === 'W' ? kW(limit) : `${limit} ${unit}`;
  });
  if (limits.length === 0) return 'a charging profile';
  const more = limits.length > 3 ? ', …' : '';
  return `${limits.slice(0, 3).join(', then ')}${more}`;
}
