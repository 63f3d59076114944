/** Our own webhook format: OCPP-J frames with the charger they belong to. Pure; refuses events without a charger, protocol or frame. */
import * as z from 'zod';
import { problem, type Problem } from '../../problem.ts';
import { err, ok, type Result } from '../../result.ts';
import type { Csms, IncomingEvent, StationKey } from '../csms.ts';
import { envelopeInvalid, eventsOf, frameOf, instantOr, protocolOf, StationId } from '../fields.ts';

/** One event. `protocol`, `frame` and `timestamp` are read one by one, so that each gets its own reason. */
const NativeEvent = z.object({
  chargePointId: StationId.nullish(),
  ocppIdentity: StationId.nullish(),
  protocol: z.string(),
  direction: z.enum(['cs', 'csms']).default('cs'),
  timestamp: z.unknown().optional(),
  frame: z.unknown().optional(),
  response: z.unknown().optional(),
});
type NativeEvent = z.infer<typeof NativeEvent>;

export const ocpp = {
  name: 'ocpp',
  unwrap: (body, receivedAt) => {
    const events = eventsOf(body);
    if (!events.ok) return events;
    return ok(events.value.map((event) => unwrapEvent(event, receivedAt)));
  },
} satisfies Csms;

function unwrapEvent(raw: unknown, receivedAt: string): Result<IncomingEvent, Problem> {
  const event = NativeEvent.safeParse(raw);
  if (!event.success) return err(envelopeInvalid(event.error));
  const station = stationOf(event.data);
  if (station === undefined) return err(problem('envelope-invalid', 'chargePointId or ocppIdentity is needed.'));
  const protocol = protocolOf(event.data.protocol);
  if (!protocol.ok) return protocol;
  const frame = frameOf(event.data.frame);
  if (!frame.ok) return frame;
  const { direction, timestamp, response } = event.data;
  const message = {
    protocol: protocol.value,
    direction,
    frame: frame.value,
    seenAt: instantOr(timestamp, receivedAt),
    ...(response === undefined || response === null ? {} : { response }),
  };
  return ok({ station, incoming: { kind: 'message', message } });
}

/** Our own key when the event has it: it needs no look-up. */
function stationOf({ chargePointId, ocppIdentity }: NativeEvent): StationKey | undefined {
  if (chargePointId !== undefined && chargePointId !== null) return { chargePointId };
  if (ocppIdentity !== undefined && ocppIdentity !== null) return { ocppIdentity };
  return undefined;
}
