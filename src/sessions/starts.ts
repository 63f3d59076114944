/** Joins a start with its answer, in whichever order they come, and opens the session (OCPP 1.6 §4.8). Pure. */
import { stateOfStatus } from '../charging/charging-state.ts';
import { isSameToken } from '../charging/id-token.ts';
import type { ChargingState, TransactionId } from '../charging/session.ts';
import type { StartAnswered, StartFailed, StartRequested } from '../charging/station-message.ts';
import { nameFromInteger } from '../charging/transaction-id.ts';
import {
  bounded,
  isSameEvse,
  remember,
  replaceRunning,
  type PendingStart,
  type SessionBook,
  type Step,
  type Turn,
} from './book.ts';
import { keep, unchanged } from './placing.ts';
import { isOlder, seenConnector } from './running-session.ts';
import { withTrueStart } from './true-start.ts';
import { followedBy, isTaken, openSession, refuse } from './sessions.ts';
import { shelfMark, WAIT_MS, WAITING_LIMIT } from './waiting.ts';

const ANSWERS_LIMIT = 16;
/** A start within this time of a remote start request for its EVSE and token is that request's doing. */
const REMOTE_START_WINDOW_MS = 5 * 60_000;

/**
 * A start waits for its answer, unless the answer came first. What waited for an older start on its EVSE waits for that
 * no more.
 */
export function startRequested(book: SessionBook, said: StartRequested, turn: Turn): Step {
  const request = onOnlyEvse(said, turn);
  const pending: PendingStart = { request, since: turn.nowMs, seq: turn.seq };
  const early = book.answers.find(({ answer }) => isAnswerTo(book, answer, pending));
  const older = overdue(
    book,
    ({ request: known }) => isSameEvse(known.evse, request.evse) && isOlder(known.at, request.at),
  );
  if (early === undefined) return pendingStart(older, pending);
  const left = { ...older, answers: book.answers.filter((other) => other !== early) };
  if (early.answer.kind === 'start-answered') return openStart(left, pending, early.answer, turn);
  const failed = pendingStart(left, { ...pending, isFailed: true });
  return followedBy(failed, keep(failed.book, turn, 'start-failed'));
}

function pendingStart(book: SessionBook, pending: PendingStart): Step {
  const starts = [...book.starts, pending];
  const excess = starts.slice(0, -WAITING_LIMIT).map(({ seq }) => ({ seq, reason: 'start-unanswered' as const }));
  return { book: { ...book, starts: starts.slice(-WAITING_LIMIT) }, events: [], kept: excess };
}

/**
 * The same book, but nothing waits any more for the starts of which `isOverdue` holds; an answer still opens their
 * session.
 */
export function overdue(book: SessionBook, isOverdue: (start: PendingStart) => boolean): SessionBook {
  const starts = book.starts.map((each) => (isOverdue(each) ? { ...each, isOverdue: true as const } : each));
  return { ...book, starts };
}

/** A start for the whole station (connector 0) is one on its only EVSE, if it has but one. */
function onOnlyEvse(start: StartRequested, { evseIds = [] }: Turn): StartRequested {
  const [only] = evseIds;
  if (start.evse.evseId !== 0 || only === undefined || evseIds.length > 1) return start;
  return { ...start, evse: { ...start.evse, evseId: only, connectorId: 1 } };
}

/** An answer opens the session of its start, or waits for it. */
export function startAnswered(book: SessionBook, answer: StartAnswered, turn: Turn): Step {
  const pending = callOf(book, answer);
  if (pending === undefined) return unchanged(withEarly(book, answer, turn));
  const left = { ...book, starts: book.starts.filter((other) => other !== pending) };
  const { seq } = pending;
  if (isVoid(left, pending, answer, turn.nowMs)) return keep(left, { ...turn, seq }, 'start-unanswered');
  return openStart(left, pending, answer, { ...turn, seq });
}

/**
 * A start that the CSMS could not take is said again by the station, under the same message id: it goes on waiting,
 * alone.
 */
