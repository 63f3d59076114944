// The demo's main act: one recorded session goes through the edge, and what both providers received is compared with the recording.
import type { OutsideWorld } from '../outside-world.ts';
import { readRecording, replayAs, selectRange, type RecordedEvent } from '../recordings.ts';
import { readJedlixDelivery, readStekkerDelivery } from './deliveries.ts';
import { expectAtJedlix, expectAtStekker, findCharge, type RecordedCharge } from './expectation.ts';
import { untilStill } from './polling.ts';
import { emi3Id, recordedCharger, type Stage } from './registration.ts';
import { startReplay, type Replay } from './replay.ts';
import { jedlixSummary, showTimeline, stekkerSummary } from './timeline.ts';
import { registersAtJedlix, registersAtStekker, showTotals, type Side } from './totals.ts';
import { findFaults, findRegisterFaults, findSeqNoFaults, findTallyFaults } from './verdict.ts';

/** A remote start, twenty minutes with a pause at 0 A, a remote stop: from plugging in to driving away. */
const [plugsIn, hasLeft] = [new Date('2026-05-12T16:32:00Z'), new Date('2026-05-12T16:52:00Z')];

/** How long nothing may come before the replay counts as over. */
const stillMs = 500;

type SessionStage = Stage & { readonly world: OutsideWorld };

/** The recorded session, with fresh message ids. */
export function demoEvents(): RecordedEvent[] {
  const events = selectRange(readRecording('KEBA-P30-17619300'), plugsIn, hasLeft);
  const { chargePointId, body } = recordedCharger;
  return replayAs(events, { chargePointId, ocppIdentity: body.ocppIdentity, messageSalt: 'demo' });
}

/** Replays the session, shows it and its totals; gives everything that is wrong. */
export async function replaySession(stage: SessionStage): Promise<string[]> {
  const { edgeUrl, screen, world } = stage;
  const events = demoEvents();
  const charge = findCharge(events);
  screen.heading('4  A recorded session of KEBA-P30-17619300, every frame as a signed POST /webhooks/ocpp of its own');
  const sides = sidesOf(events, world);
  const { stopIndex } = charge;
  const replay = startReplay({
    edgeUrl,
    events,
    repeated: stopIndex,
    repeatAfter: stopIndex + 1,
    isPaced: screen.isTerminal,
  });
  // The timeline awaits it in the end; until then a failure is nobody's.
  replay.done.catch(() => undefined);
  await showTimeline({ screen, events, replay, lanes: sides });
  await untilStill(() => world.stekker.received.length + world.jedlix.received.length, stillMs, 10 * stillMs);
  return conclude(stage, charge, replay, sides);
}

/** The pairing is behind us: what a provider has received by now is not the session's. */
function sidesOf(events: readonly RecordedEvent[], { stekker, jedlix }: OutsideWorld) {
  const names = { chargePointId: recordedCharger.chargePointId, emi3Id };
  const [pairedStekker, pairedJedlix] = [stekker.received.length, jedlix.received.length];
  return [
    {
      name: 'Stekker',
      width: 18,
      expected: expectAtStekker(events, names),
      get received() {
        return stekker.received.slice(pairedStekker);
      },
      counts: stekker.counts,
      read: readStekkerDelivery,
      registersIn: registersAtStekker,
      summary: stekkerSummary,
    },
    {
      name: 'Jedlix',
      width: 45,
      expected: expectAtJedlix(events, names),
      get received() {
        return jedlix.received.slice(pairedJedlix);
      },
      counts: jedlix.counts,
      read: readJedlixDelivery,
      registersIn: registersAtJedlix,
      summary: jedlixSummary,
    },
  ];
}

function conclude(
  { screen, world }: SessionStage,
  { meterStartWh, meterStopWh }: RecordedCharge,
  replay: Replay,
  lanes: ReturnType<typeof sidesOf>,
): string[] {
  const recorded = { startWh: meterStartWh, stopWh: meterStopWh };
  const sides = lanes.map(({ name, expected, received, counts, read, registersIn }): Side => {
    return { observation: { provider: name, expected, received, counts, read }, registers: registersIn(received) };
  });
  showTotals(screen, { tally: replay.tally, recorded, sides });
  return [
    ...replay.faults,
    ...findTallyFaults(replay.tally),
    ...sides.flatMap(({ observation, registers }) => [
      ...findFaults(observation),
      ...findRegisterFaults(observation.provider, recorded, registers),
    ]),
    ...findSeqNoFaults(world.jedlix.received),
  ];
}
