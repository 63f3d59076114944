/**
 * NotifyEvent (OCPP 2.0.1 §1.38). Only changes of a connector's availability are read; they mean the same as a
 * StatusNotification. Read only; anything else in it is ignored.
 */
import type { StationMessage } from '../../charging/station-message.ts';
import { ok } from '../../result.ts';
import type { Reader } from '../reader.ts';
import { believableInstant } from '../believable-time.ts';
import { array, object, oneOf, text, type Json } from '../tolerant.ts';
import { readEvse } from './evse.ts';
import { STATE_WORDS } from './status-notification.ts';

/** Reads the request: one status for each change in it. */
export const readNotifyEvent: Reader = (payload, { seenAt }) => {
  const generatedAt = believableInstant(payload['generatedAt'], seenAt) ?? seenAt;
  return ok(array(payload['eventData']).flatMap((item) => readEventData(object(item) ?? {}, { seenAt, generatedAt })));
};

function readEventData(
  event: Json,
  { seenAt, generatedAt }: { seenAt: string; generatedAt: string },
): StationMessage[] {
  const component = object(event['component']);
  const isChange =
    isNamed(component, 'connector') &&
    isNamed(object(event['variable']), 'availabilitystate') &&
    event['trigger'] === 'Delta';
  const evse = readEvse(component?.['evse']);
  const state = oneOf(STATE_WORDS, event['actualValue']);
  if (!isChange || evse === undefined || state === undefined) return [];
  const at = believableInstant(event['timestamp'], seenAt) ?? generatedAt;
  return [{ kind: 'status-reported', evse, at, status: { state, at } }];
}

/** Component and variable names are case-insensitive (OCPP 2.0.1 ComponentType, VariableType). */
function isNamed(named: Json | undefined, name: string): boolean {
  return text(named?.['name'])?.toLowerCase() === name;
}
