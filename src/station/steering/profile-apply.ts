/** Sets one profile at the charger and remembers what the charger holds then. Clears first where the CSMS wants it so. */
import type { Charger } from '../../charging/charger.ts';
import type { ProfileFilter } from '../../charging/charging-profile.ts';
import { curtailedSince } from '../../charging/limit.ts';
import type { CommandChannel } from '../../csms/command.ts';
import { PROFILE_MESSAGES } from '../../ocpp/profile-messages.ts';
import type { Commander, CommandRecord } from './command-sending.ts';
import { inForceOf, type HeldProfile, type ProfileMemory, type ProfileSlot } from './profile-memory.ts';
import { isUncertain, outcomeOfCommand, wordOf, type ProfileOrder, type ProfileOutcome } from './profile-outcome.ts';
import type { ProfilePlace } from './profile-place.ts';
import type { PreparedProfile } from './profile-request.ts';

/** Where, by whom and since when (`requestedAt`, ms) a profile is to be set. */
export type ApplyContext = {
  readonly commander: Commander;
  readonly channel: CommandChannel;
  readonly charger: Charger;
  readonly memory: ProfileMemory;
  readonly order: ProfileOrder;
  readonly requestedAt: number;
  readonly notes: readonly string[];
};

/** What became of it, and the commands it took, in order. */
export type Applied = { readonly outcome: ProfileOutcome; readonly commands: readonly CommandRecord[] };

type Attempted = ProfileOutcome | 'occupied' | 'free';

/** One SetChargingProfile, with the clears it needs. Never throws for what a charger or CSMS may do. */
export async function applyProfile(context: ApplyContext, prepared: PreparedProfile): Promise<Applied> {
  const { memory, channel, charger } = context;
  const commands: CommandRecord[] = [];
  const isHeld = memory.find(prepared.place.key)?.held !== undefined;
  let step: Attempted = isHeld && channel.clearsFirst?.(charger.protocol) ? 'occupied' : 'free';
  for (let tries = 0; tries < 2 && typeof step === 'string'; tries += 1) {
    if (step === 'occupied') step = await clearPlace(context, prepared.place, commands);
    if (step === 'free') step = await setOnce(context, prepared, commands);
  }
  const outcome: ProfileOutcome = typeof step === 'string' ? { kind: 'failed', reason: step } : step;
  return { outcome, commands };
}

/** 'free' when the charger answered, whether there was something to clear or not; else why nothing can be set. */
async function clearPlace(
  { commander, channel, charger, memory, order }: ApplyContext,
  place: ProfilePlace,
  commands: CommandRecord[],
): Promise<Attempted> {
  const payload = PROFILE_MESSAGES[charger.protocol].writeClear(filterOf(place));
  const { requestId } = order;
  const record = await commander.send(channel, { charger, action: 'ClearChargingProfile', payload, requestId });
  commands.push(record);
  if (record.outcome.kind !== 'answered') return outcomeOfCommand(record.outcome, () => undefined);
  const slot = memory.find(place.key);
  if (slot?.held !== undefined) memory.put(emptied(slot));
  return 'free';
}

function emptied(slot: ProfileSlot): ProfileSlot {
  const { held: _, clear: __, ...rest } = slot;
  return rest;
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
  // Written after the request has left, so that it waits for no disk: should this object die before the answer comes, the
  // profile is known to be there perhaps, and is cleared when its time comes.
  if (before?.held?.provider !== order.provider) memory.put(slotWith(context, place, 'sent', { isConfirmed: false }));
  const record = await sent;
  commands.push(record);
  const isOccupied = record.outcome.kind === 'occupied';
  const outcome = outcomeOfCommand(record.outcome, PROFILE_MESSAGES[charger.protocol].readVerdict);
  remember(context, place, { outcome, before });
  return isOccupied ? 'occupied' : outcome;
}

/** A profile that was accepted, or perhaps was, is held from now on; any other leaves what was there before. */
function remember(
  context: ApplyContext,
  place: ProfilePlace,
  { outcome, before }: { readonly outcome: ProfileOutcome; readonly before: ProfileSlot | undefined },
): void {
  const { memory } = context;
  const status = wordOf(outcome);
  const isConfirmed = outcome.kind === 'answered' && outcome.verdict.status === 'Accepted';
  if (isConfirmed || isUncertain(outcome)) {
    const since = heldDownBefore(before, context.requestedAt);
    const state = { isConfirmed, ...(since !== undefined && { heldDownSince: since }) };
    memory.put(slotWith(context, place, status, state));
    if (isConfirmed) memory.drop(replacedBy(place, memory));
  } else if (before?.held !== undefined || place.transactionId !== undefined) {
    memory.put({ ...before, ...slotWith(context, place, status) });
  } else memory.drop([place.key]);
}

/** Where else the profile stood that the charger has just replaced, going by its id. */
function replacedBy({ key, profileId }: ProfilePlace, { slots }: ProfileMemory): string[] {
  return slots.filter((slot) => slot.profileId === profileId && slot.key !== key).map((slot) => slot.key);
}

/** Since when the profile that is being replaced has held the car down. */
function heldDownBefore(before: ProfileSlot | undefined, now: number): number | undefined {
  const inForce = before && inForceOf(before);
  return inForce && curtailedSince(inForce, now, before.held?.heldDownSince);
}

/** The place after a request of this status; with `state` it holds the requested profile. */
function slotWith(
  { order, requestedAt, notes }: ApplyContext,
  place: ProfilePlace,
  status: string,
  state?: Pick<HeldProfile, 'isConfirmed' | 'heldDownSince'>,
): ProfileSlot {
  const { provider, request } = order;
  const last = { provider, requestedAt, status };
  if (state === undefined) return { ...place, last };
  return { ...place, last, held: { provider, profile: request.profile, requestedAt, notes, ...state } };
}

/** Clears whatever the place holds, under whichever profile id (OCPP 1.6 §5.16.4, OCPP 2.0.1 K10). */
export function filterOf({ evseId, purpose, stackLevel }: ProfilePlace): ProfileFilter {
  return { evseId, purpose, stackLevel };
}
