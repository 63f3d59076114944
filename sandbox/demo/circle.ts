// The whole circle of smart charging, twice: a session starts, the provider plans, the charger is told, its meter follows, the session ends.
import { setTimeout as sleep } from 'node:timers/promises';
import { postWebhook } from '../csms-webhook.ts';
import type { OutsideWorld } from '../outside-world.ts';
import { sandboxSettings } from '../settings.ts';
import { readingEvent, startEvent, stopEvent } from './charger-events.ts';
import { showEdge, showMoment, showPlan } from './circle-lines.ts';
import { findCircleFaults, tellingOf, type PlanAccount } from './circle-verdict.ts';
import { callAsCsms } from './csms-calls.ts';
import { kW, kWh } from './essentials.ts';
import { jedlixPlanner, stekkerPlanner, type Planner } from './planners.ts';
import { until } from './polling.ts';
import type { Stage } from './registration.ts';
import { carMaxW, createSimulatedCharger, leastW, type ChargerIdentity } from './simulated-charger.ts';
import type { Reading, SimulatedCharger } from './simulated-charger.ts';

type CircleStage = Stage & { readonly world: OutsideWorld };

/** Who takes part. `limitW` is what the car is to be held to. */
type Cast = {
  readonly heading: string;
  readonly planner: Planner;
  readonly identity: ChargerIdentity;
  readonly limitW: number;
};

/** A circle as it goes on. `from` is how many requests the CSMS had had before the plan. */
type Circle = Pick<Cast, 'planner'> & {
  readonly stage: CircleStage;
  readonly charger: SimulatedCharger;
  readonly readings: Reading[];
  readonly plans: (PlanAccount & { readonly from: number })[];
  readonly faults: string[];
};

/** How long a message may take to its provider. */
const patienceMs = 10_000;
/** After each step, for a person who watches. */
const timeToReadMs = 100;
/** The session began so long ago: all of it lies in the past, and within the hour that a plan is for. */
const startedAgoMs = 10 * 60_000;
/** Less than a car can charge with. */
const tooLowW = 2000;

/** Jedlix steers a charger of OCPP 1.6; gives what is wrong. */
export function steerByJedlix(stage: CircleStage): Promise<string[]> {
  const identity = {
    chargePointId: 'sim-16',
    ocppIdentity: 'SIM-16',
    protocol: 'ocpp1.6',
    transactionId: 7001,
  } as const;
  const heading = '6  The whole circle: Jedlix, which plans in OCPP 2.0.1, steers a charger of OCPP 1.6';
  return runCircle(stage, { heading, planner: jedlixPlanner(stage.world), identity, limitW: 4140 });
}

/** Stekker steers a charger of OCPP 2.0.1; gives what is wrong. */
export function steerByStekker(stage: CircleStage): Promise<string[]> {
  const names = { chargePointId: 'sim-201', ocppIdentity: 'SIM-201', transactionId: 'SIM-201-42' };
  const heading = '7  The other way round: Stekker, which plans in OCPP 1.6, steers a charger of OCPP 2.0.1';
  const identity = { ...names, protocol: 'ocpp2.0.1' } as const;
  return runCircle(stage, { heading, planner: stekkerPlanner(stage.world), identity, limitW: 7400 });
}

async function runCircle(stage: CircleStage, cast: Cast): Promise<string[]> {
  const { planner, identity, limitW, heading } = cast;
  stage.screen.heading(heading);
  await introduce(stage, cast);
  const at = new Date(Math.floor((Date.now() - startedAgoMs) / 1000) * 1000);
  const charger = createSimulatedCharger(identity, { at, registerWh: 5000 });
  stage.world.csms.connect(identity.chargePointId, charger.obey);
  const circle: Circle = { stage, planner, charger, readings: [], plans: [], faults: [] };
  await tell(circle, 'start');
  await chargeOn(circle);
  await plan(circle, tooLowW);
  await chargeOn(circle);
  await plan(circle, limitW);
  await chargeOn(circle);
  await chargeOn(circle);
  const view = await viewOf(circle);
  const timeline = await callAsCsms({ ...getOf(circle, '/timeline?limit=100'), token: sandboxSettings.ADMIN_TOKEN });
  showEdge(stage.screen, view, timeline);
  charger.charge(1);
  await tell(circle, 'end');
  return conclude(circle, { view, timeline, viewAfter: await viewOf(circle) });
}

