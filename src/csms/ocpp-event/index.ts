/**
 * The OcppEvent envelope: OCPP 1.6 messages with their replies, and charger details. A CSMS sends it that was built for
 * the provider whose guide documents it. Pure. Refuses other protocols, and methods without params.
 */
import * as z from 'zod';
import { believableInstant } from '../../ocpp/believable-time.ts';
import { array, object, text } from '../../ocpp/tolerant.ts';
import { problem } from '../../problem.ts';
import { err, ok, type Result } from '../../result.ts';
import type { Csms, IncomingEvent, Refusal } from '../csms.ts';
import { ChargePointId, envelopeInvalid, frameOf, refusedOf, unwrapEach } from '../fields.ts';
import { readDetails } from './details.ts';

const Params = z.record(z.string(), z.unknown());

/** The guide puts `response` beside `event` for some methods and inside it for others. Both places are read for all. */
export const OcppEvent = z.object({
  notification: z.literal('OcppEvent'),
  protocol: z.union([z.string(), z.number()]).nullish(),
  chargePointId: ChargePointId,
  evseId: z.unknown().optional(),
  event: z.object({ method: z.string().min(1).max(100), params: Params, response: z.unknown().optional() }),
  response: z.unknown().optional(),
});

export const ocppEvent = {
  name: 'ocpp-event',
  unwrap: (body, receivedAt) => unwrapEach(body, (event) => unwrapEvent(event, receivedAt)),
} satisfies Csms;

function unwrapEvent(raw: unknown, receivedAt: string): Result<IncomingEvent, Refusal> {
  const details = readDetails(raw);
  if (details !== undefined) return details;
  const envelope = OcppEvent.safeParse(raw);
  if (!envelope.success) return err(envelopeInvalid(envelope.error));
  const { chargePointId, evseId, protocol, event, response } = envelope.data;
  if (!['1.6', 'ocpp1.6'].includes(String(protocol ?? '1.6'))) {
    return refusedOf({ chargePointId }, problem('protocol-unknown', 'protocol must be "1.6".'));
  }
  const frame = frameOf([2, messageIdOf(event, receivedAt), event.method, event.params]);
  if (!frame.ok) return refusedOf({ chargePointId }, frame.error);
  const reply = response ?? event.response;
  const message = {
    protocol: 'ocpp1.6' as const,
    direction: 'cs' as const,
    frame: frame.value,
    seenAt: receivedAt,
    isSeenAtAssumed: true,
    ...(reply === undefined || reply === null ? {} : { response: reply }),
    ...(isPublicId(evseId) && { emi3Id: evseId }),
  };
  return ok({ station: { chargePointId }, incoming: { kind: 'message', message } });
}

/** Whether a value is an EVSE's public id: not empty, and not too long. */
const isPublicId = (value: unknown): value is string => typeof value === 'string' && /^\S{1,48}$/.test(value);

/**
 * The envelope has no message id, so one is made up. A message with a time of its own gets the same id whenever it
 * comes again. One without a time (a status may leave it out) looks like a later one that says the same, so it gets a
 * new id. Two starts must never share an id.
 */
function messageIdOf({ method, params }: z.infer<typeof OcppEvent>['event'], receivedAt: string): string {
  const { connectorId, transactionId, timestamp, meterValue } = params;
  const saidAt =
    believableInstant(timestamp, receivedAt) ??
    believableInstant(object(array(meterValue)[0])?.['timestamp'], receivedAt);
  const about = [connectorId, transactionId, saidAt ?? receivedAt].map(text).filter((part) => part !== undefined);
  return [method, ...about].join('@').slice(0, 255);
}
