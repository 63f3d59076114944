/**
 * Where sessions run: what follows on the same EVSE, and what is told of a session that does not say where it is. Pure.
 */
import type { SessionStarted } from '../charging/charge-event.ts';
import type { EvseRef, SessionRef } from '../charging/session.ts';
import type { RunningSession, SessionBook } from './book.ts';

/** Whether it is known where a session runs. */
export const isPlaced = ({ evse }: SessionRef) => evse.evseId > 0;

/** The sessions that had begun on an EVSE by then and still run. */
export function runningOn({ running }: SessionBook, { evseId }: EvseRef, at: string): readonly RunningSession[] {
  if (evseId === 0) return [];
  return running.filter(({ ref }) => ref.evse.evseId === evseId && Date.parse(ref.startedAt) <= Date.parse(at));
}

/** Whether a session is known that began on an EVSE later than that. */
export function isFollowed({ running, ended }: SessionBook, { evseId }: EvseRef, startedAt: string): boolean {
  const sessions = [...running, ...ended.filter(({ isRefused }) => isRefused !== true)];
  return sessions.some(
    ({ ref }) => evseId > 0 && ref.evse.evseId === evseId && Date.parse(ref.startedAt) > Date.parse(startedAt),
  );
}

/** The start of a session as it is known now, when this is the first that is known of where it runs. */
export function lateStartOf(
  book: SessionBook,
  { started, ref }: RunningSession,
  now: SessionRef,
): SessionStarted | undefined {
  if (isPlaced(ref) || !isPlaced(now)) return undefined;
  return { ...(isFollowed(book, now.evse, now.startedAt) ? withoutStatus(started) : started), session: now };
}

/** The same of one that ends; should it never have said where it ran, on an EVSE where nothing else runs. */
export function lastStartOf(
  book: SessionBook,
  session: RunningSession,
  now: SessionRef,
  evseIds: readonly number[] = [],
): SessionStarted | undefined {
  if (isPlaced(session.ref) || isPlaced(now)) return lateStartOf(book, session, now);
  const isFree = (evseId: number) => evseId > 0 && !book.running.some(({ ref }) => ref.evse.evseId === evseId);
  const evseId = [...evseIds, ...Object.keys(book.evses).map(Number)].find(isFree) ?? 0;
  return { ...withoutStatus(session.started), session: { ...now, evse: { evseId } } };
}

function withoutStatus(started: SessionStarted): SessionStarted {
  const { connectorStatus: _, ...rest } = started;
  return rest;
}
