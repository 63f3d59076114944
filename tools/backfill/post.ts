/** Posts kept messages to the edge, one request after the other, until each is stored. */
import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import type { Kept } from './rows.ts';

export type Totals = { received: number; duplicates: number; ignored: number; rejected: number };

const Tally = z.object({
  received: z.number(),
  duplicates: z.number(),
  ignored: z.number(),
  rejected: z.array(z.looseObject({ index: z.number(), reason: z.string() })),
});

type Target = { readonly url: string; readonly token: string; readonly say: (line: string) => void };

/** How often a request is sent before it is given up, and how long a wait may be (s). */
const TRIES = 20;
const LONGEST_WAIT_S = 60;

/** Posts one batch after the other. @throws when the edge refuses the token, or does not take a batch for long. */
export async function postAll(batches: readonly (readonly Kept[])[], target: Target): Promise<Totals> {
  const totals = { received: 0, duplicates: 0, ignored: 0, rejected: 0 };
  for (const [index, batch] of batches.entries()) {
    const { received, duplicates, ignored, rejected } = await post(batch, target);
    totals.received += received;
    totals.duplicates += duplicates;
    totals.ignored += ignored;
    totals.rejected += rejected.length;
    for (const each of rejected) target.say(`refused: ${batch[each.index]?.charger ?? '?'}: ${each.reason}`);
    target.say(`${index + 1} of ${batches.length} requests`);
  }
  return totals;
}

async function post(batch: readonly Kept[], { url, token }: Target): Promise<z.output<typeof Tally>> {
  for (let tries = 1; ; tries += 1) {
    const response = await fetch(new URL('/webhooks/ocpp', url), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(batch.map(({ event }) => event)),
    }).catch(() => undefined);
    // Also when every event is refused, the answer counts them.
    const tally = Tally.safeParse(await response?.json().catch(() => undefined));
    if (tally.success) return tally.data;
    const status = response?.status ?? 0;
    if (status === 401) throw new Error('The edge refuses the token (401): is it one of CSMS_TOKENS?');
    if ((status >= 400 && status < 500 && status !== 429) || tries >= TRIES)
      throw new Error(`The edge does not take a request: ${status === 0 ? 'no connection' : status}`);
    const after = Number(response?.headers.get('retry-after') ?? 5);
    await wait(Math.min(LONGEST_WAIT_S, Number.isFinite(after) ? after : 5) * 1000);
  }
}