export function startFailed(book: SessionBook, failed: StartFailed, turn: Turn): Step {
  const pending = callOf(book, failed);
  if (pending === undefined) return unchanged(withEarly(book, failed, turn));
  const starts = book.starts.map((each) => (each === pending ? { ...each, isFailed: true as const } : each));
  const failedBook = { ...book, starts };
  return pending.isFailed ? unchanged(failedBook) : keep(failedBook, { ...turn, seq: pending.seq }, 'start-failed');
}

function withEarly(book: SessionBook, answer: StartAnswered | StartFailed, { nowMs, seq }: Turn): SessionBook {
  return { ...book, answers: bounded(book.answers, { answer, since: nowMs, seq }, ANSWERS_LIMIT) };
}

/** The newest start that an answer can be to: stations count their message ids from the beginning after each reboot. */
function callOf(book: SessionBook, answer: StartAnswered | StartFailed): PendingStart | undefined {
  const calls = book.starts.filter((pending) => isAnswerTo(book, answer, pending));
  return calls.toSorted((a, b) => calledAt(a) - calledAt(b) || a.seq - b.seq).at(-1);
}

const calledAt = ({ request: { seenAt, at } }: PendingStart) => Date.parse(seenAt ?? at);

/** No CSMS takes longer for an answer while its station is connected. */
const ANSWER_MS = 60_000;
/** The times of a call and of its answer may be this much in the wrong order: they are taken in different places. */
const SKEW_MS = 5000;

/**
 * Whether an answer can be to this start: under its message id, not seen before it, and not seen after the station had
 * booted anew.
 */
function isAnswerTo(
  { bootedAt }: SessionBook,
  answer: StartAnswered | StartFailed,
  { request }: PendingStart,
): boolean {
  if (answer.messageId !== request.messageId) return false;
  if (answer.seenAt === undefined || request.seenAt === undefined) return true;
  const tookMs = Date.parse(answer.seenAt) - Date.parse(request.seenAt);
  const isOfBefore = bootedAt !== undefined && isOlder(request.seenAt, bootedAt) && !isOlder(answer.seenAt, bootedAt);
  return tookMs >= -SKEW_MS && !(isOfBefore && tookMs > ANSWER_MS);
}

/**
 * Whether a start came to nothing: a later one was said on its EVSE, and long after no message names its transaction.
 */
function isVoid(book: SessionBook, { request, since }: PendingStart, answer: StartAnswered, nowMs: number): boolean {
  if (since + WAIT_MS > nowMs) return false;
  const { evse, at } = request;
  const isNamed = [...book.waiting.map(shelfMark), ...(book.shelved ?? [])].some(
    ({ stationId }) => stationId === String(answer.transactionId),
  );
  const later = [
    ...book.starts.map((start) => ({ evse: start.request.evse, startedAt: start.request.at })),
    ...[...book.running, ...book.ended].map(({ ref }) => ref),
  ];
  return !isNamed && later.some((next) => isSameEvse(next.evse, evse) && isOlder(at, next.startedAt));
}

/** Remembers that a start was said of which no session came: a charger starts only where nothing runs any more. */
export function withoutSession(book: SessionBook, { evse, at }: StartRequested): SessionBook {
  const { vacatedAt } = book.evses[String(evse.evseId)] ?? {};
  const running = book.running.map((session) => {
    const isBefore = isSameEvse(session.ref.evse, evse) && isOlder(session.ref.startedAt, at);
    const isEarliest = session.followedAt === undefined || isOlder(at, session.followedAt);
    return isBefore && isEarliest ? { ...session, followedAt: at } : session;
  });
  return isOlder(at, vacatedAt) ? { ...book, running } : remember({ ...book, running }, evse, { vacatedAt: at });
}

/**
 * Joins a start with its answer. A refused start (Blocked, Expired, Invalid, ConcurrentTx) opens no session.
 * `isAssumed`: the answer itself was not heard of.
 */
