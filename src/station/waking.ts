/** The station's one alarm: armed for the earliest thing to do, pushed back only when nothing is, and not trusted for ever. */

/** An alarm that should have come this long ago will not come any more. */
const OVERDUE_MS = 60_000;
/** How long the alarm rests when what it rang for failed. */
const REST_MS = 30_000;
/** An alarm that would ring for nothing is pushed back when it comes within this time: one row, instead of a request and two rows. */
const SOON_MS = 5 * 60_000;

export class Waking {
  readonly #storage: DurableObjectStorage;
  readonly #aside: (work: Promise<unknown>) => void;
  #alarmAt: number | undefined;
  #restsUntil = 0;

  /** `aside` runs the setting of the alarm beside everything else. */
  constructor(storage: DurableObjectStorage, aside: (work: Promise<unknown>) => void) {
    this.#storage = storage;
    this.#aside = aside;
  }

  /** Learns of the alarm that an earlier life of the object set: else it would be pushed back. */
  async learn(): Promise<void> {
    this.#alarmAt = (await this.#storage.getAlarm()) ?? undefined;
  }

  /** The alarm has come: there is none any more. */
  rang(): void {
    this.#alarmAt = undefined;
  }

  /** Arms the alarm for this time (ms since the epoch), unless one comes earlier anyway. One long overdue counts as lost. */
  at(time: number, now: number): void {
    const [known, due] = [this.#alarmAt, Math.max(time, this.#restsUntil)];
    if (known === undefined || known > due || known <= now - OVERDUE_MS) this.#set(due);
  }

  /** As `at`, when there is surely nothing to do before `time`: an alarm that comes soon, and for nothing, is pushed back. */
  notBefore(time: number, now: number): void {
    if (this.#alarmAt !== undefined && this.#alarmAt < time && this.#alarmAt <= now + SOON_MS) this.#set(time);
    else this.at(time, now);
  }

  /** What the alarm rang for failed, and is due still: it does not ring again at once. */
  failed(now: number): void {
    this.#restsUntil = now + REST_MS;
  }

  #set(time: number): void {
    this.#alarmAt = time;
    this.#aside(this.#storage.setAlarm(time));
  }
}
