/** Charge events as Stekker's OcppEvents: OCPP 1.6 messages with replies (Stekker guide: session events). Pure. */
import type { OutgoingMessage, TranslationContext } from '../../recipient.ts';
import type {
  ChargeEvent,
  ConnectorStatus,
  SessionEnded,
  SessionStarted,
  SessionUpdated,
} from '../../charging/charge-event.ts';
import { evseOf } from '../../charging/charger.ts';
import { registerWhOf } from '../../charging/meter.ts';
import type { EvseRef } from '../../charging/session.ts';
import { writeMeterValues } from '../../ocpp/v16/meter-values.ts';
import { writeStartTransaction } from '../../ocpp/v16/start-transaction.ts';
import { writeStatusNotification } from '../../ocpp/v16/status-notification.ts';
import { writeStopConfirmation, writeStopTransaction } from '../../ocpp/v16/stop-transaction.ts';
import { chargePointDetails } from './details.ts';
import type { StekkerSettings } from './settings.ts';
import { defined } from '../../defined.ts';

export const EVENTS_PATH = '/api/v1/events';

/**
 * The messages for Stekker, in order. Readings outside a session have no documented form, so they are not sent. A start
 * has its register itself; what else was read then, such as the car's state of charge, follows as readings.
 */
export function translate(
  event: ChargeEvent,
  context: TranslationContext,
  settings: StekkerSettings,
): readonly OutgoingMessage[] {
  switch (event.kind) {
    case 'session-started':
      return startMessages(context, event);
    case 'session-updated':
      return [
        ...lateStartOf(context, event),
        ...(isPlaced(event)
          ? [...statusMessages(context, event.session.evse, event.connectorStatus), ...readingsOf(context, event)]
          : []),
      ];
    case 'session-ended': {
      const { evse } = event.session;
      const params = writeStopTransaction(event);
      const response = writeStopConfirmation(event);
      const stop = envelope(context, evse, { method: 'StopTransaction', params, response });
      return [
        ...lateStartOf(context, event),
        stop,
        ...(isPlaced(event) ? statusMessages(context, evse, event.connectorStatus) : []),
      ];
    }
    case 'connector-status-changed':
      return statusMessages(context, event.evse, event.status);
    case 'charger-details-changed': {
      const body = chargePointDetails(context.charger, settings);
      return [{ name: body.event, method: 'PUT', path: EVENTS_PATH, body }];
    }
    case 'meter-values-taken':
    case 'station-connected':
    case 'station-disconnected':
    case 'station-booted':
    case 'unpaired':
      return [];
  }
}

/** Whether the event says where its session runs. OCPP 1.6 has no transactions of a whole station (§6.45). */
const isPlaced = ({ session }: Pick<SessionUpdated, 'session'>) => session.evse.evseId > 0;

/** The start, once it is known where the session runs: until then nothing can be said of it. */
function startMessages(context: TranslationContext, event: SessionStarted): readonly OutgoingMessage[] {
  if (!isPlaced(event)) return [];
  const { evse } = event.session;
  const { request: params, confirmation } = writeStartTransaction(event);
  const start = envelope(context, evse, { method: 'StartTransaction', params }, confirmation);
  const isMoreRead = event.meterValues.some(({ samples }) => samples.some((each) => registerWhOf(each) === undefined));
  return [
    start,
    ...statusMessages(context, evse, event.connectorStatus),
    ...(isMoreRead ? readingsOf(context, event) : []),
  ];
}

function lateStartOf(
  context: TranslationContext,
  { lateStart }: SessionUpdated | SessionEnded,
): readonly OutgoingMessage[] {
  return lateStart === undefined ? [] : startMessages(context, lateStart);
}

/** The readings of an event as MeterValues, if OCPP 1.6 can express any of them. */
function readingsOf(
  context: TranslationContext,
  event: Pick<SessionUpdated, 'session' | 'meterValues'>,
): readonly OutgoingMessage[] {
  const params = event.meterValues.length === 0 ? undefined : writeMeterValues(event);
  return params ? [envelope(context, event.session.evse, { method: 'MeterValues', params, response: {} })] : [];
}

function statusMessages(
  context: TranslationContext,
  evse: EvseRef,
  status: ConnectorStatus | undefined,
): readonly OutgoingMessage[] {
  if (status === undefined) return [];
  const params = writeStatusNotification(evse, status);
  return [envelope(context, evse, { method: 'StatusNotification', params }, {})];
}

/** The guide puts `response` beside `event` for StartTransaction and StatusNotification, else inside `event`. */
function envelope(
  { charger }: TranslationContext,
  evse: EvseRef,
  event: { readonly method: string; readonly params: unknown; readonly response?: unknown },
  response?: unknown,
): OutgoingMessage {
  const evseId = evse.emi3Id ?? evseOf(charger, evse.evseId)?.emi3Id;
  const body = {
    notification: 'OcppEvent',
    protocol: '1.6',
    chargePointId: charger.chargePointId,
    ...defined({ evseId }),
    ocppIdentity: charger.ocppIdentity,
    event,
    ...defined({ response }),
  };
  return { name: event.method, method: 'POST', path: EVENTS_PATH, body };
}
