// Judges a circle of smart charging: plan, command, answer, meter, and what the edge shows of it; every difference is one sentence.
import type { Received } from '../journal.ts';
import type { Delivery } from './deliveries.ts';
import { listAt, textAt, valueAt } from './json.ts';
import type { Plan } from './planners.ts';
import type { ChargerIdentity, Reading } from './simulated-charger.ts';
import { differences } from './verdict.ts';

/** One plan on its way. `requests` are all that reached the CSMS meanwhile; `said` is nothing when the charger was not asked. */
export type PlanAccount = {
  readonly plan: Plan;
  readonly requests: readonly Received[];
  readonly said: string;
  readonly heard: string;
  /** How many readings there were before it. */
  readonly readingsBefore: number;
};

/** A whole circle. `readings` are the charger's own account, from the start of the session to its end, both included. */
export type CircleAccount = {
  readonly name: string;
  readonly provider: string;
  readonly charger: ChargerIdentity;
  readonly readings: readonly Reading[];
  readonly plans: readonly PlanAccount[];
  readonly received: readonly Received[];
  readonly read: (entry: Received) => Delivery;
  /** `GET /api/chargers/{id}` while the last plan was in force, and after the end; and the timeline's entries. */
  readonly view: unknown;
  readonly timeline: unknown;
  readonly viewAfter: unknown;
};

/** Everything that is wrong in a circle. */
export function findCircleFaults(account: CircleAccount): string[] {
  return [
    ...account.plans.flatMap((plan) => planFaults(account, plan)),
    ...deliveryFaults(account),
    ...limitFaults(account),
    ...viewFaults(account),
    ...timelineFaults(account),
  ];
}

/** W with a separator of thousands. */
export function watts(powerW: number): string {
  return `${powerW.toLocaleString('en-US')} W`;
}

/** A session message in the words of both versions: start, a reading by its time, end, with register and power. Undefined for any other. */
export function tellingOf({ name, facts }: Delivery): Delivery | undefined {
  const milestone = milestones[name] ?? /^(?:MeterValues|Updated) (\d\d:.*)$/.exec(name)?.[1];
  if (milestone === undefined) return undefined;
  const factOf = (measurand: string) =>
    Object.entries(facts).find(([key]) => key.split(' ').includes(measurand))?.[1] ?? 'absent';
  const registerWh = facts['meterStartWh'] ?? facts['meterStopWh'];
  const register = registerWh === undefined ? factOf('Energy.Active.Import.Register') : `${registerWh} Wh`;
  const isReading = milestones[name] === undefined;
  return { name: milestone, facts: isReading ? { register, power: factOf('Power.Active.Import') } : { register } };
}

const milestones: Readonly<Record<string, string>> = {
  StartTransaction: 'start',
  Started: 'start',
  StopTransaction: 'end',
  Ended: 'end',
};

/** What a command says, by the words of the verdict. */
export function commandFacts(body: unknown): Record<string, string> {
  const payload = valueAt(body, 'payload');
  const is16 = valueAt(payload, 'csChargingProfiles') !== undefined;
  const profile = valueAt(payload, is16 ? 'csChargingProfiles' : 'chargingProfile');
  const schedule = is16 ? valueAt(profile, 'chargingSchedule') : valueAt(profile, 'chargingSchedule', 0);
  return {
    charger: textAt(body, 'ocppIdentity'),
    action: textAt(body, 'action'),
    'OCPP version': versionIn(textAt(body, 'protocol'), is16 ? 'ocpp1.6' : 'ocpp2.0.1'),
    EVSE: textAt(payload, is16 ? 'connectorId' : 'evseId'),
    transactionId: literal(valueAt(profile, 'transactionId')),
    purpose: textAt(profile, 'chargingProfilePurpose'),
    limit: limitText(schedule),
  };
}

function versionIn(protocol: string, payload: string): string {
  return protocol === payload ? protocol : `${protocol} with a payload of ${payload}`;
}

/** In quotes when it is a text: to a charger 17 and "17" are not the same. */
function literal(value: unknown): string {
  return value === undefined ? 'none' : JSON.stringify(value);
}

function limitText(schedule: unknown): string {
  const unit = textAt(schedule, 'chargingRateUnit');
  return listAt(schedule, 'chargingSchedulePeriod')
    .map((period) => `${textAt(period, 'limit')} ${unit} from ${textAt(period, 'startPeriod')} s on`)
    .join(', ')
    .replace(' from 0 s on', '');
}

