// Recorded OCPP traffic, frame by frame; it changes ids on request and never a payload.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An OCPP-J CALL, CALLRESULT or CALLERROR. */
export type OcppFrame =
  | [2, id: string, action: string, payload: Payload]
  | [3, id: string, payload: Payload]
  | [4, id: string, code: string, description: string, details: Payload];

/** An OCPP payload as recorded. */
export type Payload = { [key: string]: unknown };

/** One frame as a central system saw it; also the body of the edge's own webhook format. */
export type RecordedEvent = {
  chargePointId: string;
  ocppIdentity: string;
  protocol: 'ocpp1.6' | 'ocpp2.0.1';
  direction: 'cs' | 'csms';
  timestamp: string;
  frame: OcppFrame;
};

/** The recordings at hand, by OCPP identity; sandbox/recordings/README.md says what each holds. */
export const recordingNames = [
  'ABB-TERRA53-A7',
  'EVLINK-7P04-0021',
  'KEBA-OCPP2-0042',
  'KEBA-P30-17619300',
  'OPENCP-16-02',
  'OPENCP-201-05',
  'OVOMALTIN-DC-3',
] as const;

/** The OCPP identity of a recorded charger. */
export type RecordingName = (typeof recordingNames)[number];

/** Who a recording is replayed as. `messageSalt` makes message ids differ from other replays; it defaults to the charger. */
export type ReplayIdentity = { chargePointId: string; ocppIdentity: string; messageSalt?: string };

/** Yields the frames of one charger in the order in which they were seen. */
export function* readRecording(name: RecordingName): Generator<RecordedEvent> {
  const text = readFileSync(join(import.meta.dirname, 'recordings', `${name}.jsonl`), 'utf8');
  for (const line of text.split('\n')) if (line !== '') yield parseEvent(line, name);
}

/** The events seen from one instant on and before another. */
export function selectRange(events: Iterable<RecordedEvent>, from: Date, to: Date): RecordedEvent[] {
  return [...events].filter(({ timestamp }) => {
    const at = Date.parse(timestamp);
    return at >= from.getTime() && at < to.getTime();
  });
}

/** The same frames for another charger: same payloads and order, fresh message ids that still join request and reply. */
export function replayAs(events: Iterable<RecordedEvent>, identity: ReplayIdentity): RecordedEvent[] {
  const { chargePointId, ocppIdentity, messageSalt = chargePointId } = identity;
  return [...events].map((event) => {
    return { ...event, chargePointId, ocppIdentity, frame: withId(event.frame, freshId(event.frame[1], messageSalt)) };
  });
}

/** OCPP allows 36 characters. */
function freshId(id: string, salt: string): string {
  return createHash('sha256').update(`${salt} ${id}`).digest('hex').slice(0, 32);
}

function withId(frame: OcppFrame, id: string): OcppFrame {
  if (frame[0] === 2) return [2, id, frame[2], frame[3]];
  return frame[0] === 3 ? [3, id, frame[2]] : [4, id, frame[2], frame[3], frame[4]];
}

function parseEvent(line: string, name: string): RecordedEvent {
  const event: unknown = JSON.parse(line);
  if (!isRecordedEvent(event)) throw new Error(`${name} holds a line that is no event`);
  return event;
}

function isRecordedEvent(value: unknown): value is RecordedEvent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'chargePointId' in value &&
    'frame' in value &&
    Array.isArray(value.frame)
  );
}
