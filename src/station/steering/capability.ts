/** What a charger takes at a place: as it was registered, as it said, and as it showed by what it refused. Pure. */
import type { BelowMinimum } from '../../charging/below-minimum.ts';
import { MIN_AMPERAGE } from '../../charging/below-minimum.ts';
import { evseOf, type Charger, type Evse } from '../../charging/charger.ts';
import type { Capability } from '../../charging/charger-plan.ts';
import { supplyOf } from '../../charging/supply.ts';
import type { SaidCapability } from '../../ocpp/said-capability.ts';

/** What was learned of a charger. It holds for this registration of its EVSEs, and for this firmware. */
export type Learned = SaidCapability & {
  /** The unit that it took after it had refused the other, or followed after it had ignored it. */
  readonly worksIn?: 'W' | 'A';
  /** It refused a limit that no car can charge at, and took 0. */
  readonly refusesBelowMinimum?: true;
  /** How many phases the car used, by EVSE. */
  readonly phases?: Readonly<Record<string, number>>;
  /** The EVSEs as they were registered when this was learned. */
  readonly evses?: string;
};

/** What is known after more was learned. Another firmware is another charger; its cars are the same. */
export function learnedAfter(known: Learned, news: Learned, charger: Charger): Learned {
  const isOther = news.firmware !== undefined && known.firmware !== undefined && news.firmware !== known.firmware;
  const kept = isOther ? { ...(known.phases && { phases: known.phases }) } : known;
  const phases = { ...kept.phases, ...news.phases };
  return {
    ...kept,
    ...news,
    ...(Object.keys(phases).length > 0 && { phases }),
    evses: JSON.stringify(charger.evses),
  };
}

/** What still holds of what was learned. */
export function stillLearned(known: Learned, charger: Charger): Learned {
  return known.evses === undefined || known.evses === JSON.stringify(charger.evses) ? known : {};
}

/** The capability of an EVSE; of the whole station (0), what all of its EVSEs share. */
export function capabilityAt(
  charger: Charger,
  evseId: number,
  { learned, belowMinimum }: { readonly learned: Learned; readonly belowMinimum: BelowMinimum },
): Capability {
  const evse = evseOf(charger, evseId);
  const evses = evse === undefined ? charger.evses : [evse];
  const supplies = evses.flatMap(({ connectors }) => connectors.map(supplyOf));
  const isAc = supplies.some(({ kind }) => kind === 'AC');
  const isForced = belowMinimum === 'as-asked' && learned.refusesBelowMinimum === true;
  return {
    supplies: supplies.length === 0 ? [supplyOf({ connectorId: '1' })] : supplies,
    rateUnit: declaredUnit(evses) ?? learned.worksIn ?? learned.rateUnit,
    ...(learned.maxPeriods !== undefined && { maxPeriods: learned.maxPeriods }),
    ...(evse !== undefined && { phases: learned.phases?.[String(evseId)] }),
    ...(evse !== undefined && isAc && { minAmperage: evse.minAmperage ?? MIN_AMPERAGE }),
    belowMinimum: isForced ? 'zero' : belowMinimum,
  };
}

function declaredUnit(evses: readonly Evse[]) {
  const [first, ...others] = new Set(evses.map(({ rateUnit }) => rateUnit));
  return others.length === 0 ? first : undefined;
}
