/** The station's one alarm: armed for the earliest thing to do, never pushed back, and not trusted for ever. */

/** An alarm that should have come this long ago will not come any more. */
const OVERDUE_MS = 60_000;

export class Waking {
  readonly #storage: DurableObjectStorage;
  readonly #aside: (work: Promise<unknown>) => void;
  #alarmAt: number | undefined;

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
    const known = this.#alarmAt;
    if (known !== undefined && known <= time && known > now - OVERDUE_MS) return;
    this.#alarmAt = time;
    this.#aside(this.#storage.setAlarm(time));
  }
}
