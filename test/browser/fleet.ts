/** A small fleet with something to see: cars that charge, one that is held back, and a provider that refuses messages. */
import { callAsCsms } from '../../sandbox/demo/csms-calls.ts';
import { readingEvent, startEvent, stopEvent } from '../../sandbox/demo/charger-events.ts';
import { jedlixPlanner, stekkerPlanner, type Planner } from '../../sandbox/demo/planners.ts';
import { createSimulatedCharger, type SimulatedCharger } from '../../sandbox/demo/simulated-charger.ts';
import { postWebhook } from '../../sandbox/csms-webhook.ts';
import type { OutsideWorld } from '../../sandbox/outside-world.ts';
import { sandboxSettings } from '../../sandbox/settings.ts';

export type Stage = { readonly edgeUrl: string; readonly world: OutsideWorld };

/** A charger whose messages Stekker refuses. */
export const STUCK = 'depot-07';
/** A charger whose car Stekker steers. */
export const STEERED = 'depot-02';

type Protocol = SimulatedCharger['protocol'];
type Car = { readonly stage: Stage; readonly planner: Planner; readonly charger: SimulatedCharger; seqNo: number };

/** Registers 12 chargers, and lets four cars charge at them. */
export async function makeFleet(stage: Stage): Promise<void> {
  const numbers = Array.from({ length: 12 }, (_, index) => index + 1);
  for (const number of numbers) await register(stage, idOf(number), number % 2 === 0 ? 'ocpp2.0.1' : 'ocpp1.6');
  await steered(stage);
  const jedlix = jedlixPlanner(stage.world);
  const [first, third] = [await plugIn(stage, jedlix, idOf(1)), await plugIn(stage, jedlix, idOf(3))];
  for (const car of [first, third]) for (let minute = 0; minute < 3; minute += 1) await charge(car, 2);
  await tell(third, 'end');
  await stuck(stage);
  await post(stage, { ...strange, timestamp: new Date().toISOString() });
}

const idOf = (number: number) => `depot-${String(number).padStart(2, '0')}`;

const strange = {
  ocppIdentity: 'WALLBOX-<b>9</b>',
  protocol: 'ocpp1.6',
  direction: 'cs',
  frame: [2, 'x-1', 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available' }],
};

/** The car is held to 4.1 kW for a while, then it may draw more. */
async function steered(stage: Stage): Promise<void> {
  const planner = stekkerPlanner(stage.world);
  const car = await plugIn(stage, planner, STEERED);
  for (let step = 0; step < 3; step += 1) await charge(car, 4);
  await plan(car, 4140);
  for (let step = 0; step < 4; step += 1) await charge(car, 4);
  await plan(car, 7360);
  for (let step = 0; step < 3; step += 1) await charge(car, 4);
}

/** Stekker answers 422 to all that it hears of this charger until `heal` is called. */
async function stuck(stage: Stage): Promise<void> {
  const car = await plugIn(stage, stekkerPlanner(stage.world), STUCK);
  stage.world.stekker.setFaults(({ bodyText }) => (bodyText.includes(STUCK) ? { status: 422 } : 'none'));
  for (let step = 0; step < 3; step += 1) await charge(car, 4);
}

/** Stekker takes everything again. */
export function heal({ world }: Stage): void {
  world.stekker.setFaults();
}

async function plugIn(stage: Stage, planner: Planner, chargePointId: string): Promise<Car> {
  const protocol: Protocol = Number(chargePointId.slice(-2)) % 2 === 0 ? 'ocpp2.0.1' : 'ocpp1.6';
  const transactionId = protocol === 'ocpp1.6' ? 7000 + Number(chargePointId.slice(-2)) : `tx-${chargePointId}`;
  const identity = { chargePointId, ocppIdentity: chargePointId.toUpperCase(), protocol, transactionId };
  const at = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 50 * 60_000);
  const charger = createSimulatedCharger(identity, { at, registerWh: 5000 });
  stage.world.csms.connect(chargePointId, charger.obey);
  const code = `CODE-${chargePointId}`;
  planner.addPairingCode(code);
  const body = { provider: planner.provider, code };
  await call(stage, 'POST', `/api/chargers/${chargePointId}/pairings`, { status: 201, body });
  const car = { stage, planner, charger, seqNo: 0 };
  await tell(car, 'start');
  return car;
}

async function charge(car: Car, minutes: number): Promise<void> {
  car.charger.charge(minutes);
  await tell(car, 'reading');
}

const EVENTS = { start: startEvent, reading: readingEvent, end: stopEvent };

async function tell(car: Car, what: keyof typeof EVENTS): Promise<void> {
  const moment = { seqNo: car.seqNo, reading: car.charger.read() };
  car.seqNo += 1;
  await post(car.stage, EVENTS[what](car.charger, moment));
}

async function plan({ stage, planner, charger }: Car, limitW: number): Promise<void> {
  const { chargePointId } = charger;
  const received = planner.receivedOf(chargePointId);
  const wanted = { id: limitW, from: charger.read().at, limitW, thenW: 11_040 };
  await planner.send({ edgeUrl: stage.edgeUrl, chargePointId, plan: wanted, received });
}

async function register(stage: Stage, chargePointId: string, protocol: Protocol): Promise<void> {
  const connectors = [{ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 }];
  const body = {
    ocppIdentity: chargePointId.toUpperCase(),
    protocol,
    name: `Depot, bay ${Number(chargePointId.slice(-2))}`,
    country: 'NLD',
    geometry: { type: 'Point', coordinates: [5.365, 52.583] },
    evses: [{ evseId: 1, uid: `${chargePointId}-1`, emi3Id: `NL*DEP*E${chargePointId.slice(-2)}`, connectors }],
  };
  await call(stage, 'PUT', `/api/chargers/${chargePointId}`, { status: 201, body });
}

const call = ({ edgeUrl }: Stage, method: 'PUT' | 'POST', path: string, rest: { status: number; body: unknown }) =>
  callAsCsms({ edgeUrl, method, path, ...rest });

async function post({ edgeUrl }: Stage, events: unknown): Promise<void> {
  const answer = await postWebhook({ edgeUrl, events, auth: { secret: sandboxSettings.CSMS_WEBHOOK_SECRETS } });
  if (answer.status !== 202) throw new Error(`a webhook was answered ${answer.status}`);
}
