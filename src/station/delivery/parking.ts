/**
 * Where a station puts the messages that its lanes give up: first beside its journal, in the same turn, so that a lane
 * never waits for D1 nor sends a message again; then in D1, oldest first, as far as the provider's quota allows.
 */
import type { DeadLetter } from '../../recipient.ts';
import { saveDeadLetters, type LetterPage } from '../../storage/dead-letters.ts';
import { clearLetters, noteLetters } from '../../storage/letter-stations.ts';
import {
  addLetter,
  lettersOf,
  MAX_BYTES,
  octetsOf,
  removeLetters,
  trimLetters,
  type OwnLetters,
} from '../journal/letters.ts';
import type { StationHome } from '../station-home.ts';

/** How many letters are brought to D1 at a time. */
const MOVED_AT_ONCE = 20;
/** When D1 has no place, or cannot be reached, it is tried again after this time. */
const RETRY_MS = 10 * 60_000;

export class Parking {
  readonly #home: StationHome;
  readonly #chargePointId: () => string;
  #moving: Promise<void> | undefined;
  /** What the letters take together; undefined when it must be counted anew. */
  #octets: number | undefined;
  /** Whether there may be letters to bring to D1. An object that just began does not know. */
  #isOpen = true;
  #waitsUntil = 0;
  /** Whether D1's list of stations that keep letters names this one; undefined when it may. */
  #isNoted: boolean | undefined;

  constructor(home: StationHome, chargePointId: () => string) {
    this.#home = home;
    this.#chargePointId = chargePointId;
  }

  /** Keeps a letter. What follows it in the lane may be sent from now on. */
  keep(letter: DeadLetter): void {
    const { sql, log } = this.#home;
    this.#octets = (this.#octets ?? octetsOf(sql)) + addLetter(sql, this.#chargePointId(), letter, Date.now());
    if (this.#octets > MAX_BYTES) {
      const letters = trimLetters(sql);
      this.#octets = undefined;
      log('error', 'dead-letters.dropped', { 'scsp.provider': letter.provider, 'scsp.letters': letters });
    }
    this.#isOpen = true;
    this.tend();
  }

  /** Brings letters to D1, beside the call that asks for it. */
  tend(): void {
    if (!this.#isOpen || this.#moving !== undefined || Date.now() < this.#waitsUntil) return;
    this.#moving = this.#move()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => (this.#moving = undefined));
    this.#home.aside(this.#moving);
  }

  /** Ends when no letter is on its way to D1. */
  async idle(): Promise<void> {
    await this.#moving;
  }

  /** The station's own letters that match. */
  list(query: OwnLetters): LetterPage {
    return lettersOf(this.#home.sql, this.#chargePointId(), query);
  }

  /** Removes letters that were replayed or dropped; gives how many. */
  async remove(filter: OwnLetters): Promise<number> {
    await this.#moving;
    const removed = this.#remove(filter);
    if (removed > 0 && octetsOf(this.#home.sql) === 0) await this.#note(false);
    return removed;
  }

  /** Oldest first, so that what stays here is newer than what is in D1. */
  async #move(): Promise<void> {
    const { env, config } = this.#home;
    for (;;) {
      const { letters } = this.list({ limit: MOVED_AT_ONCE });
      if (letters.length === 0) break;
      const stored = await saveDeadLetters(env.DB, letters, config().deadLetterQuota);
      for (const deliveryId of stored) this.#remove({ deliveryId });
      if (stored.size < letters.length) {
        this.#waitsUntil = Date.now() + RETRY_MS;
        return this.#note(true);
      }
    }
    this.#isOpen = false;
    if (this.#isNoted === true) await this.#note(false);
  }

  #remove(filter: OwnLetters): number {
    this.#octets = undefined;
    return removeLetters(this.#home.sql, filter);
  }

  /** Operators find the station by D1's list while it keeps letters. */
  async #note(isKeeping: boolean): Promise<void> {
    if (this.#isNoted === isKeeping) return;
    await (isKeeping ? noteLetters : clearLetters)(this.#home.env.DB, this.#chargePointId());
    this.#isNoted = isKeeping;
  }

  #failed(error: unknown): void {
    const { log, wake } = this.#home;
    this.#waitsUntil = Date.now() + RETRY_MS;
    log('error', 'dead-letters.fault', { error: String(error) });
    wake(this.#waitsUntil);
  }
}
