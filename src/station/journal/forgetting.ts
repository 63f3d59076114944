/**
 * When a station forgets what is old: journal, names of events, parked messages of its own. Looks at most once an hour.
 */
import { oldestAt, prune } from './history.ts';
import { oldestLetterAt, pruneLetters } from './letters.ts';
import { pruneSeen } from './repeats/seen.ts';

const PRUNE_EVERY_MS = 60 * 60_000;

/** How long the journal, and parked messages, are kept, in ms. */
type Retention = {
  readonly payloadRetentionMs: number;
  readonly deadLetterRetentionMs: number;
  readonly olderLetterRetentionMs: number;
};

export class Forgetting {
  readonly #sql: SqlStorage;
  readonly #retention: () => Retention;
  #prunedAt = 0;
  #dueAt: number | undefined;

  constructor(sql: SqlStorage, retention: () => Retention) {
    this.#sql = sql;
    this.#retention = retention;
  }

  /** Forgets what is old enough; gives when there will be something to forget. Until then it looks at nothing. */
  due(now: number): number | undefined {
    if (this.#dueAt === undefined || now >= this.#dueAt) this.#dueAt = this.#look(now);
    return this.#dueAt;
  }

  #look(now: number): number | undefined {
    if (now - this.#prunedAt >= PRUNE_EVERY_MS && now > (this.#nextAt() ?? now)) {
      const { payloadRetentionMs, deadLetterRetentionMs, olderLetterRetentionMs } = this.#retention();
      this.#prunedAt = now;
      prune(this.#sql, now - payloadRetentionMs);
      pruneSeen(this.#sql, now - payloadRetentionMs, now);
      pruneLetters(this.#sql, now - deadLetterRetentionMs, now - olderLetterRetentionMs);
    }
    const nextAt = this.#nextAt();
    return nextAt === undefined ? undefined : Math.max(nextAt, now + PRUNE_EVERY_MS);
  }

  /** When the oldest thing that may be forgotten is old enough. */
  #nextAt(): number | undefined {
    const { payloadRetentionMs, deadLetterRetentionMs } = this.#retention();
    const [entryAt, letterAt] = [oldestAt(this.#sql), oldestLetterAt(this.#sql)];
    const due = [
      ...(entryAt === undefined ? [] : [entryAt + payloadRetentionMs]),
      ...(letterAt === undefined ? [] : [letterAt + deadLetterRetentionMs]),
    ];
    return due.length === 0 ? undefined : Math.min(...due);
  }
}
