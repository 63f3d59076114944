/** Sets one profile at the charger, and remembers what is active there then. Clears first where the CSMS wants it. */
import type { Charger } from '../../charging/charger.ts';
import type { ProfileFilter } from '../../charging/charging-profile.ts';
import { curtailedSince } from '../../charging/limit.ts';
import type { CommandChannel } from '../../csms/command.ts';
import { defined } from '../../defined.ts';
import { PROFILE_MESSAGES } from '../../ocpp/profile-messages.ts';
import type { Commander, CommandRecord } from './command-sending.ts';
import {
  emptied,
  inForceOf,
  LATE_ANSWER_MS,
  type ActiveProfile,
  type ProfileMemory,
  type ProfileSlot,
} from './profile-memory.ts';
import { isUncertain, outcomeOfCommand, wordOf, type ProfileOrder, type ProfileOutcome } from './profile-outcome.ts';
import type { ProfilePlace } from './profile-place.ts';
import type { PreparedProfile } from './profile-request.ts';

/** Where and by whom a profile is set. It was requested at `requestedAt` (ms). */
export type ApplyContext = {
  readonly commander: Commander;
  readonly channel: CommandChannel;
  readonly charger: Charger;
  readonly memory: ProfileMemory;
  readonly order: ProfileOrder;
  readonly requestedAt: number;
  readonly notes: readonly string[];
};

/** The outcome, and the commands that were sent, in order. */
export type Applied = { readonly outcome: ProfileOutcome; readonly commands: readonly CommandRecord[] };

type Attempted = ProfileOutcome | 'occupied' | 'free';

/**
 * One SetChargingProfile, with the clears it needs. What the charger rejects is tried in the other forms that there are,
 * and what it took then is remembered. Never throws for anything a charger or CSMS may do.
 */
export async function applyProfile(context: ApplyContext, prepared: PreparedProfile): Promise<Applied> {
  const { memory, charger } = context;
  let applied = await applyOnce(context, prepared);
  for (const alternative of prepared.alternatives) {
    const { outcome, commands } = applied;
    if (outcome.kind !== 'answered' || outcome.verdict.status !== 'Rejected') break;
    const next = await applyOnce(context, { ...prepared, ...alternative });
    applied = { ...next, commands: [...commands, ...next.commands] };
    const isTaken = next.outcome.kind === 'answered' && next.outcome.verdict.status === 'Accepted';
    if (isTaken) memory.capability.learn(alternative.teaches, charger);
  }
  return applied;
}

async function applyOnce(context: ApplyContext, prepared: PreparedProfile): Promise<Applied> {
  const { memory, channel, charger } = context;
  const commands: CommandRecord[] = [];
  const isActive = memory.find(prepared.place.key)?.active !== undefined;
  const isKnownOccupied = isActive && channel.clearsFirst?.(charger.protocol) === true;
  let step: Attempted = isKnownOccupied ? 'occupied' : await setOnce(context, prepared, commands);
  // A CSMS may call back before it has written down that a place is free; and it may never write that.
  const ways = [
    () => clearPlace(context, prepared.place, commands),
    () => 'free' as const,
    () => detour(context, prepared, commands),
  ];
  for (const way of ways) {
    if (step !== 'occupied') break;
    step = await way();
    if (step === 'free') step = await setOnce(context, prepared, commands);
  }
  const outcome: ProfileOutcome = typeof step === 'string' ? { kind: 'failed', reason: step } : step;
  return { outcome, commands };
}

/**
 * Sets the profile one stack level higher, under its id: the CSMS moves it there, and the place is free. The charger
 * replaces it by that id with the next command.
 */
async function detour(
  { commander, channel, charger, order }: ApplyContext,
  prepared: PreparedProfile,
  commands: CommandRecord[],
): Promise<Attempted> {
  const payload = prepared.detour();
  if (payload === undefined) return 'occupied';
  const { requestId } = order;
  const { record } = await commander.send(channel, { charger, action: 'SetChargingProfile', payload, requestId });
  commands.push(record);
  const outcome = outcomeOfCommand(record.outcome, PROFILE_MESSAGES[charger.protocol].readVerdict);
  return outcome.kind === 'answered' && outcome.verdict.status === 'Accepted' ? 'free' : outcome;
}