export function openStart(
  book: SessionBook,
  { request, leftAt }: PendingStart,
  answer: StartAnswered & { readonly isAssumed?: true },
  turn: Turn,
): Step {
  const { evse, idToken, at, meterStartWh } = request;
  const stationId = String(answer.transactionId);
  const isRepeat = [...book.running, ...book.ended].some(
    (known) => known.stationId === stationId && isSameEvse(known.ref.evse, evse) && known.ref.startedAt === at,
  );
  if (isRepeat) return keep(book, turn, 'start-repeated');
  const corrected = withTrueStart(book, { stationId, evse, at, meterStartWh });
  if (corrected !== undefined) return keep(corrected, turn, 'start-late');
  const origin = { chargePointId: turn.chargePointId, evseId: evse.evseId, startedAt: at };
  const transactionId = nameFromInteger(answer.transactionId, origin, (name) => isUsed(book, name));
  if (answer.authorization.status !== 'Accepted') {
    const ref = { transactionId, evse, startedAt: at, idToken };
    const refused = refuse(book, { stationId, ref, registerWh: meterStartWh });
    // A token that is in use already, perhaps in the very session that runs here.
    const isSpare = answer.authorization.status === 'ConcurrentTx';
    return keep(isSpare ? refused : withoutSession(refused, request), turn, 'start-refused');
  }
  const remote = remoteStartOf(book, request);
  const opened = openSession(
    { ...book, remoteStarts: book.remoteStarts.filter((other) => other !== remote) },
    {
      transactionId,
      stationId,
      numberedBy: 'csms',
      evse,
      at,
      trigger: remote === undefined ? 'Authorized' : 'RemoteStart',
      authorization: answer.authorization,
      meterStartWh,
      meterValues: [],
      chargingState: stateBefore(book, evse.evseId),
      idToken,
      ...(request.reservationId !== undefined && { reservationId: request.reservationId }),
      ...(answer.isAssumed && { unansweredId: answer.messageId }),
    },
  );
  const left = leftAt === undefined ? opened.book : withoutCar(opened.book, transactionId, leftAt, turn);
  return followedBy(opened, withoutRepeats(left, request));
}

/** The session has lost its car already: it ends an hour from now if nothing more comes of it. */
function withoutCar(book: SessionBook, { ocpp201 }: TransactionId, at: string, { nowMs }: Turn): SessionBook {
  const session = book.running.find(({ ref }) => ref.transactionId.ocpp201 === ocpp201);
  return session ? replaceRunning(book, seenConnector(session, { at, state: 'Available' }, nowMs)) : book;
}

/** Whether another session of this charger had the name, or may have had it before we forgot. */
export function isUsed(book: SessionBook, name: string): boolean {
  return Number(name) <= (book.forgottenUpTo ?? 0) || isTaken(book, ({ ocpp201 }) => ocpp201 === name);
}

/**
 * A station that missed the answer says its start again under another message id: those that are not answered are no
 * starts.
 */
function withoutRepeats(book: SessionBook, { evse, at, idToken, meterStartWh }: StartRequested): Step {
  const repeats = book.starts.filter(
    ({ request }) =>
      isSameEvse(request.evse, evse) &&
      request.at === at &&
      isSameToken(request.idToken, idToken) &&
      request.meterStartWh === meterStartWh,
  );
  const starts = book.starts.filter((each) => !repeats.includes(each));
  const news = repeats.filter(({ isFailed }) => !isFailed);
  return { book: { ...book, starts }, events: [], kept: news.map(({ seq }) => ({ seq, reason: 'start-repeated' })) };
}

/**
 * The request of the CSMS that this start follows: just before, for the same token and, if it named one, the same EVSE.
 */
function remoteStartOf({ remoteStarts }: SessionBook, { evse, idToken, at }: StartRequested) {
  return remoteStarts.findLast(
    (remote) =>
      isSameToken(remote.idToken, idToken) &&
      (remote.evseId === undefined || remote.evseId === evse.evseId) &&
      Math.abs(Date.parse(at) - remote.at) <= REMOTE_START_WINDOW_MS,
  );
}

/** What the connector's last status says of the session that begins: a car is connected at least. */
export function stateBefore(book: SessionBook, evseId: number): ChargingState {
  const state = book.evses[String(evseId)]?.state;
  const known = state === undefined ? undefined : stateOfStatus(state)?.chargingState;
  return known === undefined || known === 'Idle' ? 'EVConnected' : known;
}
