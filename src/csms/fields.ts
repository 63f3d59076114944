/** What the envelopes of all CSMSs have in common: ids, instants, protocols, batches. Pure. */
import * as z from 'zod';
import { isSafeInPath, OCPP_VERSIONS, type OcppVersion } from '../charging/charger.ts';
import { canBeSeenAt } from '../ocpp/believable-time.ts';
import { readFrame, type Frame } from '../ocpp/envelope.ts';
import type { SeenMessage, Refusal, StationKey } from './csms.ts';
import { problem, type Problem } from '../problem.ts';
import { err, ok, type Result } from '../result.ts';

/** The most events one request may carry. */
export const MAX_BATCH = 500;
/** No OCPP message is nested a tenth as deep as this. */
const MAX_DEPTH = 64;

type Direction = SeenMessage['direction'];

/** A charger's OCPP identity, without control characters. Some CSMSs send it as a number, which is read as text. */
export const Identity = z
  .union([z.string(), z.number()])
  .transform(String)
  .pipe(
    z
      .string()
      .max(255)
      .regex(/^\P{Cc}+$/u),
  );

/** A charger's id at the CPO. It becomes part of URLs, so one that would change their path is none. */
export const ChargePointId = Identity.refine(isSafeInPath);

const Instant = z.iso.datetime({ offset: true });
const Protocol = z.enum(OCPP_VERSIONS);

/** The events of a body: one event or an array. Refuses as 'envelope-invalid', and over 500 as 'batch-too-large'. */
function eventsOf(body: unknown): Result<readonly unknown[], Problem> {
  if (Array.isArray(body)) {
    if (body.length <= MAX_BATCH) return ok(body);
    return err(
      problem('batch-too-large', `At most ${MAX_BATCH} events fit in one request; this one has ${body.length}.`),
    );
  }
  if (typeof body === 'object' && body !== null) return ok([body]);
  return err(problem('envelope-invalid', 'The body is neither an event nor an array of events.'));
}

/** Reads each event of a body on its own. One that is nested too deep is refused as 'body-too-deep'. */
export function unwrapEach<T>(
  body: unknown,
  unwrap: (event: unknown) => Result<T, Refusal>,
): Result<readonly Result<T, Refusal>[], Problem> {
  const events = eventsOf(body);
  if (!events.ok) return events;
  return ok(events.value.map((event) => (isTooDeep(event) ? err(tooDeep()) : unwrap(event))));
}

/** Whether arrays and objects are nested in more than `levels` levels. Stops looking there. */
function isTooDeep(value: unknown, levels = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isTooDeep(member, levels - 1));
}

const tooDeep = () => problem('body-too-deep', `An event may be nested at most ${MAX_DEPTH} levels deep.`);

/** A refusal of an event whose charger is known. */
export const refusedOf = (station: StationKey, refused: Problem) => err({ ...refused, station });

/** Who sent a frame. If the event does not say, a CALL is the station's, and an answer is the CSMS's. */
export function directionOf(said: Direction | null | undefined, frame: Frame): Direction {
  return said ?? (frame.type === 'call' ? 'cs' : 'csms');
}

/** When the event says that its frame was seen, or when it reached us: also when what it says cannot be true. */
export function seenAtOf(said: unknown, receivedAt: string): Pick<SeenMessage, 'seenAt' | 'isSeenAtAssumed'> {
  const seenAt = instantOr(said, '');
  return seenAt === '' || !canBeSeenAt(seenAt, receivedAt) ? { seenAt: receivedAt, isSeenAtAssumed: true } : { seenAt };
}

/** `value` in RFC 3339 UTC, if it is an instant with a zone; else `fallback`. A time without a zone is no instant. */
export function instantOr(value: unknown, fallback: string): string {
  const instant = Instant.safeParse(value);
  return instant.success ? new Date(instant.data).toISOString() : fallback;
}

/** The OCPP version by its websocket subprotocol name; 'protocol-unknown' for any other. */
export function protocolOf(value: unknown): Result<OcppVersion, Problem> {
  const protocol = Protocol.safeParse(value);
  if (protocol.success) return ok(protocol.data);
  return err(problem('protocol-unknown', 'protocol must be "ocpp1.6" or "ocpp2.0.1".'));
}

/** The OCPP-J frame in `value`; 'frame-invalid' says what is wrong with it. */
export function frameOf(value: unknown): Result<Frame, Problem> {
  if (isTooDeep(value)) return err(tooDeep());
  const frame = readFrame(value);
  return frame.ok ? frame : err(problem('frame-invalid', frame.error));
}

/** The problem 'envelope-invalid', which names the wrong fields, never their values. */
export function envelopeInvalid(error: z.ZodError): Problem {
  const fields = [...new Set(error.issues.map((issue) => issue.path.join('.') || 'the event'))];
  return problem('envelope-invalid', `Missing or malformed: ${fields.join(', ')}.`);
}
