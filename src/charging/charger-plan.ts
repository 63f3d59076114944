/** What a charger is sent for a provider's profile: in the unit that it takes, within what it can hold. Pure. */
import type { ChargingProfile } from './charging-profile.ts';
import type { RateUnit } from './charger.ts';
import { hasLimitsBelowMinimum, inUnit, withLimitsOf, type Surroundings } from './plan-unit.ts';
import { merged, withinPeriods, type Moment } from './plan-periods.ts';

/** What a charger takes at one place, as far as is known; an absent field is not known, and sets no bound. */
export type Capability = Surroundings & {
  readonly rateUnit?: RateUnit | undefined;
  readonly maxPeriods?: number | undefined;
};

/**
 * The profile for the charger. `notes` say, for people, what is otherwise than asked. `restAt` (ms): when it is to be
 * sent anew.
 */
export type ChargerPlan = {
  readonly profile: ChargingProfile;
  readonly notes: readonly string[];
  readonly restAt?: number;
  readonly isBelowMinimum: boolean;
};

/** Fits a profile to a charger. What cannot be converted is left in its unit, and noted. */
export function planFor(asked: ChargingProfile, capability: Capability, moment: Moment): ChargerPlan {
  const { rateUnit, maxPeriods } = capability;
  const notes: string[] = [];
  const schedules = asked.schedules.map((schedule) => {
    const unit = rateUnit === undefined || rateUnit === 'any' ? schedule.rateUnit : rateUnit;
    const converted = inUnit(schedule, unit, capability);
    if (converted === undefined) notes.push(`the limits in ${schedule.rateUnit} cannot be said in ${unit}: no voltage`);
    else if (unit !== schedule.rateUnit) notes.push(`the limits in ${schedule.rateUnit} were sent in ${unit}`);
    return converted ?? schedule;
  });
  const isBelowMinimum = schedules.some((schedule) => hasLimitsBelowMinimum(schedule, capability));
  if (isBelowMinimum) notes.push(`no car can charge at some of the limits: sent ${WORDS[capability.belowMinimum]}`);
  const ready = schedules.map((schedule) => merged(withLimitsOf(schedule, capability)));
  const whole = { ...asked, schedules: ready };
  if (maxPeriods === undefined) return { profile: whole, notes, isBelowMinimum };
  const fitted = withinPeriods(whole, maxPeriods, moment);
  if (fitted.profile !== whole) notes.push(`the charger takes ${maxPeriods} periods: the rest is sent later`);
  return { ...fitted, notes, isBelowMinimum };
}

const WORDS = { 'as-asked': 'as asked', zero: 'as 0', minimum: 'as the least that a car charges at' } as const;
