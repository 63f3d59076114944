/** A meter's readings as a three-phase charger sends them in OCPP 1.6: ten samples. Pure. */
import type { Random } from '../random.ts';

/** One entry of `meterValue`: register, power, three currents and voltages, offered current and state of charge. */
export function meterValuesOf(timestamp: string, registerWh: number, random: Random): object {
  const phases = ['L1', 'L2', 'L3'] as const;
  const amperes = () => (random.between(60, 320) / 10).toFixed(1);
  const volts = () => (random.between(2250, 2350) / 10).toFixed(1);
  const common = { context: 'Sample.Periodic', location: 'Outlet' };
  return {
    timestamp,
    sampledValue: [
      { value: String(registerWh), measurand: 'Energy.Active.Import.Register', unit: 'Wh', ...common },
      { value: String(random.between(1400, 22_000)), measurand: 'Power.Active.Import', unit: 'W', ...common },
      ...phases.map((phase) => ({ value: amperes(), measurand: 'Current.Import', unit: 'A', phase, ...common })),
      ...phases.map((phase) => ({ value: volts(), measurand: 'Voltage', unit: 'V', phase: `${phase}-N`, ...common })),
      { value: '32.0', measurand: 'Current.Offered', unit: 'A', ...common },
      {
        value: String(random.between(5, 100)),
        measurand: 'SoC',
        unit: 'Percent',
        context: 'Sample.Periodic',
        location: 'EV',
      },
    ],
  };
}