function planFaults({ name, charger }: CircleAccount, { plan, requests, said, heard }: PlanAccount): string[] {
  const about = `${name}'s plan of ${watts(plan.limitW)}`;
  const [request, ...more] = requests;
  if (request === undefined) return [`${about}: no command reached the CSMS; ${name} was told ${heard}`];
  const found = commandFacts(request.body);
  const wrong = Object.entries(expectedCommand(charger, plan)).filter(([fact, value]) => found[fact] !== value);
  return [
    ...(more.length === 0 ? [] : [`the CSMS was sent ${requests.length} requests instead of one`]),
    ...(request.status === 200 ? [] : [`the CSMS refused the command: ${request.status} ${request.reason}`]),
    ...wrong.map(([fact, value]) => `the command has the ${fact} ${found[fact]} instead of ${value}`),
    ...(heard === said ? [] : [`the charger said ${said}, and ${name} was told ${heard}`]),
  ].map((fault) => `${about}: ${fault}`);
}

function expectedCommand(charger: ChargerIdentity, { limitW, thenW }: Plan): Record<string, string> {
  return {
    charger: charger.ocppIdentity,
    action: 'SetChargingProfile',
    'OCPP version': charger.protocol,
    EVSE: '1',
    transactionId: literal(charger.transactionId),
    purpose: 'TxProfile',
    limit: `${limitW} W, ${thenW} W from 3600 s on`,
  };
}

/** The provider must have heard the charger's own account, once and in order, and have refused nothing of it. */
function deliveryFaults({ name, readings, received, read }: CircleAccount): string[] {
  const refused = received.filter(({ status }) => status !== 200);
  const told = received.filter(({ status }) => status === 200).flatMap((entry) => tellingOf(read(entry)) ?? []);
  const expected = readings.map(({ at, registerWh, powerW }, index): Delivery => {
    const register = `${registerWh} Wh`;
    if (index === 0) return { name: 'start', facts: { register } };
    if (index === readings.length - 1) return { name: 'end', facts: { register } };
    return { name: at.toISOString().slice(11, 23), facts: { register, power: `${powerW} W` } };
  });
  return [
    ...refused.map((entry) => `${name}: refused: ${read(entry).name} (${entry.status} ${entry.reason})`),
    ...differences(expected, told).map((fault) => `${name}: ${fault}`),
  ];
}

/** Whatever the charger believes: after an accepted plan the provider must read its own limit, since the car takes all it gets. */
function limitFaults({ name, readings, received, read, plans }: CircleAccount): string[] {
  const told = received.flatMap((entry) => tellingOf(read(entry)) ?? []);
  const accepted = plans.findLast(({ heard }) => heard === 'Accepted');
  if (accepted === undefined) return [`no plan of ${name} was accepted`];
  return readings.slice(accepted.readingsBefore, -1).flatMap(({ at }) => {
    const time = at.toISOString().slice(11, 23);
    const power = told.find((telling) => telling.name === time)?.facts['power'];
    if (power === undefined || power === `${accepted.plan.limitW} W`) return [];
    return [`${name}: the meter does not follow: ${power} at ${time}, and the plan says ${accepted.plan.limitW} W`];
  });
}

function viewFaults({ provider, charger, plans, readings, view, viewAfter }: CircleAccount): string[] {
  const last = plans.at(-1);
  const expected: Record<string, unknown> = {
    transactionId: String(charger.transactionId),
    powerW: readings.at(-2)?.powerW,
    provider,
    status: last?.said,
    limit: last?.plan.limitW,
    unit: 'W',
  };
  const session = valueAt(view, 'sessions', 0);
  const faults = Object.entries(expected).flatMap(([field, value]) => {
    const found = valueAt(session, field) ?? valueAt(session, 'profile', field);
    return found === value ? [] : [`shows the ${field} ${String(found)} instead of ${String(value)}`];
  });
  const running = listAt(viewAfter, 'sessions').length;
  const after = running === 0 ? [] : [`shows ${running} sessions after the end`];
  return [...faults, ...after].map((fault) => `GET /api/chargers/${charger.chargePointId} ${fault}`);
}

function timelineFaults({ provider, charger, plans, timeline }: CircleAccount): string[] {
  const found = profilesIn(timeline);
  const expected = plans.map(({ plan, said }) => `${provider} ${plan.limitW} W ${said}`);
  if (found.join('; ') === expected.join('; ')) return [];
  const shown = found.join('; ') || 'no profile';
  return [`the timeline of ${charger.chargePointId} shows ${shown} instead of ${expected.join('; ')}`];
}

/** The profiles of a timeline, oldest first: by whom, the first limit, what became of it. */
export function profilesIn(timeline: unknown): string[] {
  return listAt(timeline, 'timeline')
    .map((item) => valueAt(item, 'entry'))
    .filter((entry) => textAt(entry, 'kind') === 'charging-profile')
    .map((entry) => {
      const schedule = valueAt(entry, 'profile', 'schedules', 0);
      const limit = `${textAt(schedule, 'periods', 0, 'limit')} ${textAt(schedule, 'rateUnit')}`;
      return `${textAt(entry, 'provider')} ${limit} ${textAt(entry, 'outcome')}`;
    })
    .toReversed();
}
