/** What the chargers of a crash test say: proper OCPP 1.6 sessions, by a seeded generator. Pure; knows nothing of the edge's insides. */
import type { Random } from '../random.ts';
import { MAX_POWER_W, type FleetCharger } from './fleet.ts';
import { meterValuesOf } from './readings.ts';

/** One event of a webhook, in our own format. Who is not interesting is not stored by the edge, and owed to nobody. */
export type PlannedEvent = { readonly chargePointId: string; readonly isOfInterest: boolean; readonly body: unknown };

/**
 * What an event must come to at a provider: one message, known by its charger and the time it carries (`at`, ms, unique per
 * charger). A `status` is one outside a session: only who wants statuses gets it, and a newer one of the same connector may
 * stand for it.
 */
export type Expectation = {
  readonly chargePointId: string;
  readonly connectorId: number;
  readonly at: number;
  readonly kind: 'session' | 'status';
};

/**
 * A charger's events in the order it says them, what is due of them to a provider, and what the CSMS must be told of them (sessions
 * that took more than their EVSE can give, by the time of their end): each in the order it is due.
 */
export type Story = {
  readonly events: readonly PlannedEvent[];
  readonly due: readonly Expectation[];
  readonly told: readonly Expectation[];
};

type Frame = readonly [2, string, string, object] | readonly [3, string, object];
type Move = {
  readonly frame: Frame;
  readonly at: number;
  readonly response?: object;
  readonly expects?: Expectation['kind'];
  /** opens: what is said on this connector from here waits for the start's answer. closes: the answer. */
  readonly answer?: 'opens' | 'closes';
  /** The session that ends here took so much (Wh) since that time (ms). */
  readonly took?: { readonly wh: number; readonly since: number };
};
/** What a session's script needs of its charger. */
type Voice = {
  readonly random: Random;
  readonly connectorId: number;
  readonly tick: () => number;
  readonly nextMessageId: () => string;
  readonly nextTransactionId: () => number;
};

const START_OF_TIME = Date.parse('2026-03-01T06:00:00Z');
/** What looks wrong at the end of a session: more than its EVSE can give, by a fifth and 1 kWh. */
const isTooMuch = ({ wh, since }: NonNullable<Move['took']>, at: number) =>
  wh > Math.round((1.2 * MAX_POWER_W * (at - since)) / 3_600_000) + 1000;
/** How often a CSMS tells the answer as an event of its own, a charger pauses, and something comes that nobody needs. */
const SEPARATE_ANSWER = 0.4;
const SUSPENDS = 0.25;
const HEARTBEAT = 0.3;

/** One connector's part. While its start waits for an answer, `waiting` is what it said since. */
type Script = { readonly connectorId: number; readonly moves: Iterator<Move, undefined>; waiting?: Expectation[] };

/** The story of one charger: at least `length` events of interest, over all its connectors, and no start left unanswered. */
export function storyOf(charger: FleetCharger, index: number, length: number, random: Random): Story {
  const { chargePointId } = charger;
  const scripts = scriptsOf(charger, index, random);
  const story: { events: PlannedEvent[]; due: Expectation[]; told: Expectation[] } = { events: [], due: [], told: [] };
  for (let told = 0; told < length || scripts.some(({ waiting }) => waiting !== undefined);) {
    const script = scripts[random.between(0, scripts.length - 1)];
    const { value: move } = script?.moves.next() ?? {};
    if (script === undefined || move === undefined) break;
    takeNote(script, { chargePointId, move, due: story.due });
    if (move.took !== undefined && isTooMuch(move.took, move.at))
      story.told.push({ chargePointId, connectorId: script.connectorId, at: move.at, kind: 'session' });
    const isOfInterest = move.expects !== undefined || move.answer === 'closes';
    story.events.push({ chargePointId, isOfInterest, body: bodyOf(charger, move) });
    if (isOfInterest) told += 1;
  }
  return story;
}

function scriptsOf({ chargePointId, connectors }: FleetCharger, index: number, random: Random): Script[] {
  let [now, messages, transactions] = [START_OF_TIME, 0, 0];
  const counted = {
    random,
    tick: () => (now += random.between(1000, 60_000)),
    nextMessageId: () => `${chargePointId}-${(messages += 1)}`,
    nextTransactionId: () => 1 + index * 10_000 + (transactions += 1),
  };
  return Array.from({ length: connectors }, (_, place) => {
    const connectorId = place + 1;
    return { connectorId, moves: sessions({ ...counted, connectorId }) };
  });
}

