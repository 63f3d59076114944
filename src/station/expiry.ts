/** What happens to the session book when time passes and nothing comes: bounded waits end, silent sessions are closed. Pure. */
import type { SessionBook, Step } from './book.ts';
import { abandon, followedBy } from './sessions.ts';

/** How long a start waits for its answer, an answer for its start, and a message for its session. */
export const WAIT_MS = 10 * 60_000;
/** How long a session may go on after its connector said Available and nothing more came of it. */
export const IDLE_MS = 60 * 60_000;

/** When `expire` next has something to do (ms since the epoch), or undefined. */
export function nextExpiryAt(book: SessionBook): number | undefined {
  const waits = [...book.starts, ...book.answers, ...book.waiting].map(({ since }) => since + WAIT_MS);
  const idles = book.running.flatMap(({ idleSince }) => (idleSince === undefined ? [] : [idleSince + IDLE_MS]));
  const due = [...waits, ...idles];
  return due.length === 0 ? undefined : Math.min(...due);
}

/** Gives up every wait that is over, with a reason for each, and ends sessions whose car left without a stop. */
export function expire(book: SessionBook, nowMs: number): Step {
  const isOver = ({ since }: { since: number }) => since + WAIT_MS <= nowMs;
  const isAlive = (wait: { since: number }) => !isOver(wait);
  let step: Step = {
    book: {
      ...book,
      starts: book.starts.filter(isAlive),
      answers: book.answers.filter(isAlive),
      waiting: book.waiting.filter(isAlive),
    },
    events: [],
    kept: [
      ...book.starts.filter(isOver).map(({ seq }) => ({ seq, reason: 'start-unanswered' as const })),
      ...book.waiting.filter(isOver).map(({ seq }) => ({ seq, reason: 'session-unknown' as const })),
    ],
  };
  for (const session of book.running) {
    if (session.idleSince === undefined || session.idleSince + IDLE_MS > nowMs) continue;
    step = followedBy(step, abandon(step.book, session, new Date(session.idleSince).toISOString()));
  }
  return step;
}
