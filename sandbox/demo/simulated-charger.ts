// A charger with one car that draws as much as the schedule in force allows; it knows of a limit by the command it was sent, and by nothing else.
import type { Command } from '../csms-commands.ts';
import { listAt, numberAt, textAt, valueAt } from './json.ts';

/** Which charger it is, and the transaction that runs on its only EVSE, by the name the charger itself uses. */
export type ChargerIdentity = {
  readonly chargePointId: string;
  readonly ocppIdentity: string;
  readonly protocol: 'ocpp1.6' | 'ocpp2.0.1';
  readonly transactionId: number | string;
};

/** What the meter says: the register in whole Wh, the power in W. */
export type Reading = { readonly at: Date; readonly registerWh: number; readonly powerW: number };

/** The charger while its car charges. */
export type SimulatedCharger = ChargerIdentity & {
  /** Takes a command or refuses it: one in another OCPP version, for another transaction, or below what a car can charge with. */
  obey: (command: Command) => 'Accepted' | 'Rejected';
  /** Lets time pass. */
  charge: (minutes: number) => void;
  read: () => Reading;
};

/** When the session starts, and the register at that time in Wh. */
export type SimulationStart = { readonly at: Date; readonly registerWh: number };

const volts = 230;
const phases = 3;
const minuteMs = 60_000;

/** The car's own maximum: 16 A on each phase, in W. */
export const carMaxW = 16 * volts * phases;
/** Below 6 A on each phase a car cannot charge (IEC 61851-1), in W; 0 is a pause, and allowed. */
export const leastW = 6 * volts * phases;

type Period = { readonly fromMs: number; readonly limitW: number };

/** Plugs the car in. */
export function createSimulatedCharger(identity: ChargerIdentity, start: SimulationStart): SimulatedCharger {
  let [atMs, registerWh] = [start.at.getTime(), start.registerWh];
  let held: readonly Period[] = [];
  const powerW = () => Math.min(carMaxW, held.findLast(({ fromMs }) => fromMs <= atMs)?.limitW ?? carMaxW);
  return {
    ...identity,
    obey(command) {
      if (command.protocol !== identity.protocol) return 'Rejected';
      const wanted = command.action === 'ClearChargingProfile' ? [] : scheduleFor(identity, command.payload, atMs);
      if (wanted === undefined) return 'Rejected';
      held = wanted;
      return 'Accepted';
    },
    charge(minutes) {
      for (let minute = 0; minute < minutes; minute += 1) {
        registerWh += powerW() / 60;
        atMs += minuteMs;
      }
    },
    read: () => ({ at: new Date(atMs), registerWh: Math.round(registerWh), powerW: powerW() }),
  };
}

/** The periods of a schedule in this charger's version; one without a start counts from now. Undefined when the charger cannot carry it out. */
function scheduleFor({ protocol, transactionId }: ChargerIdentity, payload: unknown, nowMs: number) {
  const is16 = protocol === 'ocpp1.6';
  const profile = valueAt(payload, is16 ? 'csChargingProfiles' : 'chargingProfile');
  const schedule = is16 ? valueAt(profile, 'chargingSchedule') : valueAt(profile, 'chargingSchedule', 0);
  if (valueAt(profile, 'transactionId') !== transactionId) return undefined;
  const startedAt = textAt(schedule, 'startSchedule');
  const startMs = startedAt === '' ? nowMs : Date.parse(startedAt);
  const wattsPer = textAt(schedule, 'chargingRateUnit') === 'A' ? volts * phases : 1;
  const periods = listAt(schedule, 'chargingSchedulePeriod').map((period): Period => {
    const limitW = (numberAt(period, 'limit') ?? Number.NaN) * wattsPer;
    return { fromMs: startMs + (numberAt(period, 'startPeriod') ?? Number.NaN) * 1000, limitW };
  });
  return periods.every(({ limitW }) => limitW === 0 || limitW >= leastW) ? periods : undefined;
}
