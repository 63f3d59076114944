/** Which profiles are active at a charger, as far as we know, and which must be cleared. One row of JSON. */
import type { ChargingProfile } from '../../charging/charging-profile.ts';
import type { ProfileInForce } from '../../charging/limit.ts';
import { defined } from '../../defined.ts';
import { CapabilityMemory } from './capability-memory.ts';
import { wordOf, type ProfileOutcome } from './profile-outcome.ts';
import type { ProfilePlace } from './profile-place.ts';

/** A profile that the charger carries out; not confirmed when its answer never came. Times in ms since the epoch. */
export type ActiveProfile = {
  readonly provider: string;
  readonly profile: ChargingProfile;
  readonly requestedAt: number;
  readonly isConfirmed: boolean;
  readonly notes: readonly string[];
  /** The charger was sent other figures than were asked: another unit, or less. */
  readonly isConverted?: true;
  /** When it is sent anew: the rest of a plan that the charger could not hold, or all of it after a boot (ms). */
  readonly restAt?: number;
  /** What the meter says of it since a minute after it was accepted; absent while nothing was read. */
  readonly followed?: 'yes' | 'no';
  /** How many readings in a row were above the limit, and when the last of them was taken (RFC 3339). */
  readonly over?: { readonly count: number; readonly at: string };
  /** Since when this profile and those before it have curtailed the car without a break. */
  readonly curtailedSince?: number;
};

/** Why an active profile must be cleared. */
export type ClearReason = 'unpaired' | 'provider-gone' | 'provider-silent' | 'operator';

/** A profile that is being cleared. The clear is repeated until the charger answers. */
export type PendingClear = {
  readonly why: ClearReason;
  readonly since: number;
  readonly attempts: number;
  readonly dueAt: number;
  /** Of the request that asked for it, when somebody did. */
  readonly requestId?: string;
};

/**
 * The newest command for a place, when the charger did not answer in time. Until `until` (ms) the answer is taken under
 * this token. `before`: the profile that the charger still holds if it says no.
 */
export type UnansweredCommand = {
  readonly token: string;
  readonly isClear: boolean;
  readonly until: number;
  readonly before?: ActiveProfile;
};

/** For so long (ms) the answer to a command is taken that came too late for whoever asked. */
export const LATE_ANSWER_MS = 10 * 60_000;

/** A place and the profile in it. `last` is the newest request, whatever its outcome. */
export type ProfileSlot = ProfilePlace & {
  readonly active?: ActiveProfile;
  readonly last: { readonly provider: string; readonly requestedAt: number; readonly status: string };
  readonly clear?: PendingClear;
  readonly unanswered?: UnansweredCommand;
  /** It was told once that the session draws more than it may. */
  readonly isTold?: true;
};

/** The place without its profile. */
export function emptied(slot: ProfileSlot): ProfileSlot {
  const { active: _, clear: __, ...rest } = slot;
  return rest;
}

const FACT = 'profiles';
/** The platform stores rows of up to 2 MB. The oldest profiles beyond are dropped; no charger has so many. */
const MAX_LENGTH = 1_000_000;

export class ProfileMemory {
  readonly #sql: SqlStorage;
  readonly #slots: Map<string, ProfileSlot>;
  /** What was learned of the charger. */
  readonly capability: CapabilityMemory;

  /** `isCreated`: the station's tables exist. */
  constructor(sql: SqlStorage, isCreated: boolean) {
    this.#sql = sql;
    this.capability = new CapabilityMemory(sql);
    const [row] = isCreated ? sql.exec<{ value: string }>('SELECT value FROM facts WHERE name = ?', FACT) : [];
    const slots = row === undefined ? [] : (JSON.parse(row.value) as StoredSlot[]);
    this.#slots = new Map(slots.map((slot) => [slot.key, slotOf(slot)]));
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
    let value = this.#stored();
    while (value.length > MAX_LENGTH && this.#slots.size > 1) {
      const [oldest] = this.slots.toSorted((a, b) => a.last.requestedAt - b.last.requestedAt);
      this.#slots.delete(oldest?.key ?? '');
      value = this.#stored();
    }
    this.#sql.exec('INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)', FACT, value);
  }

  #stored(): string {
    return JSON.stringify(this.slots.map(storedOf));
  }
}

/** The names in storage are those of the first release. */
type StoredSlot = Omit<ProfileSlot, 'active'> & {
  readonly held?: Omit<ActiveProfile, 'curtailedSince'> & { readonly heldDownSince?: number };
};

function slotOf({ held, ...slot }: StoredSlot): ProfileSlot {
  if (held === undefined) return slot;
  const { heldDownSince: curtailedSince, ...profile } = held;
  return { ...slot, active: { ...profile, ...(curtailedSince !== undefined && { curtailedSince }) } };
}

function storedOf({ active, ...slot }: ProfileSlot): StoredSlot {
  if (active === undefined) return slot;
  const { curtailedSince: heldDownSince, ...profile } = active;
  return { ...slot, held: { ...profile, ...(heldDownSince !== undefined && { heldDownSince }) } };
}

/** The limits of a place's active profile; undefined without one. Of several schedules, the first counts. */
export function inForceOf({ active, sessionStartedAt }: ProfileSlot): ProfileInForce | undefined {
  const schedule = active?.profile.schedules[0];
  if (active === undefined || schedule === undefined) return undefined;
  return {
    profile: active.profile,
    schedule,
    setAt: active.requestedAt,
    ...(sessionStartedAt !== undefined && { sessionStartedAt: Date.parse(sessionStartedAt) }),
  };
}

/** A place after the charger's late answer to the newest command for it. */
export function slotAfterAnswer({ unanswered, ...slot }: ProfileSlot, outcome: ProfileOutcome): ProfileSlot {
  const { active, ...rest } = slot;
  const last = { ...slot.last, status: wordOf(outcome) };
  const isAccepted = outcome.kind === 'answered' && outcome.verdict.status === 'Accepted';
  const held = isAccepted && active ? { ...active, isConfirmed: true } : unanswered?.before;
  return { ...rest, last, ...defined({ active: held }) };
}
