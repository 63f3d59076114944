/** Reads the session fixtures: what came in by webhook, and what each provider got of it. Refuses a fixture that is not as its README says. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Charger } from '../../src/charging/charger.ts';
import { readCharger } from '../../src/http/chargers/schema.ts';
import { SimulatedStation, type Acceptance } from './simulated-station.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/sessions');

const NativeEvent = z.strictObject({
  protocol: z.enum(['ocpp1.6', 'ocpp2.0.1']),
  direction: z.literal('csms').optional(),
  timestamp: z.iso.datetime(),
  frame: z.array(z.unknown()),
  response: z.record(z.string(), z.unknown()).optional(),
});
const Provider = z.enum(['stekker', 'jedlix']);
const Entry = z.union([NativeEvent, z.strictObject({ until: z.iso.datetime() }), z.strictObject({ pair: Provider })]);
const Input = z.strictObject({
  case: z.string().min(20),
  charger: z.record(z.string(), z.unknown()).optional(),
  paired: z.array(Provider).optional(),
  events: z.array(Entry),
  kept: z.array(z.strictObject({ event: z.int(), reason: z.string() })),
  duplicates: z.array(z.int()).optional(),
  ignored: z.array(z.int()).optional(),
  rejected: z.array(z.int()).optional(),
});

/** The charger of a fixture that describes none: two EVSEs, each with its public id. */
const USUAL_CHARGER = {
  ocppIdentity: 'LIB_6513',
  protocol: 'ocpp1.6',
  evses: [1, 2].map((evseId) => ({
    evseId,
    emi3Id: `NLSTKE00000${evseId}`,
    connectors: [{ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 }],
  })),
};
const CHARGE_POINT_ID = '61409f9bad616b6c64c31704';

export type Fixture = { readonly name: string; readonly input: z.infer<typeof Input> };

/** What became of a fixture's events. `events` by their place, from 1. */
export type Outcome = {
  readonly stekker: readonly unknown[];
  readonly jedlix: readonly unknown[];
  readonly kept: readonly { readonly event: number; readonly reason: string }[];
  readonly acceptances: readonly (Acceptance | 'none')[];
};

/** Every fixture, by name. */
export function readFixtures(): Fixture[] {
  const names = readdirSync(FOLDER).flatMap((file) => (file.endsWith('.in.json') ? [file.slice(0, -8)] : []));
  return names.map((name) => ({ name, input: Input.parse(readJson(`${name}.in.json`)) }));
}

/** What a provider must get. */
export function expectedBy(provider: 'stekker' | 'jedlix', { name }: Fixture): unknown {
  return readJson(`${name}.${provider}.json`);
}

/** The text of a file beside the fixtures. */
export function readText(file: string): string {
  return readFileSync(join(FOLDER, file), 'utf8');
}

/** The files in the folder. */
export const filesThere = () => readdirSync(FOLDER);

/** Runs a fixture's events through the station. */
export function run({ input }: Fixture): Outcome {
  const station = new SimulatedStation({ charger: chargerOf(input), ...(input.paired && { paired: input.paired }) });
  const acceptances = input.events.map((entry) => {
    if ('frame' in entry) return station.take({ ...entry, chargePointId: CHARGE_POINT_ID });
    if ('until' in entry) station.wait(Date.parse(entry.until));
    else station.pair(entry.pair);
    return 'none' as const;
  });
  return {
    stekker: station.sent.stekker.map(({ body }) => body),
    jedlix: station.sent.jedlix.map(({ path, body }) => ({ path, body })),
    kept: station.kept,
    acceptances,
  };
}

function chargerOf(input: z.infer<typeof Input>): Charger {
  const charger = readCharger(CHARGE_POINT_ID, { ...USUAL_CHARGER, ...input.charger });
  if (!charger.ok) throw new Error(charger.error.detail);
  return charger.value;
}

function readJson(file: string): unknown {
  return JSON.parse(readText(file));
}
