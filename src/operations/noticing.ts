/** Sends the CSMS the notifications that belong to no charger: in order, at least once; what it refuses is parked. */
import { CSMS, messageOf } from '../notification.ts';
import type { Config } from '../config.ts';
import type { Exchange, Recipient } from '../recipient.ts';
import { deliveryIdOf, NO_CHARGER, saveDeadLetters } from '../storage/dead-letters.ts';
import type { Metrics } from '../station/metrics.ts';
import { claimNotices, deleteNotice, type Notice } from '../storage/notices.ts';

/** How many one run sends. */
const NOTICES_PER_RUN = 20;
/** A notice that was not taken is sent again by a later run. */
const AGAIN_MS = 50_000;

/**
 * Sends what is due at `now` (ms), until one is not taken. While the settings are bad, everything waits.
 * Adds up the attempts in `metrics`.
 */
export async function sendNotices(env: Env, config: Config, now: number, metrics: Metrics): Promise<void> {
  const recipient = config.notifications;
  if (recipient === undefined) return;
  const claim = { now, until: now + AGAIN_MS, limit: NOTICES_PER_RUN };
  for (const notice of await claimNotices(env.DB, claim)) {
    const isDone = await sendOne(env, { config, recipient, metrics, notice, now });
    if (!isDone) return;
  }
}

type Sending = {
  readonly config: Config;
  readonly recipient: Recipient;
  readonly metrics: Metrics;
  readonly notice: Notice;
  readonly now: number;
};

/** Whether the next one may be sent. */
async function sendOne(env: Env, { config, recipient, metrics, notice, now }: Sending): Promise<boolean> {
  const io = { cache: env.CACHE, timeoutMs: config.providerTimeoutMs, now };
  const message = messageOf(notice.body);
  const startedAt = Date.now();
  const exchange = await recipient.send(message, io);
  const outcome = recipient.classify(exchange, now, message);
  const durationMs = Date.now() - startedAt;
  metrics.attempt({ provider: CSMS, name: message.name, outcome, durationMs, attempt: notice.attempts });
  const isExpired = now - notice.createdAt > config.deliveryMaxAgeMs;
  if (outcome.kind === 'deferred' && !isExpired) return false;
  if (outcome.kind !== 'delivered') {
    await park(env, notice, {
      reason: outcome.kind === 'deferred' ? 'expired' : outcome.reason,
      exchange,
      now,
      quota: config.deadLetterQuota,
    });
  }
  await deleteNotice(env.DB, notice.id);
  return true;
}

async function park(
  env: Env,
  { id, body, createdAt, attempts }: Notice,
  {
    reason,
    exchange,
    now,
    quota,
  }: { readonly reason: string; readonly exchange: Exchange; readonly now: number; readonly quota: number },
): Promise<void> {
  const deliverables = [{ message: messageOf(body), to: { [CSMS]: 0 } }];
  const letter = { provider: CSMS, seq: id, part: 0, reason, attempts, receivedAt: createdAt, deliverables };
  const deliveryId = deliveryIdOf(NO_CHARGER, letter);
  const stored = { deliveryId, chargePointId: NO_CHARGER, parkedAt: now, record: { ...letter, answer: exchange } };
  await saveDeadLetters(env.DB, [stored], quota);
}
