/** Runs reports from the field through the station: instants are counted from a fixed moment, lists are written short. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { readCharger } from '../../src/http/chargers/schema.ts';
import { SimulatedStation, type SimulatedStationOptions } from './simulated-station.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/field');
const BASE = Date.parse('2026-03-31T12:00:00Z');
const Report = z.looseObject({
  protocol: z.enum(['ocpp1.6', 'ocpp2.0.1']),
  evses: z.int(),
  events: z.array(z.record(z.string(), z.unknown())),
});
const Repeated = z.strictObject({ $repeat: z.int(), first: z.unknown(), last: z.unknown() });

/** A CALL of an OCPP 1.6 station, `after` seconds from the beginning. */
export const said = (after: number, id: string, action: string, payload: object) => ({
  protocol: 'ocpp1.6',
  direction: 'cs',
  timestamp: `@+${after}`,
  frame: [2, id, action, payload],
});

/** The same event, but it arrives so many seconds after the beginning. */
export const arriving = (after: number, event: object) => ({ ...event, arrives: after });

/** When an instant of a report is, in ms since the epoch. */
export const instantOf = (after: number) => BASE + after * 1000;

/** The answer of the CSMS to a start. */
export const numbered = (after: number, id: string, transactionId: number) => ({
  protocol: 'ocpp1.6',
  direction: 'csms',
  timestamp: `@+${after}`,
  frame: [3, id, { transactionId, idTagInfo: { status: 'Accepted' } }],
});

/** Takes a report of the folder. */
export function runReport(name: string) {
  const { protocol, events, evses } = Report.parse(JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')));
  return run(
    events.map((event) => ({ protocol, ...event })),
    evses,
    undefined,
    protocol,
  );
}

/** Takes events; what each provider got of them, by its messages' bodies, and what was said of each event. */
export function run(
  events: readonly object[],
  evses = 2,
  paired: SimulatedStationOptions['paired'] = ['stekker', 'jedlix'],
  protocol = 'ocpp1.6',
) {
  const charger = readCharger('CP-1', {
    ocppIdentity: 'CP-1',
    protocol,
    evses: Array.from({ length: evses }, (_, index) => ({ evseId: index + 1, connectors: [{ connectorId: '1' }] })),
  });
  if (!charger.ok) throw new Error(charger.error.detail);
  const station = new SimulatedStation({ charger: charger.value, paired });
  const acceptances = events.map((event) => {
    const arrives = 'arrives' in event ? BASE + Number(event.arrives) * 1000 : undefined;
    return station.take(written({ ...event, chargePointId: 'CP-1', post: undefined, arrives: undefined }), arrives);
  });
  return { acceptances, events: station.events, kept: station.kept, station };
}

/** An event as it is posted: its instants written out. */
export function written(value: object): unknown {
  const text = JSON.stringify(value, (_, each: unknown) => {
    if (typeof each === 'string' && each.startsWith('@+'))
      return new Date(BASE + Number(each.slice(2)) * 1000).toISOString();
    const repeated = Repeated.safeParse(each);
    if (!repeated.success) return each;
    const { $repeat, first, last } = repeated.data;
    return Array.from({ length: $repeat }, (_item, index) => (index === $repeat - 1 ? last : first));
  });
  return JSON.parse(text.replaceAll('"9223372036854775807"', '9223372036854775807'));
}
