/** Ten thousand made-up sessions of both versions, out of order, doubled and lost: what must hold of all that is sent. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChargeEvent } from '../../src/charging/charge-event.ts';
import type { Charger } from '../../src/charging/charger.ts';
import { registerWhOf } from '../../src/charging/meter.ts';
import { calm, day, type Day } from './generated-day.ts';
import { indexOfRegister, iso, stopRegister, webhooksOf, type RealSession } from './generated-webhooks.ts';
import { SimulatedStation } from './simulated-station.ts';
import { expectOrder, flawsOf } from './sent.ts';

const SEED = Number(process.env['FC_SEED'] ?? Date.now() % 0x7fff_ffff);
const DAYS = 1300;

type SessionEvent = Extract<ChargeEvent, { readonly sequence: number }>;

function chargerOf({ protocol, connectors }: Day): Charger {
  const evses = connectors.map((_, index) => ({
    evseId: index + 1,
    capabilities: [],
    connectors: [{ connectorId: '1' }],
  }));
  return { chargePointId: 'CP-1', ocppIdentity: 'CP_1', protocol, evses };
}

/** Lives through a day, and the quiet day after it. */
function live(given: Day): { readonly station: SimulatedStation; readonly sessions: readonly RealSession[] } {
  const { webhooks, sessions } = webhooksOf(given);
  const station = new SimulatedStation({ charger: chargerOf(given) });
  for (const { event, arrivalMs } of webhooks) station.take(event, arrivalMs);
  const last = webhooks.at(-1)?.arrivalMs ?? 0;
  for (const hours of [0.5, 2, 24]) station.wait(last + hours * 3_600_000);
  return { station, sessions };
}

const eventsOf = ({ events }: SimulatedStation): SessionEvent[] =>
  events.flatMap((event) => ('sequence' in event ? [event] : []));

/**
 * Which real session an event is told of: no two begin at the same moment. One whose start was not heard of begins with
 * something that was said later.
 */
function realOf(sessions: readonly RealSession[], { session: { evse, startedAt } }: SessionEvent) {
  const isWithin = ({ evseId, startMs, endMs }: RealSession) =>
    evseId === evse.evseId && startMs < Date.parse(startedAt) && Date.parse(startedAt) <= endMs;
  return sessions.find(({ startMs }) => iso(startMs) === startedAt) ?? sessions.find(isWithin);
}

function strayReadings(station: SimulatedStation, sessions: readonly RealSession[]): string[] {
  return eventsOf(station).flatMap((event) => {
    const real = realOf(sessions, event);
    const registers = event.meterValues.flatMap(({ samples }) => samples.map(registerWhOf));
    const strays = registers.filter((wh) => wh !== undefined && indexOfRegister(wh) !== real?.index);
    return strays.map((wh) => `${wh} in session ${real?.index}`);
  });
}

/** A session that was told as two. */
function repeatedSessions(station: SimulatedStation, sessions: readonly RealSession[]): unknown[] {
  const started = eventsOf(station).filter(({ kind }) => kind === 'session-started');
  const told = started.map((event) => realOf(sessions, event)?.index);
  return told.filter((index, place) => told.indexOf(index) !== place);
}

/** The register at the end must be the stop's, or the newest that was told of the session when nobody said. */
function wrongEnds(station: SimulatedStation, sessions: readonly RealSession[]): string[] {
  return eventsOf(station).flatMap((event) => {
    const real = realOf(sessions, event);
    if (event.kind !== 'session-ended' || real === undefined) return [];
    const expected = event.isRegisterInferred ? newestRegister(station, event) : stopRegister(real);
    return event.meterStopWh === expected ? [] : [`${event.meterStopWh} instead of ${expected}`];
  });
}

