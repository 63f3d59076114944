/** Made-up sessions of chargers whose clock is off by a random amount, or jumps in mid-session: what must hold of all that is sent. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Charger } from '../../src/charging/charger.ts';
import { registerWhOf } from '../../src/charging/meter.ts';
import { calm, day, type Day } from './generated-day.ts';
import { indexOfRegister, webhooksOf } from './generated-webhooks.ts';
import { expectOrder, flawsOf } from './sent.ts';
import { SimulatedStation } from './simulated-station.ts';

const SEED = Number(process.env['FC_SEED'] ?? Date.now() % 0x7fff_ffff);
const YEAR_S = 31_536_000;
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** By how much a clock is off, in seconds: a little, by a time zone, by decades, beyond the year 9999. */
const offS = fc.oneof(
  fc.integer({ min: -600, max: 600 }),
  fc.integer({ min: -14, max: 14 }).map((hours) => hours * 3600),
  fc.constantFrom(-56 * YEAR_S, -20 * YEAR_S, 10 * YEAR_S, 7973 * YEAR_S),
);
const clocks = fc.record({ first: offS, later: offS, jumpsAfterS: fc.integer({ min: 0, max: 4000 }) });

/** Ids that no two sessions share, readings that name them, and stops that come: what can be known whatever the clock says. */
function namedDay(given: Day): Day {
  const connectors = calm(given).connectors.map((plans) =>
    plans.map((plan) => ({
      ...plan,
      answer: 'beside' as const,
      end: 'stop' as const,
      hasEnd: true,
      readings: plan.readings.map((form) => (form === 'unnamed' ? ('named' as const) : form)),
    })),
  );
  return { ...given, numbering: 'counter', connectors };
}

/** The same event of a charger whose clock is off; the CSMS's own time stays. */
function shifted(event: unknown, byS: number): unknown {
  const text = JSON.stringify(event, (key, value: unknown) =>
    key === 'frame' ? JSON.parse(JSON.stringify(value, (name, each: unknown) => moved(name, each, byS))) : value,
  );
  return JSON.parse(text);
}

const moved = (name: string, value: unknown, byS: number) =>
  name === 'timestamp' && typeof value === 'string' ? new Date(Date.parse(value) + byS * 1000).toISOString() : value;

function live(given: Day, { first, later, jumpsAfterS }: { first: number; later: number; jumpsAfterS: number }) {
  const { webhooks } = webhooksOf(given);
  const evses = given.connectors.map((_, index) => ({
    evseId: index + 1,
    capabilities: [],
    connectors: [{ connectorId: '1' }],
  }));
  const charger: Charger = { chargePointId: 'CP-1', ocppIdentity: 'CP_1', protocol: given.protocol, evses };
  const station = new SimulatedStation({ charger });
  const [beginMs = 0] = webhooks.map(({ arrivalMs }) => arrivalMs);
  for (const { event, arrivalMs } of webhooks) {
    station.take(shifted(event, arrivalMs - beginMs < jumpsAfterS * 1000 ? first : later), arrivalMs);
  }
  return { station, endMs: webhooks.at(-1)?.arrivalMs ?? 0 };
}

/** Registers of one session told in another, ends before their starts, and times that cannot be. */
function faultsOf({ events }: SimulatedStation, endMs: number): string[] {
  return events.flatMap((event) => {
    if (!('sequence' in event)) return [];
    const { startedAt, transactionId } = event.session;
    const index = Number(/\d{1,6}$/.exec(transactionId.ocpp201)?.[0]) % 10_000;
    const registers = event.meterValues.flatMap(({ samples }) => samples.map(registerWhOf));
    const strays = registers.filter((wh) => wh !== undefined && indexOfRegister(wh) !== index);
    const times = [startedAt, event.at, ...event.meterValues.map(({ at }) => at)];
    const odd = times.filter((at) => !RFC3339.test(at) || !(Date.parse(at) <= endMs + 300_000) || at < '2015');
    const isEarly = event.kind === 'session-ended' && Date.parse(event.at) < Date.parse(startedAt);
    return [
      ...strays.map((wh) => `${wh} in ${index}`),
      ...odd,
      ...(isEarly ? [`${event.at} before ${startedAt}`] : []),
    ];
  });
}

test(`whatever a charger's clock says, each session is told whole, valid and by itself, seed ${SEED}`, () => {
  fc.assert(
    fc.property(day.map(namedDay), clocks, (given, clock) => {
      const { station, endMs } = live(given, clock);
      expect(flawsOf(station)).toEqual([]);
      expectOrder(station.sent.jedlix);
      expect(faultsOf(station, endMs)).toEqual([]);
      const count = (kind: string) => station.events.filter((event) => event.kind === kind).length;
      const plans = given.connectors.flat();
      expect(count('session-started')).toBe(plans.length);
      expect(count('session-ended')).toBe(plans.length);
      const readings = plans.flatMap((plan) => plan.readings.filter((form) => form !== 'status'));
      const told = station.events.filter((event) => event.kind === 'session-updated' && event.meterValues.length > 0);
      expect(told).toHaveLength(readings.length);
    }),
    { seed: SEED, numRuns: 200, endOnFailure: true },
  );
}, 30_000);
