/** What a CSMS has kept of its chargers' messages, as events of our own webhook format. Pure. */
import * as z from 'zod';

/** One event as `POST /webhooks/ocpp` takes it, with what it is ordered and filtered by. */
export type Kept = { readonly charger: string; readonly at: number; readonly event: object };

/** A row of CitrineOS's table OCPPMessages. `message` is the frame, as JSON or as a text of JSON. */
const Row = z.looseObject({
  stationId: z.string().min(1),
  origin: z.enum(['cs', 'csms']),
  protocol: z.string(),
  message: z.union([z.array(z.unknown()), z.string()]),
  timestamp: z.string(),
});

/** An event of our own format, as an earlier sender may have written it down. */
const Native = z.looseObject({
  chargePointId: z.string().optional(),
  ocppIdentity: z.string().optional(),
  timestamp: z.string(),
});

/** Reads one row; undefined for one that is no message, such as what CitrineOS could not parse. */
export function keptOf(row: unknown): Kept | undefined {
  const read = Row.safeParse(row);
  if (read.success) return fromRow(read.data);
  const native = Native.safeParse(row);
  const charger = native.success ? (native.data.chargePointId ?? native.data.ocppIdentity) : undefined;
  if (!native.success || charger === undefined) return undefined;
  const at = Date.parse(native.data.timestamp);
  return Number.isNaN(at) ? undefined : { charger, at, event: native.data };
}

function fromRow({ stationId, origin, protocol, message, timestamp }: z.output<typeof Row>): Kept | undefined {
  const frame = typeof message === 'string' ? parsed(message) : message;
  const at = Date.parse(timestamp);
  if (!Array.isArray(frame) || Number.isNaN(at)) return undefined;
  const event = { ocppIdentity: stationId, protocol, direction: origin, timestamp: new Date(at).toISOString(), frame };
  return { charger: stationId, at, event };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The most that one request takes, with room for the brackets around it. */
const MAX_EVENTS = 500;
const MAX_BYTES = 1_000_000;

/** Events in the order of their time, in requests that the edge takes. An event that is too large is left to it to refuse. */
export function batchesOf(kept: readonly Kept[]): (readonly Kept[])[] {
  const batches: Kept[][] = [];
  let bytes = 0;
  for (const each of kept.toSorted((a, b) => a.at - b.at)) {
    const size = Buffer.byteLength(JSON.stringify(each.event)) + 1;
    const last = batches.at(-1);
    if (last === undefined || last.length >= MAX_EVENTS || bytes + size > MAX_BYTES) {
      batches.push([each]);
      bytes = size;
    } else {
      last.push(each);
      bytes += size;
    }
  }
  return batches;
}
