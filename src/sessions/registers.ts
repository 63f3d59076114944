/** Which registers can be a session's. What cannot is unknown, and nothing is made up in its place. Pure. */
import { findRegisterWh, isWorsePlaced, latestRegister, type MeterValue, type Register } from '../charging/meter.ts';
import type { RunningSession } from './book.ts';
import { MOST_WH, ROUNDING_WH } from './plausibility.ts';

/** A session as far as its registers go. */
type Metered = Pick<RunningSession, 'started'> & Partial<Pick<RunningSession, 'lastRegisterWh' | 'registerLocation'>>;

/** Whether a register can be one of this session: not below the start that was stated, nor far above it. */
export function isOfSession({ started }: Metered, registerWh: number): boolean {
  return started.isRegisterInferred === true || isRise(started.meterStartWh, registerWh);
}

/** Whether a session that began at one register can have come to another: not below it, nor far above it. */
export function isRise(fromWh: number, toWh: number): boolean {
  return toWh - fromWh >= -ROUNDING_WH && toWh - fromWh <= MOST_WH;
}

/**
 * The newest register of the session among these readings. Once it was read in one place, that of a worse place is
 * another meter's.
 */
export function newestRegister(session: Metered, meterValues: readonly MeterValue[]): Register | undefined {
  const { registerLocation } = session;
  const isPossible = (register: Register) =>
    isOfSession(session, register.registerWh) &&
    (registerLocation === undefined || !isWorsePlaced(register, registerLocation));
  return latestRegister(meterValues, isPossible, session.lastRegisterWh);
}

/** The register a session ends at. `isInferred` when it is not the one that its end states. */
export type FinalRegister = { readonly registerWh: number; readonly isInferred: boolean };

/**
 * The register that a session's end states, else the newest one known. What it states is unknown when it cannot be this
 * session's, or lies below what was read before. A session never ends below its start.
 */
export function finalRegisterOf(
  session: RunningSession,
  { at, meterStopWh, meterValues }: { at: string; meterStopWh?: number; meterValues: readonly MeterValue[] },
): FinalRegister {
  const known = { registerWh: session.lastRegisterWh, at: session.lastRegisterAt };
  const read = newestRegister(session, meterValues);
  const last = read === undefined || Date.parse(read.at) < Date.parse(known.at) ? known : read;
  const isDecrease = (registerWh: number) =>
    registerWh < last.registerWh - ROUNDING_WH && Date.parse(last.at) <= Date.parse(at);
  const isPossible = (registerWh: number) => isOfSession(session, registerWh) && !isDecrease(registerWh);
  const stated =
    meterStopWh !== undefined && meterStopWh >= 0 && isPossible(meterStopWh)
      ? meterStopWh
      : findRegisterWh(meterValues, 'last', 'Transaction.End', (register) => isPossible(register.registerWh));
  const registerWh = Math.max(stated ?? last.registerWh, session.started.meterStartWh);
  return { registerWh, isInferred: registerWh !== stated };
}
