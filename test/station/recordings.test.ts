/** The seven recorded stations on their way through the station: 44 sessions for both providers, valid, in order, with the right registers. */
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { readRecording, recordingNames, type RecordedEvent, type RecordingName } from '../../sandbox/recordings.ts';
import { SimulatedStation } from './simulated-station.ts';
import { expectOrder, flawsOf, transactionsOf } from './sent.ts';

/**
 * By recording: how many sessions reach each provider, how many of them end, and what is kept. Two starts are refused. What is kept
 * beside them came after the stop of its session: a last periodic reading, or a buffer.
 */
const EXPECTED: Readonly<Record<RecordingName, { sessions: number; ended: number; kept: Record<string, number> }>> = {
  'ABB-TERRA53-A7': { sessions: 6, ended: 5, kept: { 'session-ended': 2 } },
  'EVLINK-7P04-0021': { sessions: 7, ended: 7, kept: { 'session-ended': 1, 'start-refused': 1 } },
  'KEBA-OCPP2-0042': { sessions: 8, ended: 7, kept: {} },
  'KEBA-P30-17619300': { sessions: 6, ended: 5, kept: { 'session-ended': 1, 'start-refused': 1 } },
  'OPENCP-16-02': { sessions: 3, ended: 2, kept: {} },
  'OPENCP-201-05': { sessions: 3, ended: 3, kept: {} },
  'OVOMALTIN-DC-3': { sessions: 11, ended: 11, kept: {} },
};

const Stop = z.object({ transactionId: z.int(), meterStop: z.number() });
const Sample = z.object({
  value: z.number(),
  measurand: z.string().optional(),
  unitOfMeasure: z.object({ unit: z.string() }).optional(),
});
const Ended = z.object({
  timestamp: z.string(),
  evse: z.object({ id: z.int() }).optional(),
  transactionInfo: z.object({ transactionId: z.string() }),
  meterValue: z.array(z.object({ sampledValue: z.array(Sample) })).optional(),
});
const StekkerStop = z.object({
  event: z.object({ method: z.literal('StopTransaction'), params: Stop }),
});

function replay(name: RecordingName): {
  readonly station: SimulatedStation;
  readonly frames: readonly RecordedEvent[];
} {
  const frames = [...readRecording(name)];
  const [first] = frames;
  if (first === undefined) throw new Error(`${name} is empty`);
  const { chargePointId, ocppIdentity, protocol } = first;
  const evses = [1, 2, 3].map((evseId) => ({ evseId, capabilities: [], connectors: [{ connectorId: '1' }] }));
  const station = new SimulatedStation({ charger: { chargePointId, ocppIdentity, protocol, evses } });
  for (const event of frames) expect(station.take(event)).not.toMatch(/rejected|duplicate/);
  return { station, frames };
}

/** The registers at the end as the station says them, in Wh, in the order of the ends: meterStop, or the last register there was. */
function registersIn(frames: readonly RecordedEvent[]): number[] {
  const last = new Map<string, number>();
  return frames.flatMap(({ frame }) => {
    if (frame[0] !== 2) return [];
    const [, , action, payload] = frame;
    if (action === 'StopTransaction') return [Stop.parse(payload).meterStop];
    if (action !== 'TransactionEvent' && action !== 'MeterValues') return [];
    const wh = lastRegisterIn(payload);
    const evse = z.object({ evseId: z.int() }).safeParse(payload);
    const step = Ended.safeParse(payload);
    const key = step.success ? step.data.transactionInfo.transactionId : `evse ${evse.data?.evseId}`;
    if (step.success && step.data.evse) last.set(`place of ${key}`, step.data.evse.id);
    const place = `evse ${last.get(`place of ${key}`)}`;
    for (const name of [key, place]) if (wh !== undefined) last.set(name, wh);
    return payload['eventType'] === 'Ended' ? [last.get(place) ?? Number.NaN] : [];
  });
}

function lastRegisterIn(payload: unknown): number | undefined {
  const readings = z.object({ meterValue: z.array(z.object({ sampledValue: z.array(Sample) })) }).safeParse(payload);
  const samples = readings.data?.meterValue.flatMap(({ sampledValue }) => sampledValue) ?? [];
  const register = samples.findLast(({ measurand }) => measurand === 'Energy.Active.Import.Register');
  return register && register.value * (register.unitOfMeasure?.unit === 'kWh' ? 1000 : 1);
}

const countsOf = (reasons: readonly string[]) =>
  Object.fromEntries([...Map.groupBy(reasons, (reason) => reason)].map(([reason, all]) => [reason, all.length]));

describe.each(recordingNames)('%s', (name) => {
  const { station, frames } = replay(name);
  const { sent, kept } = station;
  const { sessions, ended, kept: expectedKept } = EXPECTED[name];
  const stekkerMethods = sent.stekker.map((message) => message.name);

  test(`reaches both providers with ${sessions} sessions, ${ended} of them to the end`, () => {
    const transactions = transactionsOf(sent.jedlix);
    expect(transactions).toHaveLength(sessions);
    expect(transactions.filter((events) => events.at(-1)?.eventType === 'Ended')).toHaveLength(ended);
    expect(stekkerMethods.filter((method) => method === 'StartTransaction')).toHaveLength(sessions);
    expect(stekkerMethods.filter((method) => method === 'StopTransaction')).toHaveLength(ended);
  });

  test('comes out valid to the last payload, each transaction numbered from 0 and told in order', () => {
    expect(flawsOf(station)).toEqual([]);
    expectOrder(sent.jedlix);
    expect(Math.min(sent.stekker.length, sent.jedlix.length)).toBeGreaterThan(30);
  });

  test('ends its sessions at the registers that the station said', () => {
    const registers = registersIn(frames);
    const stops = sent.stekker.flatMap(({ body }) => StekkerStop.safeParse(body).data?.event.params.meterStop ?? []);
    expect(stops).toEqual(registers.map(Math.round));
    const ends = station.events.flatMap((event) => (event.kind === 'session-ended' ? [event.meterStopWh] : []));
    expect(ends.map((wh) => wh.toFixed(2))).toEqual(registers.map((wh) => wh.toFixed(2)));
  });

  test('keeps what came too late or was refused, and nothing else', () => {
    expect(countsOf(kept.map(({ reason }) => reason))).toEqual(expectedKept);
  });
});

test('the recordings hold 44 sessions, and two starts that are refused', () => {
  const all = Object.values(EXPECTED);
  expect(all.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(44);
  expect(all.reduce((sum, { kept }) => sum + (kept['start-refused'] ?? 0), 0)).toBe(2);
});
