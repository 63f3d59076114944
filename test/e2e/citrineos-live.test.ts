/** What a real CitrineOS 1.8.3 called back, in the order in which it came, through the real Worker to the strict stand-ins. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { postWebhook } from '../../sandbox/csms-webhook.ts';
import { sandboxSettings } from '../../sandbox/settings.ts';
import { startWorld, type World } from './world.ts';

vi.setConfig({ testTimeout: 60_000 });

const PATH = join(import.meta.dirname, '../fixtures/citrineos/live.jsonl');
const Line = z.object({ body: z.looseObject({ stationId: z.string().optional(), event: z.string().optional() }) });
/** Verdicts of commands came to another URL. */
const callbacks = readFileSync(PATH, 'utf8')
  .trim()
  .split('\n')
  .map((line) => Line.parse(JSON.parse(line)).body)
  .filter(({ event }) => event !== undefined);
const Tally = z.object({ received: z.number(), duplicates: z.number(), ignored: z.number() });

/** The recording has no end of the third one's session. */
const CHARGERS = [
  { chargePointId: 'LIVE1', isEnded: true, ocppIdentity: 'VCP16-C', protocol: 'ocpp1.6' },
  { chargePointId: 'LIVE2', isEnded: true, ocppIdentity: 'VCP201-D', protocol: 'ocpp2.0.1' },
  { chargePointId: 'LIVE3', isEnded: false, ocppIdentity: 'CIT16-A', protocol: 'ocpp1.6' },
  { chargePointId: 'LIVE4', isEnded: true, ocppIdentity: 'CIT201-B', protocol: 'ocpp2.0.1' },
];

let world: World;
beforeAll(async () => {
  world = await startWorld();
  for (const { chargePointId, ocppIdentity, protocol } of CHARGERS) {
    await world.register(chargePointId, { ocppIdentity, protocol });
    for (const provider of ['stekker', 'jedlix'] as const) {
      world.outside[provider].addPairingCode(`CODE-${chargePointId}`);
      const body = { provider, code: `CODE-${chargePointId}` };
      const paired = await world.api('POST', `/api/chargers/${chargePointId}/pairings`, body);
      if (paired.status !== 201) throw new Error(`pairing was answered ${paired.status}`);
    }
  }
}, 60_000);
afterAll(() => world.close());

/** Posts every callback by itself, as CitrineOS does; gives how they were counted in all, and what was refused. */
async function postAll() {
  const sum = { received: 0, duplicates: 0, ignored: 0 };
  const refused: unknown[] = [];
  for (const events of callbacks) {
    const auth = { pathToken: sandboxSettings.CSMS_TOKENS };
    const { status, body } = await postWebhook({ edgeUrl: world.edge.url, events, auth, csms: 'citrineos' });
    if (status !== 202) {
      refused.push([status, events['message']]);
      continue;
    }
    const tally = Tally.parse(body);
    for (const name of ['received', 'duplicates', 'ignored'] as const) sum[name] += tally[name];
  }
  return { sum, refused };
}

const toStekker = (id: string) =>
  world.outside.stekker
    .sessionMessages(id)
    .map(({ body }) => z.object({ event: z.object({ method: z.string() }) }).parse(body).event.method);
const toJedlix = (id: string) =>
  world.outside.jedlix
    .transactionEvents(id)
    .map(({ body }) => z.object({ eventType: z.string(), seqNo: z.number() }).parse(body))
    .map(({ eventType, seqNo }) => `${eventType} ${seqNo}`);

test('reaches both providers, each session whole, valid and in order; the same again is a duplicate', async () => {
  const first = await postAll();
  // What CitrineOS could not read either, and its answer to that.
  expect(first.refused).toEqual([
    [400, 'hello'],
    [400, '[4,null,"FormationViolation","Unknown message type id: undefined",{}]'],
    [400, '{"a":1}'],
  ]);
  await world.settled();
  for (const { counts } of [world.outside.stekker, world.outside.jedlix])
    expect(counts).toMatchObject({ refused: 0, outOfOrder: 0, duplicates: 0 });
  for (const { chargePointId, isEnded } of CHARGERS) {
    const jedlix = toJedlix(chargePointId);
    const last = isEnded ? 'Ended' : 'Updated';
    const middle = jedlix.slice(1, -1).map((_, index) => `Updated ${index + 1}`);
    expect(jedlix).toEqual(['Started 0', ...middle, `${last} ${jedlix.length - 1}`]);
    const ends = toStekker(chargePointId).filter((method) => /^(?:Start|Stop)Transaction$/.test(method));
    expect(ends).toEqual(isEnded ? ['StartTransaction', 'StopTransaction'] : ['StartTransaction']);
  }
  const delivered = [world.outside.stekker.received.length, world.outside.jedlix.received.length];
  const again = await postAll();
  // That a station connected or left says no time, so it cannot be recognised.
  expect(again.sum).toEqual({ ...first.sum, received: 9, duplicates: first.sum.received - 9 });
  await world.settled();
  expect([world.outside.stekker.received.length, world.outside.jedlix.received.length]).toEqual(delivered);
});
