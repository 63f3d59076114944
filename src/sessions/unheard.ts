/** Sessions whose start was never heard of: they are opened by what is known of them. Pure. */
import { findRegisterWh } from '../charging/meter.ts';
import type { EvseRef } from '../charging/session.ts';
import type { ReadingsReported, TransactionStep } from '../charging/station-message.ts';
import { nameFromInteger, nameFromString } from '../charging/transaction-id.ts';
import { answeredByReadings } from './assumed-answers.ts';
import type { Around, SessionBook, Step, Waiting } from './book.ts';
import { isFollowed } from './places.ts';
import { unchanged } from './placing.ts';
import { followedBy, isTaken, openSession, RUNNING_LIMIT } from './sessions.ts';
import { isUsed, stateBefore } from './starts.ts';
import { inOrder, unshelve } from './waiting.ts';

/** A message that names a transaction and goes on with it. */
type Continuing = ReadingsReported | TransactionStep;

/**
 * Opens the sessions whose messages have waited for long enough (`isOver`), on an EVSE of the charger where nothing
 * runs: none is ended for them. A session begins with the first thing known of it. `isEvseFree`: a session
 * has just ended, so all that is on the shelf is tried.
 */
export function openUnheard(
  book: SessionBook,
  isOver: (waiting: Pick<Waiting, 'since'>) => boolean,
  around: Around & { readonly isEvseFree?: boolean },
): Step {
  // Earlier messages of the same transaction may be on the shelf: they waited while another session ran there.
  const overdue = book.waiting.flatMap((waiting) => (isOver(waiting) ? namedBy(waiting) : []));
  const isMeant = (stationId: string) => around.isEvseFree === true || overdue.includes(stationId);
  let step = unshelve(book, ({ stationId }) => stationId !== undefined && isMeant(stationId), around);
  for (const waiting of inOrder(step.book.waiting)) {
    const { message } = waiting;
    if (isOver(waiting) && isContinuing(message)) step = followedBy(step, openFor(step.book, message, around));
  }
  return step;
}

const isContinuing = (message: Waiting['message']): message is Continuing =>
  (message.kind === 'readings-reported' && (message.transactionId ?? 0) > 0) ||
  (message.kind === 'transaction-step' && message.step !== 'started');

const namedBy = ({ message }: Waiting): string[] => (isContinuing(message) ? [String(message.transactionId)] : []);

function openFor(book: SessionBook, message: Continuing, around: Around): Step {
  const stationId = String(message.transactionId);
  if ([...book.running, ...book.ended].some((known) => known.stationId === stationId)) return unchanged(book);
  const answered = message.kind === 'readings-reported' ? answeredByReadings(book, message, around, true) : undefined;
  if (answered !== undefined) return answered;
  const evse = placeOf(message, around);
  const told = inOrder(book.waiting).flatMap(({ message: each }) =>
    isContinuing(each) && String(each.transactionId) === stationId ? [each] : [],
  );
  const at = told[0]?.at ?? message.at;
  const isFree = evse !== undefined && !book.running.some(({ ref }) => ref.evse.evseId === evse.evseId);
  if (!isFree || book.running.length >= RUNNING_LIMIT || isFollowed(book, evse, at)) return unchanged(book);
  const origin = { chargePointId: around.chargePointId, evseId: evse.evseId, startedAt: at };
  const meterStartWh = findRegisterWh(
    told.flatMap(({ meterValues }) => meterValues),
    'first',
  );
  const opening = {
    stationId,
    evse,
    at,
    trigger: 'Authorized',
    authorization: { status: 'Accepted' },
    meterValues: [],
    isInferred: true,
    ...(meterStartWh !== undefined && { meterStartWh }),
  } as const;
  if (message.kind === 'readings-reported') {
    const transactionId = nameFromInteger(Number(stationId), origin, (name) => isUsed(book, name));
    const chargingState = stateBefore(book, evse.evseId);
    return openSession(book, { ...opening, transactionId, numberedBy: 'csms', chargingState });
  }
  const transactionId = nameFromString(stationId, origin, (is) => isTaken(book, is));
  const idToken = told.flatMap((each) => ('idToken' in each && each.idToken ? [each.idToken] : []))[0];
  return openSession(book, { ...opening, transactionId, numberedBy: 'station', ...(idToken && { idToken }) });
}

/** Where a message belongs, if the charger has that EVSE; one that says none is of its only EVSE. */
function placeOf({ evse }: Continuing, { evseIds = [] }: Around): EvseRef | undefined {
  const [only] = evseIds;
  const said = evse !== undefined && evse.evseId > 0 ? evse : undefined;
  if (said !== undefined) return evseIds.includes(said.evseId) ? said : undefined;
  return only !== undefined && evseIds.length === 1 ? { evseId: only } : undefined;
}
