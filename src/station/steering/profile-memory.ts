/** Which profiles a charger holds as far as is known, by whom, and which of them must go. One row of JSON; decides nothing. */
import type { ChargingProfile } from '../../charging/charging-profile.ts';
import type { ProfileInForce } from '../../charging/limit.ts';
import type { ProfilePlace } from './profile-place.ts';

/** A profile that the charger carries out; not confirmed when its answer never came. Times in ms since the epoch. */
export type HeldProfile = {
  readonly provider: string;
  readonly profile: ChargingProfile;
  readonly requestedAt: number;
  readonly isConfirmed: boolean;
  readonly notes: readonly string[];
  /** Since when this and the profiles before it have held the car down to a trickle without a break. */
  readonly heldDownSince?: number;
};

/** Why a held profile must go. */
export type ClearReason = 'unpaired' | 'provider-silent' | 'provider-breaker-open';

/** A profile that is being cleared, again and again until the charger answers. */
export type PendingClear = {
  readonly why: ClearReason;
  readonly since: number;
  readonly attempts: number;
  readonly dueAt: number;
};

/** One place with what is in it. `last` is the newest request, whatever became of it. */
export type ProfileSlot = ProfilePlace & {
  readonly held?: HeldProfile;
  readonly last: { readonly provider: string; readonly requestedAt: number; readonly status: string };
  readonly clear?: PendingClear;
};

const FACT = 'profiles';
/** The platform stores rows of up to 2 MB; what is older than what fits is forgotten. No charger holds nearly as much. */
const MAX_LENGTH = 1_000_000;

export class ProfileMemory {
  readonly #sql: SqlStorage;
  readonly #slots: Map<string, ProfileSlot>;

  /** `isCreated` tells whether the station's tables are there. */
  constructor(sql: SqlStorage, isCreated: boolean) {
    this.#sql = sql;
    const [row] = isCreated ? sql.exec<{ value: string }>('SELECT value FROM facts WHERE name = ?', FACT) : [];
    const slots = row === undefined ? [] : (JSON.parse(row.value) as ProfileSlot[]);
    this.#slots = new Map(slots.map((slot) => [slot.key, slot]));
  }

  get slots(): readonly ProfileSlot[] {
    return [...this.#slots.values()];
  }

  find(key: string): ProfileSlot | undefined {
    return this.#slots.get(key);
  }

  /** One row written. */
  put(slot: ProfileSlot): void {
    this.#slots.set(slot.key, slot);
    this.#save();
  }

  /** One row written, if there was anything. */
  drop(keys: readonly string[]): void {
    const dropped = keys.filter((key) => this.#slots.delete(key));
    if (dropped.length > 0) this.#save();
  }

  #save(): void {
    let value = JSON.stringify(this.slots);
    while (value.length > MAX_LENGTH && this.#slots.size > 1) {
      const [oldest] = this.slots.toSorted((a, b) => a.last.requestedAt - b.last.requestedAt);
      this.#slots.delete(oldest?.key ?? '');
      value = JSON.stringify(this.slots);
    }
    this.#sql.exec('INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)', FACT, value);
  }
}

/** What a slot's profile says of limits; undefined when nothing is held. Of several schedules the first counts. */
export function inForceOf({ held, sessionStartedAt }: ProfileSlot): ProfileInForce | undefined {
  const schedule = held?.profile.schedules[0];
  if (held === undefined || schedule === undefined) return undefined;
  return {
    profile: held.profile,
    schedule,
    setAt: held.requestedAt,
    ...(sessionStartedAt !== undefined && { sessionStartedAt: Date.parse(sessionStartedAt) }),
  };
}