/** What is said on a connector whose start waits for its answer is due when the answer comes. */
function takeNote(
  script: Script,
  { chargePointId, move, due }: { chargePointId: string; move: Move; due: Expectation[] },
): void {
  const { connectorId } = script;
  const { at, expects, answer } = move;
  if (answer === 'opens') script.waiting = [];
  if (expects !== undefined) (script.waiting ?? due).push({ chargePointId, connectorId, at, kind: expects });
  if (answer !== 'closes') return;
  due.push(...(script.waiting ?? []));
  delete script.waiting;
}

function bodyOf({ chargePointId, ocppIdentity }: FleetCharger, { frame, at, response }: Move): object {
  const direction = frame[0] === 2 ? 'cs' : 'csms';
  const told = { chargePointId, ocppIdentity, protocol: 'ocpp1.6', direction, timestamp: iso(at), frame };
  return response === undefined ? told : { ...told, response };
}

/** One session after another on one connector, without end. */
function* sessions(voice: Voice): Generator<Move, undefined> {
  let registerWh = 1000 * voice.random.between(1, 50_000);
  for (;;) {
    yield status(voice, 'Preparing', 'status');
    if (voice.random.chance(HEARTBEAT)) yield { frame: [2, voice.nextMessageId(), 'Heartbeat', {}], at: voice.tick() };
    const transactionId = voice.nextTransactionId();
    const began = { wh: registerWh, at: yield* start(voice, transactionId, registerWh) };
    const readings = voice.random.between(3, 12);
    for (let reading = 0; reading < readings; reading += 1) {
      registerWh += voice.random.between(50, 3000);
      yield meterValues(voice, transactionId, registerWh);
      if (!voice.random.chance(SUSPENDS)) continue;
      yield status(voice, voice.random.pick(['SuspendedEV', 'SuspendedEVSE']), 'session');
      yield status(voice, 'Charging', 'session');
    }
    const took = { wh: registerWh - began.wh, since: began.at };
    for (const move of stop(voice, transactionId, registerWh)) yield move.expects ? { ...move, took } : move;
    yield status(voice, 'Finishing', 'status');
    yield status(voice, 'Available', 'status');
  }
}

/** The start, its answer inline or by itself, and the connector's status, which may come before the answer. Gives its time. */
function* start(voice: Voice, transactionId: number, meterStart: number): Generator<Move, number> {
  const { random, connectorId, tick, nextMessageId } = voice;
  const [at, messageId] = [tick(), nextMessageId()];
  const payload = { connectorId, idTag: `TAG${random.between(1000, 9999)}`, meterStart, timestamp: iso(at) };
  const frame = [2, messageId, 'StartTransaction', payload] as const;
  const response = { transactionId, idTagInfo: { status: 'Accepted' } };
  if (!random.chance(SEPARATE_ANSWER)) {
    yield { frame, at, response, expects: 'session' };
    yield status(voice, 'Charging', 'session');
    return at;
  }
  yield { frame, at, expects: 'session', answer: 'opens' };
  const isEarly = random.chance(0.5);
  if (isEarly) yield status(voice, 'Charging', 'session');
  yield { frame: [3, messageId, response], at: tick(), answer: 'closes' };
  if (!isEarly) yield status(voice, 'Charging', 'session');
  return at;
}

/** The stop, with its answer inline, or by itself, where it means nothing. */
function* stop({ random, tick, nextMessageId }: Voice, transactionId: number, meterStop: number): Generator<Move> {
  const [at, messageId] = [tick(), nextMessageId()];
  const payload = { transactionId, meterStop, timestamp: iso(at), reason: random.pick(['Local', 'EVDisconnected']) };
  const frame = [2, messageId, 'StopTransaction', payload] as const;
  const response = { idTagInfo: { status: 'Accepted' } };
  if (!random.chance(SEPARATE_ANSWER)) return yield { frame, at, response, expects: 'session' };
  yield { frame, at, expects: 'session' };
  yield { frame: [3, messageId, response], at: tick() };
}

function meterValues({ random, connectorId, tick, nextMessageId }: Voice, transactionId: number, wh: number): Move {
  const at = tick();
  const payload = { connectorId, transactionId, meterValue: [meterValuesOf(iso(at), wh, random)] };
  return { frame: [2, nextMessageId(), 'MeterValues', payload], at, response: {}, expects: 'session' };
}

function status({ connectorId, tick, nextMessageId }: Voice, word: string, expects: Expectation['kind']): Move {
  const at = tick();
  const payload = { connectorId, errorCode: 'NoError', status: word, timestamp: iso(at) };
  return { frame: [2, nextMessageId(), 'StatusNotification', payload], at, expects };
}

const iso = (at: number) => new Date(at).toISOString();