/** Registers the charger and pairs it with the one provider, by a code from the provider's app. */
async function introduce({ edgeUrl, screen }: CircleStage, { planner, identity }: Cast): Promise<void> {
  const { chargePointId, ocppIdentity, protocol } = identity;
  const path = `/api/chargers/${chargePointId}`;
  const connectors = [{ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 }];
  const evses = [{ evseId: 1, emi3Id: `NL*SIM*E${ocppIdentity.replace('-', '')}`, rateUnit: 'W', connectors }];
  const charger = { ocppIdentity, protocol, country: 'NLD', evses };
  await callAsCsms({ edgeUrl, method: 'PUT', path, status: 201, body: charger });
  const code = `CODE-${chargePointId}`;
  planner.addPairingCode(code);
  const body = { provider: planner.provider, code };
  await callAsCsms({ edgeUrl, method: 'POST', path: `${path}/pairings`, status: 201, body });
  const car = `its car draws ${kW(carMaxW)} where nothing limits it, and cannot charge below ${kW(leastW)}`;
  screen.line(`   ${ocppIdentity} is paired with ${planner.name} alone; ${car}.`);
}

async function chargeOn(circle: Circle): Promise<void> {
  circle.charger.charge(1);
  await tell(circle, 'reading');
}

const events = { start: startEvent, reading: readingEvent, end: stopEvent };

/** The charger says it, the CSMS passes it on, and the provider hears of it, or does not within its time. */
async function tell(circle: Circle, what: keyof typeof events): Promise<void> {
  const { stage, planner, charger, readings } = circle;
  const reading = charger.read();
  const event = events[what](charger, { seqNo: readings.push(reading) - 1, reading });
  const auth = { secret: sandboxSettings.CSMS_WEBHOOK_SECRETS };
  const answer = await postWebhook({ edgeUrl: stage.edgeUrl, events: event, auth });
  if (answer.status !== 202) circle.faults.push(`the ${what} of ${charger.ocppIdentity} was answered ${answer.status}`);
  const tellings = () => planner.receivedOf(charger.chargePointId).filter((entry) => tellingOf(planner.read(entry)));
  await until(() => tellings().length >= readings.length, patienceMs);
  const register = `transaction ${charger.transactionId}, ${kWh(reading.registerWh)}`;
  const said = what === 'reading' ? `draws ${kW(reading.powerW)}` : `${what}s ${register}`;
  showMoment(stage.screen, planner, { said, reading, latest: tellings()[readings.length - 1] });
  await pause(stage);
}

async function plan(circle: Circle, limitW: number): Promise<void> {
  const { stage, planner, charger, readings, plans } = circle;
  const { csms } = stage.world;
  const { chargePointId } = charger;
  const [from, commandsBefore] = [csms.received.length, csms.commandsFor(chargePointId).length];
  const wanted = { id: plans.length + 1, from: charger.read().at, limitW, thenW: carMaxW };
  const received = planner.receivedOf(chargePointId);
  const answer = await planner.send({ edgeUrl: stage.edgeUrl, chargePointId, plan: wanted, received });
  const said = csms.commandsFor(chargePointId)[commandsBefore]?.verdict ?? 'nothing';
  const requests = csms.received.slice(from);
  const account = { plan: wanted, requests, said, heard: answer.heard, readingsBefore: readings.length, from };
  plans.push(account);
  showPlan(stage.screen, planner, { ...account, answer, asked: `${planner.version}, ${planner.asks(received)}` });
  await pause(stage);
}

async function pause({ screen }: CircleStage): Promise<void> {
  if (screen.isTerminal) await sleep(timeToReadMs);
}

function getOf({ stage, charger }: Circle, path = '') {
  const { edgeUrl } = stage;
  return { edgeUrl, method: 'GET', path: `/api/chargers/${charger.chargePointId}${path}`, status: 200 } as const;
}

function viewOf(circle: Circle): Promise<unknown> {
  return callAsCsms(getOf(circle));
}

/** By now every request at the CSMS belongs to the plan before it. */
function conclude(circle: Circle, shown: { view: unknown; timeline: unknown; viewAfter: unknown }): string[] {
  const { stage, planner, charger, readings } = circle;
  const { received } = stage.world.csms;
  const plans = circle.plans.map((account, index) => {
    return { ...account, requests: received.slice(account.from, circle.plans[index + 1]?.from) };
  });
  const { name, provider, read } = planner;
  const atProvider = planner.receivedOf(charger.chargePointId);
  const account = { name, provider, charger, readings, plans, received: atProvider, read, ...shown };
  return [...circle.faults, ...findCircleFaults(account)];
}
