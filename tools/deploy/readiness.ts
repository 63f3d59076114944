/** Waits until the deployed Worker says that it is ready. */
import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { Stop } from './stop.ts';

const Answer = z.object({
  ready: z.boolean(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string().optional() })),
});

/**
 * The cron trigger runs every 5 minutes; until its first run, the check of its name fails. EVSE uids that chargers have
 * shared since before keep the Worker from nothing; the doctor names them.
 */
const NOT_AWAITED = ['cron', 'evse-uids'];

export type Waiting = { readonly attempts: number; readonly pauseMs: number; readonly adminToken: string | undefined };

/** Asks `/readyz` until all checks but those that are not awaited are fine. A `Stop` names those that still fail in the end. */
export async function ready(url: string, { attempts, pauseMs, adminToken }: Waiting): Promise<void> {
  let last = 'it did not answer';
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (attempt > 0) await wait(pauseMs);
    const answer = await ask(url, adminToken);
    if (typeof answer === 'string') {
      last = answer;
      continue;
    }
    const failed = answer.checks.filter(({ name, ok }) => !ok && !NOT_AWAITED.includes(name));
    if (failed.length === 0) return;
    last = failed.map(({ name, detail }) => (detail === undefined ? name : `${name}: ${detail}`)).join('; ');
  }
  throw new Stop(
    `The Worker is deployed, but ${url}/readyz does not say that it is ready: ${last}.`,
    'Correct what it names and run the same command again.',
  );
}

async function ask(url: string, adminToken: string | undefined): Promise<z.output<typeof Answer> | string> {
  try {
    const headers = adminToken === undefined ? {} : { authorization: `Bearer ${adminToken}` };
    const response = await fetch(`${url}/readyz`, { headers, signal: AbortSignal.timeout(10_000) });
    const parsed = Answer.safeParse(await response.json());
    return parsed.success ? parsed.data : `it answered ${response.status}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
