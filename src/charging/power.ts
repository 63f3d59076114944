/** How much power a car draws, as its meter says. Pure. Never computed from energy or current. */
import type { MeterValue, SampledValue } from './meter.ts';

/** Power in W at an instant (RFC 3339). */
export type PowerReading = { readonly at: string; readonly powerW: number };

const W_PER_UNIT: Readonly<Record<string, number>> = { W: 1, kW: 1000, MW: 1_000_000 };
const PHASE = /^L[123](-N)?$/;

/** The newest active power: the total if there is one, else the sum of the phases; undefined when no sample has it. */
export function powerOf(meterValues: readonly MeterValue[]): PowerReading | undefined {
  return meterValues
    .flatMap(({ at, samples }) => {
      const powerW = totalOf(samples.filter(({ measurand }) => measurand === 'Power.Active.Import'));
      return powerW === undefined ? [] : [{ at, powerW }];
    })
    .at(-1);
}

function totalOf(samples: readonly SampledValue[]): number | undefined {
  const total = samples.find(({ phase }) => phase === undefined);
  if (total !== undefined) return wattsOf(total);
  const phases = samples.filter(({ phase = '' }) => PHASE.test(phase)).map(wattsOf);
  const known = phases.filter((power) => power !== undefined);
  if (known.length === 0 || known.length < phases.length) return undefined;
  return rounded(known.reduce((sum, power) => sum + power, 0));
}

/** An absent unit means W. */
function wattsOf({ value, unit = 'W', multiplier = 0 }: SampledValue): number | undefined {
  const factor = W_PER_UNIT[unit];
  const power = (value ?? Number.NaN) * (factor ?? Number.NaN) * 10 ** multiplier;
  return Number.isFinite(power) ? rounded(power) : undefined;
}

const rounded = (powerW: number) => Number(powerW.toFixed(3));
