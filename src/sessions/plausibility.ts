/**
 * Compares what a session's meter says of energy with what it says of power. What looks wrong is noted, and nothing is
 * put right. Pure.
 */
import type { SessionStarted } from '../charging/charge-event.ts';
import { latestRegister, type MeterValue, type Register } from '../charging/meter.ts';
import type { PowerReading } from '../charging/power.ts';

/** What looks wrong in a session, with the figures. `since` in RFC 3339. */
export type Warning = { readonly since: string } & (
  | { readonly code: 'register-decreased'; readonly fromWh: number; readonly toWh: number }
  | { readonly code: 'energy-over-maximum'; readonly energyWh: number; readonly atMostWh?: number }
  | { readonly code: 'energy-without-power'; readonly energyWh: number }
  | { readonly code: 'power-without-energy'; readonly energyWh: number; readonly expectedWh: number }
  /** The station's clock is ahead by so many seconds; behind, when negative. */
  | { readonly code: 'clock-wrong'; readonly offS: number }
  /** Its start was never heard of. */
  | { readonly code: 'events-missing' }
);

/** Every code. */
export const WARNING_CODES = [
  'register-decreased',
  'energy-over-maximum',
  'energy-without-power',
  'power-without-energy',
  'clock-wrong',
  'events-missing',
] as const satisfies readonly Warning['code'][];

/**
 * For how long the meter has said that power flows, or that none does. `baseWh` is the first register read since,
 * `expectedWh` what the power amounts to until `powerAt`.
 */
export type PowerWatch = {
  readonly isFlowing: boolean;
  readonly since: string;
  readonly powerW: number;
  readonly powerAt: string;
  readonly expectedWh: number;
  readonly baseWh?: number;
};

/** A register may be this much below the one before it: stations round them, and not all in the same way. */
export const ROUNDING_WH = 10;
/**
 * No car takes so much in one session: what lies further above its start counts something else, or counts since ever.
 */
export const MOST_WH = 1_000_000;

/** What is kept of these comparisons while the session runs. */
export type Noted = { readonly warnings?: readonly Warning[]; readonly powerWatch?: PowerWatch };

/** What is known of a session when its meter says something new. */
type Known = Noted & {
  readonly started: Pick<SessionStarted, 'meterStartWh'>;
  readonly lastRegisterWh: number;
  readonly lastRegisterAt: string;
};
/** What the meter says: readings, and the session's register and power among them. */
type Said = {
  readonly meterValues: readonly MeterValue[];
  readonly register: Register | undefined;
  readonly power: PowerReading | undefined;
};

/** A meter that needs no power itself says 0; below this, no car charges. */
const NO_POWER_W = 20;
const POWER_W = 100;
/** Registers that count in whole kWh are wrong by up to one. */
const ENERGY_SLACK_WH = 1000;
const EXPECTED_FROM_WH = 2000;
/** Less than this part of the energy that the power amounts to is none. */
const MISSING_PART = 0.1;

/** What is noted of the session after these readings. */
export function watched(known: Known, said: Said): Noted {
  const powerWatch = watchAfter(known.powerWatch, said);
  const warnings = [decreaseIn(known, said), strayIn(known, said), contradictionIn(powerWatch, said)];
  const all = warnings.reduce((list, warning) => withWarning(list, warning), known.warnings ?? []);
  return { ...(all.length > 0 && { warnings: all }), ...(powerWatch && { powerWatch }) };
}

/** What was noted of a session that ends; `stop` is the register that its end states, whether it can be true or not. */
export function noted(
  known: Known,
  said: Said,
  stop: { readonly at: string; readonly registerWh: number } | undefined,
): readonly Warning[] {
  const { warnings = [], powerWatch } = watched(known, said);
  if (stop === undefined) return warnings;
  const last = said.register ?? { registerWh: known.lastRegisterWh };
  const energyWh = stop.registerWh - known.started.meterStartWh;
  const isStray = energyWh > MOST_WH;
  const stray: Warning = { code: 'energy-over-maximum', since: stop.at, energyWh };
  const register = { ...stop, location: 'Outlet' };
  return [
    isStray ? stray : decrease(last.registerWh, stop.registerWh, stop.at),
    isStray ? undefined : contradictionIn(powerWatch, { ...said, register }),
  ].reduce(withWarning, warnings);
}

/** The first of a kind stays: it says since when. */
export function withWarning(warnings: readonly Warning[], warning: Warning | undefined): readonly Warning[] {
  const isNews = warning !== undefined && !warnings.some(({ code }) => code === warning.code);
  return isNews ? [...warnings, warning] : warnings;
}

