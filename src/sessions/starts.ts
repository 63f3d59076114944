/** Joins a start with its answer, in whichever order they come, and opens the session (OCPP 1.6 §4.8). Pure. */
import { stateOfStatus } from '../charging/charging-state.ts';
import { isSameToken } from '../charging/id-token.ts';
import type { ChargingState } from '../charging/session.ts';
import type { StartAnswered, StartRequested } from '../charging/station-message.ts';
import { nameFromInteger } from '../charging/transaction-id.ts';
import { bounded, isSameEvse, remember, type KeptReason, type SessionBook, type Step, type Turn } from './book.ts';
import { keep, unchanged, WAITING_LIMIT } from './placing.ts';
import { isOlder } from './running-session.ts';
import { followedBy, isTaken, openSession, refuse } from './sessions.ts';

const ANSWERS_LIMIT = 16;
/** A start within this time of a remote start request for its EVSE and token is that request's doing. */
const REMOTE_START_WINDOW_MS = 5 * 60_000;

/** A start waits for its answer, unless the answer came first. */
export function startRequested(book: SessionBook, said: StartRequested, turn: Turn): Step {
  const request = onOnlyEvse(said, turn);
  const early = book.answers.find(({ answer }) => answer.messageId === request.messageId);
  if (early === undefined) {
    const starts = [...book.starts, { request, since: turn.nowMs, seq: turn.seq }];
    const excess = starts.slice(0, -WAITING_LIMIT).map(({ seq }) => ({ seq, reason: 'start-unanswered' as const }));
    return { book: { ...book, starts: starts.slice(-WAITING_LIMIT) }, events: [], kept: excess };
  }
  const answers = book.answers.filter((other) => other !== early);
  return start({ ...book, answers }, request, early.answer, turn);
}

/** A start for the whole station (connector 0) is one on its only EVSE, if it has but one. */
function onOnlyEvse(start: StartRequested, { evseIds = [] }: Turn): StartRequested {
  const [only] = evseIds;
  if (start.evse.evseId !== 0 || only === undefined || evseIds.length > 1) return start;
  return { ...start, evse: { ...start.evse, evseId: only, connectorId: 1 } };
}

/** An answer opens the session of its start, or waits for it. */
export function startAnswered(book: SessionBook, answer: StartAnswered, turn: Turn): Step {
  const pending = book.starts.find(({ request }) => request.messageId === answer.messageId);
  if (pending === undefined) {
    const early = { answer, since: turn.nowMs, seq: turn.seq };
    return unchanged({ ...book, answers: bounded(book.answers, early, ANSWERS_LIMIT) });
  }
  const starts = book.starts.filter((other) => other !== pending);
  return start({ ...book, starts }, pending.request, answer, { ...turn, seq: pending.seq });
}

/** Gives up a start that will have no answer. */
export function dropStart(book: SessionBook, messageId: string, reason: KeptReason): Step {
  const pending = book.starts.find(({ request }) => request.messageId === messageId);
  if (pending === undefined) return unchanged(book);
  const starts = book.starts.filter((other) => other !== pending);
  return {
    book: withoutSession({ ...book, starts }, pending.request),
    events: [],
    kept: [{ seq: pending.seq, reason }],
  };
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

/** Joins a start with its answer. A refused start (Blocked, Expired, Invalid, ConcurrentTx) opens no session. */
function start(book: SessionBook, request: StartRequested, answer: StartAnswered, turn: Turn): Step {
  const { evse, idToken, at, meterStartWh } = request;
  const stationId = String(answer.transactionId);
  const isRepeat = [...book.running, ...book.ended].some(
    (known) => known.stationId === stationId && isSameEvse(known.ref.evse, evse) && known.ref.startedAt === at,
  );
  if (isRepeat) return keep(book, turn, 'start-repeated');
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
    },
  );
  return followedBy(opened, withoutRepeats(opened.book, request));
}

/** Whether another session of this charger had the name, or may have had it before we forgot. */
function isUsed(book: SessionBook, name: string): boolean {
  return Number(name) <= (book.forgottenUpTo ?? 0) || isTaken(book, ({ ocpp201 }) => ocpp201 === name);
}

/** A station that missed the answer says its start again under another message id: those that are not answered are no starts. */
function withoutRepeats(book: SessionBook, { evse, at, idToken, meterStartWh }: StartRequested): Step {
  const repeats = book.starts.filter(
    ({ request }) =>
      isSameEvse(request.evse, evse) &&
      request.at === at &&
      isSameToken(request.idToken, idToken) &&
      request.meterStartWh === meterStartWh,
  );
  const starts = book.starts.filter((each) => !repeats.includes(each));
  return { book: { ...book, starts }, events: [], kept: repeats.map(({ seq }) => ({ seq, reason: 'start-repeated' })) };
}

/** The request of the CSMS that this start follows: just before, for the same token and, if it named one, the same EVSE. */
function remoteStartOf({ remoteStarts }: SessionBook, { evse, idToken, at }: StartRequested) {
  return remoteStarts.findLast(
    (remote) =>
      isSameToken(remote.idToken, idToken) &&
      (remote.evseId === undefined || remote.evseId === evse.evseId) &&
      Math.abs(Date.parse(at) - remote.at) <= REMOTE_START_WINDOW_MS,
  );
}

/** What the connector's last status says of the session that begins: a car is connected at least. */
function stateBefore(book: SessionBook, evseId: number): ChargingState {
  const state = book.evses[String(evseId)]?.state;
  const known = state === undefined ? undefined : stateOfStatus(state)?.chargingState;
  return known === undefined || known === 'Idle' ? 'EVConnected' : known;
}
