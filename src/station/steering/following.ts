/** Whether a car draws what its profile allows: accepted is not applied. And how many phases it uses. Pure. */
import type { Charger } from '../../charging/charger.ts';
import { evseOf } from '../../charging/charger.ts';
import { limitAt } from '../../charging/limit.ts';
import type { MeterValue } from '../../charging/meter.ts';
import { supplyOf } from '../../charging/supply.ts';
import type { RunningSession } from '../../sessions/book.ts';
import { inForceOf, type ActiveProfile, type ProfileSlot } from './profile-memory.ts';

/** A charger has so long to follow a profile. */
const SETTLED_MS = 60_000;
/** So much above the limit is the meter's, or the charger's, imprecision. */
const SLACK = 1.1;
const SLACK_W = 300;
/** So many readings in a row above the limit show that the profile is not followed. */
const READINGS = 3;
/** A phase is in use from this current on (A). */
const IN_USE_A = 1;

/**
 * The active profile after the newest power reading of its session; the same object when there is nothing new. `no`
 * once three readings in a row were above the limit.
 */
export function followedAfter(slot: ProfileSlot, session: RunningSession, charger: Charger): ActiveProfile | undefined {
  const { active } = slot;
  const inForce = inForceOf(slot);
  const power = session.lastPower;
  if (active === undefined || inForce === undefined || power === undefined || !active.isConfirmed) return active;
  const at = Date.parse(power.at);
  if (at < active.requestedAt + SETTLED_MS || (active.over && at <= Date.parse(active.over.at))) return active;
  // A limit that has just begun has its minute too.
  const limits = [limitAt(inForce, at), limitAt(inForce, at - SETTLED_MS)].filter((limit) => limit !== undefined);
  if (limits.length === 0) return active;
  const limitW = Math.max(...limits.map((limit) => inWatts(limit, inForce.schedule.rateUnit, slot.evseId, charger)));
  const { over: _, ...rest } = active;
  if (power.powerW <= limitW * SLACK + SLACK_W) {
    return active.over === undefined && active.followed === 'yes' ? active : { ...rest, followed: 'yes' };
  }
  const count = (active.over?.count ?? 0) + 1;
  if (count < READINGS) return { ...active, over: { count, at: power.at } };
  return active.followed === 'no' ? active : { ...rest, followed: 'no' };
}

/** The most that a limit can mean: a current counts for all the phases there may be. */
function inWatts(limit: number, unit: 'W' | 'A', evseId: number, charger: Charger): number {
  if (unit === 'W') return limit;
  const supplies = (evseOf(charger, evseId)?.connectors ?? []).map(supplyOf);
  const most = supplies.map(
    (supply) => limit * (supply.voltageV ?? Infinity) * (supply.kind === 'AC' ? supply.phases : 1),
  );
  return most.length === 0 ? limit * 3 * 230 : Math.max(...most);
}

/** How many phases carry a current in the newest reading that says currents by phase; undefined without one. */
export function phasesIn(
  meterValues: readonly MeterValue[],
): { readonly phases: number; readonly at: string } | undefined {
  for (const { at, samples } of meterValues.toReversed()) {
    const currents = samples.filter(
      ({ measurand, phase }) => measurand === 'Current.Import' && /^L[123](?:-N)?$/.test(phase ?? ''),
    );
    const inUse = currents.filter(({ value }) => value !== undefined && value > IN_USE_A).length;
    if (currents.length > 0 && inUse > 0) return { phases: inUse, at };
  }
  return undefined;
}
