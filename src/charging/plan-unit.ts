/**
 * A schedule in the unit that a charger takes: never more than was asked, but for limits that a setting raises. Pure.
 */
import { isBelowMinimum, raisedOrZero, type BelowMinimum } from './below-minimum.ts';
import type { ChargingSchedule, SchedulePeriod } from './charging-profile.ts';
import { cutToOneDecimal } from './quantity.ts';
import { amperesFor, phasesAt, wattsFor, type Supply } from './supply.ts';

/** What the conversion knows of the place. `supplies` are those of the connectors that the schedule may meet. */
export type Surroundings = {
  readonly supplies: readonly Supply[];
  /** How many phases the car uses, once that was measured. */
  readonly phases?: number | undefined;
  /** The least current in A at which a car charges; undefined where none is too low (DC). */
  readonly minAmperage?: number | undefined;
  readonly belowMinimum: BelowMinimum;
};

type Unit = ChargingSchedule['rateUnit'];

/** OCPP's meaning of a period without `numberPhases`. */
const ALL_PHASES = 3;

/**
 * The schedule in `unit`; undefined when it cannot be converted, because the voltage is unknown. A total in W is shared
 * by all the phases there may be. A current per phase is counted for one phase, until more were measured.
 */
export function inUnit(schedule: ChargingSchedule, unit: Unit, around: Surroundings): ChargingSchedule | undefined {
  if (schedule.rateUnit === unit) return schedule;
  const { minChargingRate, ...rest } = schedule;
  const periods = schedule.periods.map((period) => converted(period, unit, around));
  if (!periods.every((period) => period !== undefined)) return undefined;
  const least =
    minChargingRate === undefined ? undefined : converted({ startS: 0, limit: minChargingRate }, unit, around);
  return { ...rest, rateUnit: unit, ...(least !== undefined && { minChargingRate: least.limit }), periods };
}

function converted(period: SchedulePeriod, unit: Unit, around: Surroundings): SchedulePeriod | undefined {
  const each = around.supplies.map((supply) => at(supply, period, unit, around.phases));
  if (!each.every((one) => one !== undefined)) return undefined;
  const [least] = each.toSorted((a, b) => Math.abs(a.limit) - Math.abs(b.limit));
  // A limit that was counted for one phase at one connector must not be used on three at another.
  const phases = each.flatMap(({ numberPhases }) => numberPhases ?? []);
  return least && phases.length > 0 ? { ...least, numberPhases: Math.min(...phases) } : least;
}

/**
 * The period at one connector. In A it says for how many phases it was counted, so that a car on more of them draws no
 * more.
 */
function at(supply: Supply, period: SchedulePeriod, unit: Unit, measured?: number): SchedulePeriod | undefined {
  const { limit, numberPhases = ALL_PHASES } = period;
  if (unit === 'W') {
    const watts = wattsFor(limit, supply, phasesAt(supply, Math.min(numberPhases, measured ?? 1)));
    return watts === undefined ? undefined : { ...period, limit: watts };
  }
  const phases = phasesAt(supply, Math.min(numberPhases, measured ?? ALL_PHASES));
  const amperes = amperesFor(limit, supply, phases);
  if (amperes === undefined) return undefined;
  const isSaid = supply.kind === 'AC' && phases < ALL_PHASES;
  return { ...period, limit: amperes, ...(isSaid && { numberPhases: phases }) };
}

/**
 * The schedule with its limits cut to the one decimal of OCPP, and those that no car can charge at as the setting wants
 * them.
 */
export function withLimitsOf(schedule: ChargingSchedule, around: Surroundings): ChargingSchedule {
  const periods = schedule.periods.map((period) => {
    const limit = cutToOneDecimal(period.limit);
    const minimum = minimumOf(period, schedule.rateUnit, around);
    return { ...period, limit: minimum === undefined ? limit : raisedOrZero(limit, minimum, around.belowMinimum) };
  });
  return { ...schedule, periods };
}

/** Whether the schedule has limits above 0 at which no car can charge. */
export function hasLimitsBelowMinimum({ periods, rateUnit }: ChargingSchedule, around: Surroundings): boolean {
  return periods.some((period) => isBelowMinimum(period.limit, minimumOf(period, rateUnit, around) ?? 0));
}

/** The least limit at which some car can charge, in the unit of the schedule. */
function minimumOf(
  { numberPhases = ALL_PHASES }: SchedulePeriod,
  unit: Unit,
  { supplies, phases: measured = 1, minAmperage }: Surroundings,
): number | undefined {
  if (minAmperage === undefined || unit === 'A') return minAmperage;
  const known = supplies.flatMap((supply) =>
    supply.voltageV === undefined
      ? []
      : [minAmperage * supply.voltageV * phasesAt(supply, Math.min(numberPhases, measured))],
  );
  return known.length === 0 ? undefined : Math.min(...known);
}
