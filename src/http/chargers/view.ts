/** The charger as our API shows it: as it is stored, and what is computed from it. It has no secret. Pure. */
import { maxPowerOf, warningsOf, type Charger, type Connector } from '../../charging/charger.ts';
import { problem, type Problem } from '../../problem.ts';

/** `maxPower` (W) is computed for each connector. `warnings` says what looks wrong. */
export function viewOf(charger: Charger): Charger & { readonly warnings: readonly string[] } {
  const evses = charger.evses.map((evse) => ({ ...evse, connectors: evse.connectors.map(withMaxPower) }));
  return { ...charger, evses, warnings: warningsOf(charger) };
}

function withMaxPower(connector: Connector): Connector {
  const { maxPowerW } = maxPowerOf(connector);
  return maxPowerW === undefined ? connector : { ...connector, maxPower: maxPowerW };
}

/** The answer to a charger that nobody registered. */
export function chargerUnknown(): Problem {
  return problem('charger-unknown', 'No charger is registered under this chargePointId.');
}
