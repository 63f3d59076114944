/**
 * CitrineOS subscription callbacks, in the spelling of both its lines. Pure; refuses events it cannot name and frames
 * that are no OCPP-J.
 */
import * as z from 'zod';
import { parseJson } from '../../json.ts';
import { problem, type Problem } from '../../problem.ts';
import { err, ok, type Result } from '../../result.ts';
import type { Csms, IncomingEvent, SeenMessage, Refusal } from '../csms.ts';
import {
  directionOf,
  envelopeInvalid,
  frameOf,
  protocolOf,
  refusedOf,
  seenAtOf,
  Identity,
  unwrapEach,
} from '../fields.ts';

/**
 * v1 says `stationId`, v2 `ocppConnectionName`: both are the OCPP identity. `info.action` is unreliable, so it is not
 * read.
 */
export const Callback = z.object({
  stationId: Identity.nullish(),
  ocppConnectionName: Identity.nullish(),
  event: z.enum(['connected', 'closed', 'message']),
  origin: z.enum(['cs', 'csms']).nullish(),
  message: z.unknown().optional(),
  info: z
    .object({
      origin: z.enum(['cs', 'csms']).nullish().catch(undefined),
      timestamp: z.unknown().optional(),
      protocol: z.unknown().optional(),
    })
    .nullish(),
});
type Callback = z.infer<typeof Callback>;

export const citrineos = {
  name: 'citrineos',
  unwrap: (body, receivedAt) => unwrapEach(body, (event) => unwrapCallback(event, receivedAt)),
} satisfies Csms;

function unwrapCallback(raw: unknown, receivedAt: string): Result<IncomingEvent, Refusal> {
  const callback = Callback.safeParse(raw);
  if (!callback.success) return err(envelopeInvalid(callback.error));
  const { stationId, ocppConnectionName, event, info } = callback.data;
  const ocppIdentity = stationId ?? ocppConnectionName;
  if (ocppIdentity === undefined || ocppIdentity === null) {
    return err(problem('envelope-invalid', 'stationId or ocppConnectionName is needed.'));
  }
  const seen = seenAtOf(info?.timestamp, receivedAt);
  if (event !== 'message') {
    const change = event === 'connected' ? 'connected' : 'disconnected';
    return ok({ station: { ocppIdentity }, incoming: { kind: 'connection', change, at: seen.seenAt } });
  }
  const message = readMessage(callback.data, seen);
  return message.ok
    ? ok({ station: { ocppIdentity }, incoming: { kind: 'message', message: message.value } })
    : refusedOf({ ocppIdentity }, message.error);
}

function readMessage(
  { origin, message, info }: Callback,
  seen: ReturnType<typeof seenAtOf>,
): Result<SeenMessage, Problem> {
  const protocol = protocolOf(info?.protocol);
  if (!protocol.ok) return protocol;
  const text = parseFrameText(message);
  if (!text.ok) return text;
  const frame = frameOf(text.value);
  if (!frame.ok) return frame;
  const direction = directionOf(origin ?? info?.origin, frame.value);
  return ok({ protocol: protocol.value, direction, frame: frame.value, ...seen });
}

/** `message` holds the frame as text; text that CitrineOS itself could not parse arrives as it was on the websocket. */
function parseFrameText(message: unknown): Result<unknown, Problem> {
  if (typeof message !== 'string') return ok(message);
  const value = parseJson(message);
  return value === undefined ? err(problem('frame-invalid', 'message does not hold JSON.')) : ok(value);
}
