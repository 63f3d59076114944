/**
 * The station's alarm. It is set for the earliest thing to do, and is moved back only when there is nothing to do
 * before.
 */

/** An alarm that is so long overdue is lost. */
const OVERDUE_MS = 60_000;
/** How long the alarm waits after what it rang for has failed. */
const REST_MS = 30_000;
/**
 * An alarm that would ring for nothing within this time is moved back. That costs one row; ringing costs a request and
 * two rows.
 */
const SOON_MS = 5 * 60_000;

export class Waking {
  readonly #storage: DurableObjectStorage;
  readonly #aside: (work: Promise<unknown>) => void;
  #alarmAt: number | undefined;
  #restsUntil = 0;

  /** `aside` sets the alarm beside the call that asks for it. */
  constructor(storage: DurableObjectStorage, aside: (work: Promise<unknown>) => void) {
    this.#storage = storage;
    this.#aside = aside;
  }

  /** Reads the alarm that an earlier life of the object set. Otherwise it would be moved back. */
  async learn(): Promise<void> {
    this.#alarmAt = (await this.#storage.getAlarm()) ?? undefined;
  }

  /** Called when the alarm has rung: no alarm is set any more. */
  rang(): void {
    this.#alarmAt = undefined;
  }

  /**
   * Sets the alarm for this time (ms since the epoch), unless an earlier one is set. One long overdue counts as lost.
   */
  at(time: number, now: number): void {
    const [known, due] = [this.#alarmAt, Math.max(time, this.#restsUntil)];
    if (known === undefined || known > due || known <= now - OVERDUE_MS) this.#set(due);
  }

  /** As `at`, when there is nothing to do before `time`: an alarm that would ring soon, for nothing, is moved back. */
  notBefore(time: number, now: number): void {
    if (this.#alarmAt !== undefined && this.#alarmAt < time && this.#alarmAt <= now + SOON_MS) this.#set(time);
    else this.at(time, now);
  }

  /** Called when what the alarm rang for failed and is still due: the alarm does not ring again at once. */
  failed(now: number): void {
    this.#restsUntil = now + REST_MS;
  }

  #set(time: number): void {
    this.#alarmAt = time;
    this.#aside(this.#storage.setAlarm(time));
  }
}
