/**
 * What happens to the session book when time passes and nothing comes: bounded waits end, silent sessions are closed.
 * Pure.
 */
import type { Around, SessionBook, Step, Waiting } from './book.ts';
import { openWaiting, tryAgain, whenEnded } from './session-book.ts';
import { abandon, followedBy } from './sessions.ts';
import { overdue, withoutSession } from './starts.ts';
import { LONG_WAIT_MS, WAIT_MS } from './waiting.ts';

/** When `expire` next has something to do (ms since the epoch), or undefined. */
export function nextExpiryAt(book: SessionBook): number | undefined {
  const awaited = book.starts.filter(({ isOverdue }) => !isOverdue);
  const held = book.waiting.filter(({ message }) => message.kind !== 'status-reported');
  const waits = [...awaited, ...held].map(({ since }) => since + WAIT_MS);
  const longWaits = [...book.starts, ...book.answers, ...(book.shelved ?? [])].map(({ since }) => since + LONG_WAIT_MS);
  const ends = book.running.flatMap(({ endsAt }) => (endsAt === undefined ? [] : [endsAt]));
  const due = [...waits, ...longWaits, ...ends];
  return due.length === 0 ? undefined : due.reduce((first, at) => Math.min(first, at));
}

/** Gives up every wait that is over, with a reason for each, and ends sessions whose car left without a stop. */
export function expire(book: SessionBook, nowMs: number, around: Around): Step {
  const isOver = ({ since }: { since: number }) => since + WAIT_MS <= nowMs;
  let step = givenUp(book, nowMs);
  if (book.starts.some((start) => !start.isOverdue && isOver(start)) || step.book.starts.length < book.starts.length) {
    step = followedBy(step, tryAgain(overdue(step.book, isOver), around));
  }
  step = followedBy(step, openWaiting(step.book, isOver, around));
  for (const session of step.book.running) {
    if (session.endsAt === undefined || session.endsAt > nowMs) continue;
    step = followedBy(step, abandon(step.book, session, session.lastMessageAt));
  }
  return whenEnded(step, { ...around, nowMs });
}

/** The book without what has waited for too long. */
function givenUp(book: SessionBook, nowMs: number): Step {
  const isOver = ({ since }: { since: number }) => since + LONG_WAIT_MS <= nowMs;
  const isAlive = (wait: { since: number }) => !isOver(wait);
  const unanswered = book.starts.filter(isOver);
  const isLost = (waiting: Waiting) => isOver(waiting) && waiting.message.kind !== 'status-reported';
  const kept = [
    ...unanswered.filter(({ isFailed }) => !isFailed).map(({ seq }) => ({ seq, reason: 'start-unanswered' as const })),
    ...[...book.waiting.filter(isLost), ...(book.shelved ?? []).filter(isOver)].map(({ seq }) => ({
      seq,
      reason: 'session-unknown' as const,
    })),
  ];
  let left: SessionBook = {
    ...book,
    starts: book.starts.filter(isAlive),
    answers: book.answers.filter(isAlive),
    waiting: book.waiting.filter((each) => !isLost(each)),
    ...(book.shelved && { shelved: book.shelved.filter(isAlive) }),
  };
  for (const { request } of unanswered) left = withoutSession(left, request);
  return { book: left, events: [], kept };
}
