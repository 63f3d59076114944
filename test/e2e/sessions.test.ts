/** Recorded sessions of seven stations, through the real Worker, to stand-ins as strict as the providers are documented to be. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { postWebhook } from '../../sandbox/csms-webhook.ts';
import { readRecording, recordingNames, replayAs, type RecordingName } from '../../sandbox/recordings.ts';
import { sandboxSettings } from '../../sandbox/settings.ts';
import { freshId, startWorld, type World } from './world.ts';

vi.setConfig({ testTimeout: 60_000 });

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 60_000);
afterAll(() => world.close());

const auth = { secret: sandboxSettings.CSMS_WEBHOOK_SECRETS };

/** Posts a recording as a CSMS would: signed, a few frames at a time, in the order they were seen. */
async function replay(name: RecordingName, chargePointId: string): Promise<void> {
  const events = replayAs(readRecording(name), { chargePointId, ocppIdentity: `ID-${chargePointId}` });
  for (let start = 0; start < events.length; start += 20) {
    const answer = await postWebhook({ edgeUrl: world.edge.url, events: events.slice(start, start + 20), auth });
    expect(answer).toMatchObject({ status: 202, body: { rejected: [], duplicates: 0 } });
  }
}

test.each(recordingNames)('brings every recorded session to both providers, in order and valid', async (name) => {
  const { outside, api } = world;
  const { stekker, jedlix } = outside;
  const chargePointId = freshId();
  const [first] = readRecording(name);
  await world.register(chargePointId, { protocol: first?.protocol });
  for (const [provider, standIn] of [
    ['stekker', stekker],
    ['jedlix', jedlix],
  ] as const) {
    standIn.addPairingCode(`CODE-${chargePointId}`);
    const body = { provider, code: `CODE-${chargePointId}` };
    expect((await api('POST', `/api/chargers/${chargePointId}/pairings`, body)).status).toBe(201);
  }
  await replay(name, chargePointId);
  await world.settled();
  expect(stekker.sessionMessages(chargePointId).length).toBeGreaterThan(40);
  expect(jedlix.transactionEvents(chargePointId).length).toBeGreaterThan(40);
  for (const { counts } of [stekker, jedlix])
    expect(counts).toMatchObject({ refused: 0, outOfOrder: 0, duplicates: 0 });
});

test('sends nothing of a charger that is paired with nobody', async () => {
  const { stekker, jedlix } = world.outside;
  const chargePointId = freshId();
  await world.register(chargePointId);
  const before = [stekker.received.length, jedlix.received.length];
  await replay('KEBA-P30-17619300', chargePointId);
  await world.settled();
  expect([stekker.received.length, jedlix.received.length]).toEqual(before);
});
