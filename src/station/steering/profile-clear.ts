/**
 * Clears profiles that must not stay: those of a provider that does not control the charger any more, and those by which
 * a provider that is gone holds a car down. A clear is repeated until the charger answers or the session ends.
 */
import type { LogLevel } from '../../log.ts';
import { defined } from '../../defined.ts';
import type { ChargerFact } from '../../notification.ts';
import { PROFILE_MESSAGES } from '../../ocpp/profile-messages.ts';
import { backoffMs } from '../backoff.ts';
import type { SessionBook } from '../../sessions/book.ts';
import type { CommandQueue } from './commands.ts';
import type { Commander, CommandRecord } from './command-sending.ts';
import { filterOf } from './profile-apply.ts';
import { LATE_ANSWER_MS, type ClearReason, type ProfileMemory, type ProfileSlot } from './profile-memory.ts';
import { checkRelease, type ReleaseCheck } from './profile-release.ts';
import { isPaired } from '../journal/recipients.ts';
import type { Entry } from '../journal/store.ts';
import type { Registration } from '../journal/pairings/stored-registration.ts';

/** What clearing needs of its station object. */
export type ClearsHome = {
  readonly memory: ProfileMemory;
  readonly queue: CommandQueue;
  readonly commander: Commander;
  readonly registration: () => Registration | undefined;
  readonly book: () => SessionBook;
  /** How long a provider that is gone may hold a car down; undefined: for ever. */
  readonly releaseAfterMs: () => number | undefined;
  /** Since when a provider is off, or takes nothing from us for this charger (ms); undefined while it is there. */
  readonly goneSince: (provider: string) => number | undefined;
  readonly note: (entry: Entry, requestId: string, facts: readonly ChargerFact[]) => void;
  readonly wake: (at: number) => void;
  readonly aside: (work: Promise<unknown>) => void;
  readonly log: (level: LogLevel, event: string, fields: Readonly<Record<string, unknown>>) => void;
};

/** After this time a clear is repeated every hour; of a removed charger, whose sessions none follows, no more. */
const OLD_MS = 24 * 60 * 60_000;
const OLD_WAIT_MS = 60 * 60_000;
/** Until then it is repeated at least so often. */
const LONGEST_WAIT_MS = 10 * 60_000;
/** While no command channel is configured, clears wait this long. */
const OFF_WAIT_MS = 10 * 60_000;
/** A clear in flight is checked again after this time, in case the object died meanwhile. */
const IN_FLIGHT_MS = 60_000;

export class ProfileClears {
  readonly #home: ClearsHome;
  /** Places whose clear is in flight or in the queue. */
  readonly #pending = new Set<string>();

  constructor(home: ClearsHome) {
    this.#home = home;
  }

  /** Does what is due. Synchronous, and cheap when nothing is due, since it runs after every event of the charger. */
  tend(): void {
    const { memory } = this.#home;
    if (memory.slots.length === 0) return;
    const registration = this.#home.registration();
    // The sessions of a removed charger are not followed any more, so its profiles are cleared.
    if (registration?.isRegistered) this.#forgetEnded();
    const now = Date.now();
    for (const slot of memory.slots) {
      const { active } = slot;
      if (active !== undefined && !isPaired(registration, active.provider)) this.#demand(slot, 'unpaired');
      else this.#releaseIfGone(slot, now);
    }
    for (const { key, clear } of memory.slots) {
      if (clear !== undefined && clear.dueAt <= now && !this.#pending.has(key)) this.#start(key);
    }
  }

  /** When `tend` has something to do next, in ms since the epoch. */
  get nextDueAt(): number | undefined {
    const now = Date.now();
    const due = this.#home.memory.slots.flatMap((slot) => {
      if (slot.clear !== undefined) return [this.#pending.has(slot.key) ? now + IN_FLIGHT_MS : slot.clear.dueAt];
      const check = this.#checkRelease(slot, now);
      if ('why' in check) return [now];
      return check.at === undefined ? [] : [check.at];
    });
    return due.length === 0 ? undefined : Math.min(...due);
  }

  /** Clears what providers set, on one EVSE (0: for the whole station) or everywhere; gives in how many places. */
  clear(evseId: number | undefined, requestId: string): number {
    const isMeant = (slot: ProfileSlot) => evseId === undefined || slot.evseId === evseId;
    const places = this.#home.memory.slots.filter((slot) => slot.active !== undefined && isMeant(slot));
    for (const slot of places) this.#demand(slot, 'operator', requestId);
    this.tend();
    return places.length;
  }