function newestRegister(station: SimulatedStation, ended: SessionEvent): number | undefined {
  const own = eventsOf(station).filter(({ session }) => session.startedAt === ended.session.startedAt);
  const told = own.flatMap(({ meterValues }) =>
    meterValues.flatMap(({ at, samples }) => samples.map((sample) => ({ at, wh: registerWhOf(sample) }))),
  );
  const [newest] = told.filter(({ wh }) => wh !== undefined).toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
  const [started] = own;
  return newest?.wh ?? (started?.kind === 'session-started' ? started.meterStartWh : undefined);
}

const run = <T extends [unknown, ...unknown[]]>(property: fc.IProperty<T>, numRuns: number) =>
  fc.assert(property, { seed: SEED, numRuns, endOnFailure: false });

describe(`generated sessions, seed ${SEED}`, () => {
  test('come out valid, in order, complete in number and with every reading in its own session, whatever the line does', () => {
    let sessionsSeen = 0;
    let payloadsSeen = 0;
    const property = fc.property(day, (given) => {
      const { station, sessions } = live(given);
      expect(flawsOf(station)).toEqual([]);
      expectOrder(station.sent.jedlix);
      expect(strayReadings(station, sessions)).toEqual([]);
      expect(wrongEnds(station, sessions)).toEqual([]);
      expect(repeatedSessions(station, sessions)).toEqual([]);
      expect(JSON.parse(JSON.stringify(station.book))).toEqual(station.book);
      sessionsSeen += sessions.length;
      payloadsSeen += station.sent.stekker.length + station.sent.jedlix.length;
    });
    run(property, DAYS);
    console.log(`seed ${SEED}: ${sessionsSeen} sessions, ${payloadsSeen} payloads`);
    expect(sessionsSeen).toBeGreaterThan(10_000);
  }, 60_000);

  test('reach both providers whole over a line that neither loses nor reorders', () => {
    run(
      fc.property(day, (given) => {
        const { station, sessions } = live(calm(given));
        const isNamed = ({ plan }: RealSession) =>
          given.numbering === 'counter' && plan.readings.some((form) => form === 'named' || form === 'odd');
        // A start without an answer is one all the same when readings name its transaction.
        const isStarted = (session: RealSession) =>
          given.protocol === 'ocpp2.0.1' ||
          session.plan.answer === 'beside' ||
          session.plan.answer === 'inline' ||
          (session.plan.answer === 'lost' && isNamed(session));
        // One whose start failed opens by its readings after ten minutes, unless the next one runs by then.
        const isFailed = ({ plan }: RealSession) => given.protocol === 'ocpp1.6' && plan.answer === 'failed';
        const events = eventsOf(station).filter((event) => {
          const real = realOf(sessions, event);
          return real === undefined || !isFailed(real);
        });
        const started = events.filter(({ kind }) => kind === 'session-started');
        // On two connectors a start may be said first and answered last, so their order is that of the answers.
        const byConnector = (a: RealSession | undefined, b: RealSession | undefined) =>
          (a?.evseId ?? 0) - (b?.evseId ?? 0);
        expect(started.map((event) => realOf(sessions, event)).toSorted(byConnector)).toEqual(
          sessions.filter(isStarted).toSorted(byConnector),
        );
        const stops = events.filter((event) => event.kind === 'session-ended' && !event.isRegisterInferred);
        const saysStop = ({ plan }: RealSession) =>
          plan.end === 'stop' && (given.protocol === 'ocpp1.6' || plan.hasEnd);
        const stopped = sessions.filter((session) => isStarted(session) && saysStop(session));
        expect(stops).toHaveLength(stopped.length);
        expect(new Set(stops.map((event) => realOf(sessions, event)?.index))).toEqual(
          new Set(stopped.map(({ index }) => index)),
        );
        const expectedReadings = sessions
          .filter(isStarted)
          .flatMap(({ plan }) => plan.readings.filter((form) => form !== 'status'));
        const readings = events.filter((event) => event.kind === 'session-updated' && event.meterValues.length > 0);
        expect(readings).toHaveLength(expectedReadings.length);
      }),
      200,
    );
  }, 30_000);
});