/** That a register is lower than the one before it, when it is. */
export function decrease(fromWh: number, toWh: number, since: string): Warning | undefined {
  return toWh < fromWh - ROUNDING_WH ? { code: 'register-decreased', since, fromWh, toWh } : undefined;
}

function decreaseIn({ lastRegisterWh, lastRegisterAt }: Known, { register }: Said): Warning | undefined {
  if (register === undefined || Date.parse(register.at) < Date.parse(lastRegisterAt)) return undefined;
  return decrease(lastRegisterWh, register.registerWh, register.at);
}

/** A register that is not the session's, where no other was read. */
function strayIn({ started }: Known, { meterValues, register }: Said): Warning | undefined {
  const stray = register === undefined ? latestRegister(meterValues) : undefined;
  if (stray === undefined) return undefined;
  const energyWh = stray.registerWh - started.meterStartWh;
  if (energyWh > MOST_WH) return { code: 'energy-over-maximum', since: stray.at, energyWh };
  return decrease(started.meterStartWh, stray.registerWh, stray.at);
}

function watchAfter(watch: PowerWatch | undefined, { register, power }: Said): PowerWatch | undefined {
  if (power === undefined) return watch && withBase(watch, register);
  const { powerW, at: powerAt } = power;
  if (watch !== undefined && Date.parse(powerAt) < Date.parse(watch.powerAt)) return watch;
  if (powerW >= NO_POWER_W && powerW < POWER_W) return undefined;
  const isFlowing = powerW >= POWER_W;
  if (watch?.isFlowing !== isFlowing) {
    return withBase({ isFlowing, since: powerAt, powerW, powerAt, expectedWh: 0 }, register);
  }
  const hours = (Date.parse(powerAt) - Date.parse(watch.powerAt)) / 3_600_000;
  const expectedWh = watch.expectedWh + Math.min(watch.powerW, powerW) * hours;
  return withBase({ ...watch, powerW, powerAt, expectedWh }, register);
}

function withBase(watch: PowerWatch, register: Register | undefined): PowerWatch {
  const isBase = register !== undefined && Date.parse(register.at) >= Date.parse(watch.since);
  return watch.baseWh === undefined && isBase ? { ...watch, baseWh: register.registerWh } : watch;
}

/** Energy while the meter says again and again that no power flows, or none while it says that power does. */
function contradictionIn(watch: PowerWatch | undefined, { register }: Said): Warning | undefined {
  if (watch?.baseWh === undefined || register === undefined) return undefined;
  const { isFlowing, since, powerAt, baseWh } = watch;
  const energyWh = register.registerWh - baseWh;
  const expectedWh = Math.round(watch.expectedWh);
  if (isFlowing) {
    const isMissing = expectedWh > EXPECTED_FROM_WH && energyWh >= 0 && energyWh < expectedWh * MISSING_PART;
    return isMissing ? { code: 'power-without-energy', since, energyWh, expectedWh } : undefined;
  }
  const isOutside = Date.parse(register.at) > Date.parse(powerAt) || powerAt === since;
  return energyWh > ENERGY_SLACK_WH && !isOutside ? { code: 'energy-without-power', since, energyWh } : undefined;
}

/** How much more than its maximum power a charger may give before its meter looks wrong. */
const OVER_MAXIMUM = 1.2;

/** The energy of a session, and between which times it was taken. */
export type Taken = {
  readonly startedAt: string;
  readonly readAt: string;
  readonly meterStartWh: number;
  readonly registerWh: number;
};

/**
 * What looks wrong in a session, by what was noted of it and by the most that its EVSE can give (`maxPowerW`), if that
 * is known.
 */
export function warningsOf(
  noted: readonly Warning[] | undefined,
  { startedAt, readAt, meterStartWh, registerWh }: Taken,
  maxPowerW: number | undefined,
): readonly Warning[] {
  const warnings = noted ?? [];
  const hours = (Date.parse(readAt) - Date.parse(startedAt)) / 3_600_000;
  if (maxPowerW === undefined || hours < 0) return warnings;
  const energyWh = registerWh - meterStartWh;
  const atMostWh = Math.round(OVER_MAXIMUM * maxPowerW * hours);
  if (energyWh <= atMostWh + ENERGY_SLACK_WH) return warnings;
  return withWarning(warnings, { code: 'energy-over-maximum', since: readAt, energyWh, atMostWh });
}
