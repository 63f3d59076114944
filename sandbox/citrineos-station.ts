/**
 * What CitrineOS believes of one station, and what the station really holds: the two differ after a power cycle, and for a
 * moment after every verdict. One call at a time is under way; the others wait, and are sent later in another order.
 */
import {
  activeAfter,
  isHeldIn,
  refusalOf,
  scheduleIdsOf,
  type ActiveProfile,
  type ProfileAction,
} from './citrineos-rules.ts';
import type { OcppVersion } from './ocpp-schema.ts';

type Command = { readonly version: OcppVersion; readonly action: ProfileAction; readonly payload: unknown };

/** Why CitrineOS does not pass a command on: in words with HTTP 200, or as an error of its database. */
export type StationRefusal = { readonly status: 200 | 500; readonly words: string };

export class CitrineosStation {
  /** What stands in CitrineOS's database. */
  active: readonly ActiveProfile[] = [];
  /** Whether the database is written only after the command that follows a verdict was judged. */
  isDatabaseLate = false;
  /** Whether the device model was reported; TxProfiles of OCPP 2.0.1 are refused before. */
  hasDeviceModel = true;
  #held: readonly ActiveProfile[] = [];
  #late: (() => void)[] = [];
  readonly #scheduleIds = new Set<number>();
  #isBusy = false;
  #timer: NodeJS.Timeout | undefined;
  #waiting: (() => void)[] = [];

  /** Why CitrineOS does not pass this command on. A schedule's id is taken for ever once it was passed on. */
  refuse(command: Command, now: Date, isScheduleUnique: boolean): StationRefusal | undefined {
    const words = this.#wordsFor(command, now);
    for (const write of this.#late.splice(0)) write();
    if (words !== undefined) return { status: 200, words };
    const ids = isScheduleUnique ? scheduleIdsOf(command) : [];
    const taken = ids.find((id) => this.#scheduleIds.has(id));
    if (taken !== undefined) return { status: 500, words: `Key (id)=(${taken}) already exists.` };
    for (const id of ids) this.#scheduleIds.add(id);
    return undefined;
  }

  /** The station's own word when it is willing: it cannot clear what it does not hold, and CitrineOS then forgets nothing. */
  take({ action, payload }: Command): 'Accepted' | 'Unknown' {
    if (action === 'ClearChargingProfile' && !isHeldIn(payload, this.#held)) return 'Unknown';
    this.#held = activeAfter(action, payload, this.#held);
    const write = () => (this.active = activeAfter(action, payload, this.active));
    if (this.isDatabaseLate) this.#late.push(write);
    else write();
    return 'Accepted';
  }

  /** The station lost its power, and every profile with it. CitrineOS is not told. */
  powerCycle(): void {
    this.#held = [];
  }

  /** CitrineOS and the station hold a profile that nobody here has set. */
  plant(profile: ActiveProfile): void {
    this.active = [...this.active, profile];
    this.#held = [...this.#held, profile];
  }

  /** Sends a command to the station now, or when the call under way is over. */
  send(work: () => void): void {
    if (this.#isBusy) this.#waiting.push(work);
    else work();
  }

  /** A call that the station does not answer: it is under way until its time is over. */
  occupy(callTimeoutMs: number): void {
    this.#isBusy = true;
    this.#timer = setTimeout(() => this.endCall(), callTimeoutMs).unref();
  }

  /** The time of the unanswered call is over: what waited is sent, the newest first. */
  endCall(): void {
    clearTimeout(this.#timer);
    this.#isBusy = false;
    const waiting = this.#waiting.toReversed();
    this.#waiting = [];
    for (const work of waiting) this.send(work);
  }

  #wordsFor(command: Command, now: Date): string | undefined {
    const isSet = command.version === '2.0.1' && command.action === 'SetChargingProfile';
    if (isSet && !this.hasDeviceModel) return 'Evse 1 not found.';
    return refusalOf(command, this.active, now);
  }
}
