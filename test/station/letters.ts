/** Parked messages for tests, put into D1 as if a station had brought them. */
import { env } from 'cloudflare:workers';
import type { DeadLetter } from '../../src/recipient.ts';
import { deliveryIdOf, saveDeadLetters } from '../../src/storage/dead-letters.ts';

/** Parks a letter of a charger at this time; what is not said of it does not matter. Gives its id. */
export async function parked(chargePointId: string, letter: Partial<DeadLetter> = {}, parkedAt = 5): Promise<string> {
  const usual = { provider: 'stekker', seq: 1, part: 0, reason: 'http-400', attempts: 1, receivedAt: 1 };
  const record = { ...usual, deliverables: [], answer: undefined, ...letter };
  const deliveryId = deliveryIdOf(chargePointId, record);
  await saveDeadLetters(env.DB, [{ deliveryId, chargePointId, parkedAt, record }], 1_000_000);
  return deliveryId;
}