  #demand(slot: ProfileSlot, why: ClearReason, requestId?: string): void {
    if (slot.clear !== undefined) return;
    const now = Date.now();
    const asked = requestId === undefined ? {} : { requestId };
    this.#home.memory.put({ ...slot, clear: { why, since: now, attempts: 0, dueAt: now, ...asked } });
  }

  /** When a session ended, its profiles are gone with it. */
  #forgetEnded(): void {
    const { book, memory } = this.#home;
    const running = new Set(book().running.map(({ ref }) => ref.transactionId.ocpp201));
    const ended = memory.slots.filter(
      ({ transactionId }) => transactionId !== undefined && !running.has(transactionId),
    );
    memory.drop(ended.map(({ key }) => key));
    for (const slot of ended) if (slot.clear !== undefined) this.#note(slot, 'session-ended');
  }

  #releaseIfGone(slot: ProfileSlot, now: number): void {
    const check = this.#checkRelease(slot, now);
    if ('why' in check) this.#release(slot, check.why);
  }

  #checkRelease(slot: ProfileSlot, now: number): ReleaseCheck {
    const afterMs = this.#home.releaseAfterMs();
    if (afterMs === undefined || slot.active === undefined) return { at: undefined };
    return checkRelease(slot, { now, afterMs, goneSince: this.#home.goneSince(slot.active.provider) });
  }

  #release(slot: ProfileSlot, why: ClearReason): void {
    const about = { 'scsp.provider': slot.active?.provider, 'scsp.reason': why, 'scsp.evse_id': slot.evseId };
    this.#home.log('warn', 'profile.released', about);
    this.#demand(slot, why);
  }

  #start(key: string): void {
    this.#pending.add(key);
    const job = { targets: [], run: () => this.#clear(key), overtaken: undefined };
    this.#home.aside(this.#home.queue.add(job).finally(() => this.#pending.delete(key)));
  }

  /** One attempt. Afterwards the slot is looked up again: its session may have ended, or its profile been replaced. */
  async #clear(key: string): Promise<void> {
    const { memory, commander, registration } = this.#home;
    const [slot, station, channel] = [memory.find(key), registration(), commander.channel];
    if (slot?.clear === undefined || station === undefined) return;
    if (channel === undefined) return this.#repeat(key, OFF_WAIT_MS);
    const { charger, isRegistered } = station;
    const payload = PROFILE_MESSAGES[charger.protocol].writeClear(filterOf(slot));
    const requestId = crypto.randomUUID();
    const { record, token } = await commander.send(channel, {
      charger,
      action: 'ClearChargingProfile',
      payload,
      requestId,
    });
    const isAnswered = record.outcome.kind === 'answered';
    const isOld = Date.now() - slot.clear.since > OLD_MS;
    if (isAnswered || (isOld && !isRegistered)) {
      memory.drop([key]);
      return this.#note(slot, isAnswered ? 'answered' : 'given-up', record);
    }
    const waitMs = backoffMs(slot.clear.attempts + 1, Math.random(), isOld ? OLD_WAIT_MS : 0, LONGEST_WAIT_MS);
    this.#repeat(key, waitMs, token);
    this.#note(slot, 'to-be-repeated', record);
  }

  /** `token`: the answer to the attempt may still come. */
  #repeat(key: string, waitMs: number, token?: string): void {
    const slot = this.#home.memory.find(key);
    if (slot?.clear === undefined) return;
    const now = Date.now();
    const dueAt = now + waitMs;
    const unanswered = token === undefined ? {} : { unanswered: { token, isClear: true, until: now + LATE_ANSWER_MS } };
    const clear = { ...slot.clear, attempts: slot.clear.attempts + 1, dueAt };
    this.#home.memory.put({ ...slot, clear, ...unanswered });
    this.#home.wake(dueAt);
  }

  /** The answer to an attempt that came too late. */
  answered(slot: ProfileSlot): void {
    this.#home.memory.drop([slot.key]);
    this.#note(slot, 'answered');
  }

  #note(slot: ProfileSlot, outcome: string, command?: CommandRecord): void {
    const { active, last, evseId, transactionId, clear } = slot;
    const provider = active?.provider ?? last.provider;
    const commands = command === undefined ? [] : [command];
    const entry = { provider, evseId, transactionId, why: clear?.why, outcome, commands };
    const facts = outcome === 'answered' ? releasesIn(slot) : [];
    this.#home.note({ kind: 'charging-profile-cleared', ...entry }, clear?.requestId ?? crypto.randomUUID(), facts);
  }
}

/** What the CSMS is told when the profile of a provider that is gone is cleared, or an operator cleared it. */
function releasesIn({ clear, active, last, evseId, transactionId }: ProfileSlot): readonly ChargerFact[] {
  if (clear === undefined || clear.why === 'unpaired') return [];
  const provider = active?.provider ?? last.provider;
  return [{ type: 'profile.released', data: { provider, evseId, ...defined({ transactionId }), reason: clear.why } }];
}
