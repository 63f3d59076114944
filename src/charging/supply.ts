/**
 * Power and current at a connector, each turned into the other so that never more is allowed than was asked. Pure.
 * In OCPP a limit in W is the total of all phases, and a limit in A holds for each phase.
 */
import { LINE_TO_LINE_FROM_V, PHASES, type Connector } from './charger.ts';
import { cutToOneDecimal } from './quantity.ts';

/**
 * How a connector is supplied. `voltageV` is between a phase and neutral; for DC it is the highest, and may be unknown.
 */
export type Supply =
  | { readonly kind: 'AC'; readonly voltageV: number; readonly phases: number }
  | { readonly kind: 'DC'; readonly voltageV: number | undefined };

/** The voltage of a connector that declares none. */
const NOMINAL_V = 230;
/** A connector that declares no power type may have three phases: counting fewer could allow more than was asked. */
const MOST_PHASES = 3;

/** How a connector is supplied. A three-phase voltage from 380 V on is between two phases. */
export function supplyOf({ powerType, maxVoltage }: Connector): Supply {
  if (powerType === 'DC') return { kind: 'DC', voltageV: maxVoltage };
  const phases = powerType === undefined ? MOST_PHASES : PHASES[powerType];
  const voltageV = maxVoltage ?? NOMINAL_V;
  const isLineToLine = phases === MOST_PHASES && voltageV >= LINE_TO_LINE_FROM_V;
  return { kind: 'AC', voltageV: isLineToLine ? voltageV / Math.sqrt(3) : voltageV, phases };
}

/**
 * How many phases the limit is for: those that the car is known to use, or that the profile names, if the connector has
 * so many.
 */
export function phasesAt(supply: Supply, known: number): number {
  return supply.kind === 'DC' ? 1 : Math.min(supply.phases, known);
}

/** The current in A for each of `phases` that makes at most `powerW`; undefined where the voltage is unknown. */
export function amperesFor(powerW: number, { voltageV }: Supply, phases: number): number | undefined {
  if (voltageV === undefined) return undefined;
  return largestTenth(powerW / (voltageV * phases), (amperes) => amperes * voltageV * phases, powerW);
}

/** The power in W that `amperes` on each of `phases` makes; undefined for DC, whose voltage is the car's. */
export function wattsFor(amperes: number, supply: Supply, phases: number): number | undefined {
  if (supply.kind === 'DC') return undefined;
  const { voltageV } = supply;
  return largestTenth(amperes * voltageV * phases, (watts) => watts / (voltageV * phases), amperes);
}

/** Division leaves noise in the last digits: a tenth that is exact but for this much is not cut to the one below it. */
const NOISE = 1e-9;

/** The tenth nearest to `exact`, or the next one towards zero when it would come `back` as more than was `asked`. */
function largestTenth(exact: number, back: (tenth: number) => number, asked: number): number {
  const nearest = Math.round(exact * 10) / 10;
  const isWithin = Math.abs(back(nearest)) <= Math.abs(asked) * (1 + NOISE);
  return isWithin ? nearest + 0 : cutToOneDecimal(exact);
}
