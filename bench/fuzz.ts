/**
 * `npm run fuzz [-- <seed> [<frames>]]`: hostile frames through a station's whole decision and both translations, for at
 * most five minutes. Fails when something throws, when what is sent is not valid by the official schemas or has an
 * instant outside RFC 3339, and when the session book grows.
 */
import { readCharger } from '../src/http/chargers/schema.ts';
import { flawsIn } from './fuzz/flaws.ts';
import { mutated } from './fuzz/mutation.ts';
import { randomFrom } from './random.ts';
import { readRecording, recordingNames, type RecordedEvent } from '../sandbox/recordings.ts';
import { SimulatedStation } from '../test/station/simulated-station.ts';

const MAX_MS = 5 * 60_000;
/** A station takes so many, then another one begins. */
const FRAMES_PER_STATION = 500;
const MAX_BOOK_LENGTH = 1_000_000;

const [seed = String(Date.now()), wanted = '1000000'] = process.argv.slice(2);
const frames = Number(wanted);
const recordings = recordingNames.map((name) => [...readRecording(name)]);
const began = performance.now();
const counts = new Map<string, number>();
let taken = 0;
let sent = 0;

for (let station = 0; taken < frames && performance.now() - began < MAX_MS; station += 1) {
  const random = randomFrom(`${seed} ${station}`);
  const recording = recordings[station % recordings.length] ?? [];
  sent += live(recording, random, `${seed} ${station}`);
}

const seconds = (performance.now() - began) / 1000;
const outcomes = [...counts].toSorted(([, a], [, b]) => b - a).map(([outcome, count]) => `${outcome} ${count}`);
console.log(`${taken} frames, seed ${seed}, in ${seconds.toFixed(0)} s; ${sent} messages sent, none with a flaw`);
console.log(outcomes.join(' · '));

/** One station's frames; how many messages were sent of them. */
function live(recording: readonly RecordedEvent[], random: ReturnType<typeof randomFrom>, name: string): number {
  const station = new SimulatedStation({ charger: chargerOf(recording[0]?.protocol ?? 'ocpp1.6') });
  let nowMs = Date.parse(recording[0]?.timestamp ?? '2026-01-01T00:00:00Z');
  for (let place = random.between(0, recording.length - 1), count = 0; count < FRAMES_PER_STATION; count += 1) {
    const event = recording[place % recording.length];
    place += random.chance(0.1) ? random.between(0, 20) : 1;
    nowMs += random.between(0, 60_000);
    const said = { ...event, chargePointId: 'CP-1', ocppIdentity: 'CP_1', timestamp: new Date(nowMs).toISOString() };
    const body = oddly(said, random);
    attempt(name, body, () => {
      const outcome = station.take(body, nowMs);
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    });
    taken += 1;
    if (taken >= frames) break;
  }
  attempt(name, 'the day after', () => station.wait(nowMs + 24 * 3_600_000));
  const length = JSON.stringify(station.book).length;
  if (length > MAX_BOOK_LENGTH) throw new Error(`${name}: the book has ${length} characters`);
  const [flaw] = flawsIn(station.sent);
  if (flaw !== undefined) throw new Error(`${name}: ${flaw}`);
  return station.sent.stekker.length + station.sent.jedlix.length;
}

/** The event as it is, or with changes: mostly in its frame, else anywhere. */
function oddly(said: object & { readonly frame?: unknown }, random: ReturnType<typeof randomFrom>): unknown {
  const roll = random.next();
  if (roll < 0.3) return said;
  return roll < 0.9 ? { ...said, frame: mutated(said.frame, random) } : mutated(said, random);
}

function attempt(name: string, body: unknown, work: () => void): void {
  try {
    work();
  } catch (error) {
    console.error(`seed ${name}: ${JSON.stringify(body).slice(0, 2000)}`);
    throw error;
  }
}

function chargerOf(protocol: string) {
  const evses = [1, 2].map((evseId) => ({ evseId, connectors: [{ connectorId: '1' }] }));
  const charger = readCharger('CP-1', { ocppIdentity: 'CP_1', protocol, evses });
  if (!charger.ok) throw new Error(charger.error.detail);
  return charger.value;
}