/** 'free' when the charger answered, whether there was something to clear or not; else why nothing can be set. */
async function clearPlace(
  { commander, channel, charger, memory, order }: ApplyContext,
  place: ProfilePlace,
  commands: CommandRecord[],
): Promise<Attempted> {
  const payload = PROFILE_MESSAGES[charger.protocol].writeClear(filterOf(place));
  const { requestId } = order;
  const { record } = await commander.send(channel, { charger, action: 'ClearChargingProfile', payload, requestId });
  commands.push(record);
  if (record.outcome.kind !== 'answered') return outcomeOfCommand(record.outcome, () => undefined);
  const slot = memory.find(place.key);
  if (slot?.active !== undefined) memory.put(emptied(slot));
  return 'free';
}

async function setOnce(
  context: ApplyContext,
  prepared: PreparedProfile,
  commands: CommandRecord[],
): Promise<Attempted> {
  const { commander, channel, charger, memory, order } = context;
  const { place, payload } = prepared;
  const before = memory.find(place.key);
  const { requestId } = order;
  const sent = commander.send(channel, { charger, action: 'SetChargingProfile', payload, requestId });
  // This is written after the request has left, so the command waits for no disk. If this object dies before the answer
  // comes, the profile is remembered as unconfirmed, and is cleared later.
  if (before?.active?.provider !== order.provider)
    memory.put(slotWith(context, prepared, 'sent', { isConfirmed: false }));
  const { record, token } = await sent;
  commands.push(record);
  const isOccupied = record.outcome.kind === 'occupied';
  const outcome = outcomeOfCommand(record.outcome, PROFILE_MESSAGES[charger.protocol].readVerdict);
  remember(context, prepared, { outcome, before, token });
  return isOccupied ? 'occupied' : outcome;
}

/** How a command ended, and what was in its place before it. `token`: its answer may still come. */
type Attempt = {
  readonly outcome: ProfileOutcome;
  readonly before: ProfileSlot | undefined;
  readonly token: string | undefined;
};

/** A profile that was accepted, or may have been, is active from now on. Any other leaves the one before active. */
function remember(context: ApplyContext, prepared: PreparedProfile, { outcome, before, token }: Attempt): void {
  const { memory } = context;
  const { place } = prepared;
  const status = wordOf(outcome);
  const isConfirmed = outcome.kind === 'answered' && outcome.verdict.status === 'Accepted';
  if (isConfirmed || isUncertain(outcome)) {
    const since = curtailedBefore(before, context.requestedAt);
    const state = { isConfirmed, ...(since !== undefined && { curtailedSince: since }) };
    const until = Date.now() + LATE_ANSWER_MS;
    const unanswered = token && { token, isClear: false, until, ...defined({ before: before?.active }) };
    memory.put({ ...slotWith(context, prepared, status, state), ...(unanswered && { unanswered }) });
    if (isConfirmed) memory.drop(replacedBy(place, memory));
  } else if (before?.active !== undefined || place.transactionId !== undefined) {
    memory.put({ ...before, ...slotWith(context, prepared, status) });
  } else memory.drop([place.key]);
}

/** The other places of the profile that the charger has just replaced, by its id. */
function replacedBy({ key, profileId }: ProfilePlace, { slots }: ProfileMemory): string[] {
  return slots.filter((slot) => slot.profileId === profileId && slot.key !== key).map((slot) => slot.key);
}

/** Since when the profile that is being replaced has curtailed the car. */
function curtailedBefore(before: ProfileSlot | undefined, now: number): number | undefined {
  const inForce = before && inForceOf(before);
  return inForce && curtailedSince(inForce, now, before.active?.curtailedSince);
}

/** The place after a request of this status. With `state`, the requested profile is active there. */
function slotWith(
  { order, requestedAt, notes, memory }: ApplyContext,
  { place, isConverted, restAt }: PreparedProfile,
  status: string,
  state?: Pick<ActiveProfile, 'isConfirmed' | 'curtailedSince'>,
): ProfileSlot {
  const { provider, request } = order;
  const last = { provider, requestedAt, status };
  const told = memory.find(place.key)?.isTold === true ? { isTold: true as const } : {};
  if (state === undefined) return { ...place, last, ...told };
  const form = { ...(isConverted && { isConverted: true as const }), ...(restAt !== undefined && { restAt }) };
  return {
    ...place,
    last,
    ...told,
    active: { provider, profile: request.profile, requestedAt, notes, ...form, ...state },
  };
}

/** Matches whichever profile is in the place, under any id (OCPP 1.6 §5.16.4, OCPP 2.0.1 K10). */
export function filterOf({ evseId, purpose, stackLevel }: ProfilePlace): ProfileFilter {
  return { evseId, purpose, stackLevel };
}
