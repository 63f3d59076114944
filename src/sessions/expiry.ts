/** What happens to the session book when time passes and nothing comes: bounded waits end, silent sessions are closed. Pure. */
import type { SessionBook, Step, Waiting } from './book.ts';
import { inOrder } from './placing.ts';
import { readingsReported, statusReported } from './reports.ts';
import { abandon, followedBy } from './sessions.ts';
import { withoutSession } from './starts.ts';

/** How long a start waits for its answer, an answer for its start, and a message for its session. */
export const WAIT_MS = 10 * 60_000;

/** When `expire` next has something to do (ms since the epoch), or undefined. */
export function nextExpiryAt(book: SessionBook): number | undefined {
  const waits = [...book.starts, ...book.answers, ...book.waiting].map(({ since }) => since + WAIT_MS);
  const ends = book.running.flatMap(({ endsAt }) => (endsAt === undefined ? [] : [endsAt]));
  const due = [...waits, ...ends];
  return due.length === 0 ? undefined : Math.min(...due);
}

/** Gives up every wait that is over, with a reason for each, and ends sessions whose car left without a stop. */
export function expire(book: SessionBook, nowMs: number): Step {
  const isOver = ({ since }: { since: number }) => since + WAIT_MS <= nowMs;
  const isAlive = (wait: { since: number }) => !isOver(wait);
  const starts = book.starts.filter(isAlive);
  const unanswered = book.starts.filter(isOver);
  let step: Step = {
    book: { ...book, starts, answers: book.answers.filter(isAlive) },
    events: [],
    kept: unanswered.map(({ seq }) => ({ seq, reason: 'start-unanswered' })),
  };
  for (const { request } of unanswered) step = { ...step, book: withoutSession(step.book, request) };
  if (unanswered.length > 0) step = followedBy(step, withoutStart(step.book));
  const { waiting } = step.book;
  step = followedBy(step, {
    book: { ...step.book, waiting: waiting.filter(isAlive) },
    events: [],
    kept: waiting.filter(isOver).map(({ seq }) => ({ seq, reason: 'session-unknown' as const })),
  });
  for (const session of step.book.running) {
    if (session.endsAt === undefined || session.endsAt > nowMs) continue;
    step = followedBy(step, abandon(step.book, session, session.lastMessageAt));
  }
  return step;
}

/** What waited only to learn whether a session begins: none does, so it is placed without. */
function withoutStart(book: SessionBook): Step {
  let step: Step = { book: { ...book, waiting: [] }, events: [], kept: [] };
  for (const waiting of inOrder(book.waiting)) step = followedBy(step, placeReport(step.book, waiting));
  return step;
}

function placeReport(book: SessionBook, waiting: Waiting): Step {
  const { message, seq, since } = waiting;
  const moment = { seq, nowMs: since };
  if (message.kind === 'status-reported') return statusReported(book, message, moment);
  if (message.kind === 'readings-reported') return readingsReported(book, message, moment);
  return { book: { ...book, waiting: [...book.waiting, waiting] }, events: [], kept: [] };
}
