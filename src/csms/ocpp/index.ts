/** Our own webhook format: OCPP-J frames with their charger. Needs a charger, a protocol and a frame. Pure. */
import * as z from 'zod';
import { problem } from '../../problem.ts';
import { err, ok, type Result } from '../../result.ts';
import type { Csms, IncomingEvent, Refusal, StationKey } from '../csms.ts';
import {
  directionOf,
  envelopeInvalid,
  frameOf,
  protocolOf,
  refusedOf,
  seenAtOf,
  ChargePointId,
  Identity,
  unwrapEach,
} from '../fields.ts';

/** One event. `protocol`, `frame` and `timestamp` are read separately, so that each is refused with its own reason. */
export const NativeEvent = z.object({
  chargePointId: ChargePointId.nullish(),
  ocppIdentity: Identity.nullish(),
  protocol: z.string().optional(),
  direction: z.enum(['cs', 'csms']).nullish(),
  timestamp: z.unknown().optional(),
  frame: z.unknown().optional(),
  connection: z.enum(['connected', 'closed']).nullish(),
  response: z.unknown().optional(),
});
export type NativeEvent = z.infer<typeof NativeEvent>;

export const ocpp = {
  name: 'ocpp',
  unwrap: (body, receivedAt) => unwrapEach(body, (event) => unwrapEvent(event, receivedAt)),
} satisfies Csms;

function unwrapEvent(raw: unknown, receivedAt: string): Result<IncomingEvent, Refusal> {
  const event = NativeEvent.safeParse(raw);
  if (!event.success) return err(envelopeInvalid(event.error));
  const station = stationKeyOf(event.data);
  if (station === undefined) return err(problem('envelope-invalid', 'chargePointId or ocppIdentity is needed.'));
  const { connection } = event.data;
  if (connection !== undefined && connection !== null) {
    const change = connection === 'connected' ? 'connected' : 'disconnected';
    const { seenAt: at } = seenAtOf(event.data.timestamp, receivedAt);
    return ok({ station, incoming: { kind: 'connection', change, at } });
  }
  if (event.data.protocol === undefined) {
    return refusedOf(station, problem('envelope-invalid', 'Missing or malformed: protocol.'));
  }
  const protocol = protocolOf(event.data.protocol);
  if (!protocol.ok) return refusedOf(station, protocol.error);
  const frame = frameOf(event.data.frame);
  if (!frame.ok) return refusedOf(station, frame.error);
  const { direction, timestamp, response } = event.data;
  const message = {
    protocol: protocol.value,
    direction: directionOf(direction, frame.value),
    frame: frame.value,
    ...seenAtOf(timestamp, receivedAt),
    ...(response === undefined || response === null ? {} : { response }),
  };
  return ok({ station, incoming: { kind: 'message', message } });
}

/** The charger by our own key, if the event has it: it needs no look-up. */
function stationKeyOf({ chargePointId, ocppIdentity }: NativeEvent): StationKey | undefined {
  if (chargePointId !== undefined && chargePointId !== null) return { chargePointId };
  if (ocppIdentity !== undefined && ocppIdentity !== null) return { ocppIdentity };
  return undefined;
}
