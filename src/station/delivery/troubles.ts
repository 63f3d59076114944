/**
 * Which lanes of a station are noted in D1 as failing or lagging, so that nobody has to ask every station. A lane that
 * does well is not noted. A station writes at most one note a minute.
 */
import { openAlert } from '../../storage/alerts.ts';
import { clearTrouble, noteTrouble } from '../../storage/troubled-lanes.ts';
import type { StationHome } from '../station-home.ts';
import type { Backlog } from '../journal/backlog.ts';

/** How a lane waits: until when, after how many failures in a row, and why. */
export type Wait = {
  readonly attempts: number;
  readonly dueAt: number;
  readonly reason: string | undefined;
};

/** What the notes need of their station object. */
export type TroublesHome = Pick<StationHome, 'env' | 'aside'> & {
  readonly backlog: Backlog;
  readonly chargePointId: () => string;
};

type Noted = {
  readonly oldestAt: number;
  readonly backlog: number;
  readonly attempts: number;
  readonly reason: string | undefined;
};

/** A lane that failed this often in a row is noted, however short that was. */
const TROUBLE_ATTEMPTS = 3;
/** Our credentials were refused again: no other message will fare better. */
const REFUSED_ATTEMPTS = 2;
const REFUSALS: ReadonlySet<string | undefined> = new Set(['http-401', 'http-403', 'credential']);
/** A lane lags when what it owes will be older than this before it is tried again. */
const LAG_MS = 60_000;
const NOTE_EVERY_MS = 60_000;
/** A note of which only the number of owed rows has changed may wait longer. */
const COUNT_EVERY_MS = 10 * 60_000;

export class Troubles {
  readonly #home: TroublesHome;
  /** Lanes in D1's list: with what was noted; or perhaps, since before the last eviction. */
  readonly #noted = new Map<string, Noted | 'perhaps'>();
  #notedAt = 0;

  constructor(home: TroublesHome) {
    this.#home = home;
  }

  /** The lane may have been noted by an earlier life of the object. */
  perhaps(recipient: string): void {
    if (!this.#noted.has(recipient)) this.#noted.set(recipient, 'perhaps');
  }

  /** The lane waits. */
  waits(recipient: string, { attempts, dueAt, reason }: Wait): void {
    const { backlog } = this.#home;
    const known = this.#noted.get(recipient);
    const owed = backlog.oldest(recipient);
    if (owed === undefined) return;
    const isRefused = attempts >= REFUSED_ATTEMPTS && REFUSALS.has(reason);
    const isLagging = attempts >= TROUBLE_ATTEMPTS || isRefused || dueAt - owed.receivedAt >= LAG_MS;
    if (known === undefined && !isLagging) return;
    const now = Date.now();
    const note = { oldestAt: owed.receivedAt, backlog: owed.count, attempts, reason };
    const isNews = typeof known !== 'object' || isDifferent(known, note);
    const isCounted = typeof known === 'object' && known.backlog === note.backlog;
    if (now - this.#notedAt < (isNews ? NOTE_EVERY_MS : COUNT_EVERY_MS) || (!isNews && isCounted)) return;
    this.#notedAt = now;
    this.#noted.set(recipient, note);
    const { env, aside, chargePointId } = this.#home;
    aside(noteTrouble(env.DB, { chargePointId: chargePointId(), provider: recipient, ...note }, now));
  }

  /** The lane goes on: what was noted of it is made good from time to time. */
  goesOn(recipient: string, oldestAt: number): void {
    const known = this.#noted.get(recipient);
    if (typeof known !== 'object' || known.oldestAt === oldestAt) return;
    this.waits(recipient, { attempts: 0, dueAt: Date.now(), reason: known.reason });
  }

  /** The lane owes nothing any more. */
  over(recipient: string): void {
    const { env, aside, chargePointId } = this.#home;
    if (this.#noted.delete(recipient)) aside(clearTrouble(env.DB, chargePointId(), recipient));
  }

  /**
   * A message was parked: an alert is open until none is parked any more. A parked notification tells the CSMS nothing.
   */
  parked(recipient: string, deliveryId: string, reason: string): void {
    const { env, aside } = this.#home;
    const alert = { type: 'delivery.parked', subject: recipient, detail: { deliveryId, reason } };
    aside(openAlert(env.DB, alert, { now: Date.now() }));
  }
}

/**
 * Whether somebody should know: another reason, or the first row has moved. How often it failed counts only at first.
 */
function isDifferent(known: Noted, note: Noted): boolean {
  const isRefusedNow = note.attempts >= REFUSED_ATTEMPTS && known.attempts < REFUSED_ATTEMPTS;
  return known.oldestAt !== note.oldestAt || known.reason !== note.reason || isRefusedNow;
}
