/** Sends webhooks as a CSMS does: in order, one after another, again until they are taken. Refuses to go on when the edge refuses. */
import { setTimeout as sleep } from 'node:timers/promises';
import { signedWebhook } from '../../sandbox/csms-webhook.ts';
import { numberAt, valueAt } from '../../sandbox/demo/json.ts';
import { parseJson } from '../../sandbox/journal.ts';
import type { WebhookRequest } from './webhooks.ts';

/** What the edge answered, added up over all 202; and how often a request had to be sent again. */
export type Tally = { requests: number; received: number; duplicates: number; ignored: number; resent: number };

/** Where the webhooks go. `gapMs` lies between two requests of one sender. */
export type Mailbox = { readonly url: string; readonly secret: string; readonly gapMs: number };

const TIMEOUT_MS = 10_000;
const RETRY_MS = 250;
const MAX_TRIES = 400;

/** Sends these requests. When it ends, every event in them got its 202. */
export async function sendAll(requests: readonly WebhookRequest[], mailbox: Mailbox, tally: Tally): Promise<void> {
  for (const request of requests) {
    await send(request, mailbox, tally);
    await sleep(mailbox.gapMs);
  }
}

async function send({ id, events }: WebhookRequest, { url, secret }: Mailbox, tally: Tally): Promise<void> {
  const body = JSON.stringify(events.map((event) => event.body));
  for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
    const answer = await post(`${url}/webhooks/ocpp`, signedWebhook(secret, body, { id }), body);
    if (answer?.status === 202) return add(tally, parseJson(answer.text), events.length);
    if (answer !== undefined && answer.status < 500) throw new Error(`refused: ${answer.status} ${answer.text}`);
    tally.resent += 1;
    await sleep(RETRY_MS);
  }
  throw new Error('the edge never took a webhook');
}

/** The answer, or undefined when there was none: then nobody knows what became of the events. */
async function post(
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<{ status: number; text: string } | undefined> {
  try {
    const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { status: response.status, text: await response.text() };
  } catch {
    return undefined;
  }
}

/** Every event must be received, known already or of no interest; a rejected one is a bug, here or there. */
function add(tally: Tally, answer: unknown, sent: number): void {
  const count = (name: string) => numberAt(answer, name) ?? 0;
  const [received, duplicates, ignored] = [count('received'), count('duplicates'), count('ignored')];
  if (received + duplicates + ignored !== sent) {
    throw new Error(`events were rejected: ${JSON.stringify(valueAt(answer, 'rejected'))}`);
  }
  tally.requests += 1;
  tally.received += received;
  tally.duplicates += duplicates;
  tally.ignored += ignored;
}
