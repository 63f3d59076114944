// The charging sessions inside a recording: which there are, and the frames that belong to one of them; it guesses nothing beyond ids and connectors.
import type { OcppFrame, Payload, RecordedEvent } from './recordings.ts';

/** A session of a recording. `firstIndex` and `lastIndex` bound its frames; a session left running has no `endedAt`. */
export type RecordedSession = {
  transactionId: number | string;
  evseId: number | undefined;
  startedAt: string;
  endedAt?: string;
  firstIndex: number;
  lastIndex: number;
};

/** Lists the sessions in the order of their start; one without a stop lasts until the next start on its connector. */
export function sessionsOf(events: readonly RecordedEvent[]): RecordedSession[] {
  const starts = events.flatMap(({ frame, timestamp }, firstIndex) => {
    const start = startOf(frame, events);
    return start ? [{ ...start, startedAt: timestamp, firstIndex }] : [];
  });
  return starts.map((start) => {
    const end = events.findIndex(({ frame }) => isEndOf(frame, start.transactionId));
    const next = starts.find(({ evseId, firstIndex }) => evseId === start.evseId && firstIndex > start.firstIndex);
    const openEnd = (next?.firstIndex ?? events.length) - 1;
    const lastIndex = end < 0 ? openEnd : Math.max(end, replyIndex(events, end));
    const endedAt = events[end]?.timestamp;
    return { ...start, lastIndex, ...(endedAt === undefined ? {} : { endedAt }) };
  });
}

/**
 * The frames of one session, with replies: those that carry its transaction id at any time, and what its
 * connector reported between start and stop (status; meter values without a transaction id).
 */
export function selectSession(events: readonly RecordedEvent[], transactionId: number | string): RecordedEvent[] {
  const session = sessionsOf(events).find((candidate) => candidate.transactionId === transactionId);
  if (!session) throw new Error(`the recording has no session ${transactionId}`);
  const requests = events.filter((event, index) => isOfSession(event, index, session));
  const ids = new Set(requests.map(({ frame }) => frame[1]));
  return events.filter(({ frame }) => ids.has(frame[1]));
}

function isOfSession({ frame }: RecordedEvent, index: number, session: RecordedSession): boolean {
  if (frame[0] !== 2) return false;
  if (index === session.firstIndex) return true;
  const ownId = transactionIdOf(frame[3]);
  if (ownId !== undefined) return ownId === session.transactionId;
  const isReport = frame[2] === 'StatusNotification' || frame[2] === 'MeterValues';
  const isWithin = index > session.firstIndex && index <= session.lastIndex;
  return isReport && isWithin && evseIdOf(frame[3]) === session.evseId;
}

function startOf(frame: OcppFrame, events: readonly RecordedEvent[]) {
  if (frame[0] !== 2) return undefined;
  const [, id, action, payload] = frame;
  const isStarted = action === 'TransactionEvent' && payload['eventType'] === 'Started';
  if (action !== 'StartTransaction' && !isStarted) return undefined;
  const reply = isStarted ? payload : events.find((event) => event.frame[0] === 3 && event.frame[1] === id)?.frame[2];
  const transactionId = isPayload(reply) ? transactionIdOf(reply) : undefined;
  return transactionId === undefined ? undefined : { transactionId, evseId: evseIdOf(payload) };
}

function isEndOf(frame: OcppFrame, transactionId: number | string): boolean {
  if (frame[0] !== 2) return false;
  const isEnd = frame[2] === 'StopTransaction' || frame[3]['eventType'] === 'Ended';
  return isEnd && transactionIdOf(frame[3]) === transactionId;
}

function replyIndex(events: readonly RecordedEvent[], requestIndex: number): number {
  const id = events[requestIndex]?.frame[1];
  return events.findIndex(({ frame }) => frame[0] !== 2 && frame[1] === id);
}

function transactionIdOf(payload: Payload): number | string | undefined {
  const info = payload['transactionInfo'];
  const id = isPayload(info) ? info['transactionId'] : payload['transactionId'];
  return typeof id === 'number' || typeof id === 'string' ? id : undefined;
}

/** 1.6 says connectorId, 2.0.1 evseId or evse.id; a 2.0.1 connectorId counts within the EVSE. */
function evseIdOf(payload: Payload): number | undefined {
  const evse = payload['evse'];
  const id = (isPayload(evse) ? evse['id'] : undefined) ?? payload['evseId'] ?? payload['connectorId'];
  return typeof id === 'number' ? id : undefined;
}

function isPayload(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
