/** What the doctor looks at. Each check asks the deployment from outside, as its callers do, and changes nothing. */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { signedHeaders } from '../../src/standard-webhooks.ts';

/** What was found. `todo` says what to do about a fault; without it, all is well. `isSkipped`: it could not be looked at. */
export type Finding = {
  readonly name: string;
  readonly found: string;
  readonly todo?: string;
  readonly isSkipped?: boolean;
};

/** A deployment at `url`, without a slash at its end, and what we may show it. Each secret may be a list with commas. */
export type Patient = {
  readonly url: string;
  readonly adminToken: string | undefined;
  readonly csmsToken: string | undefined;
  readonly webhookSecret: string | undefined;
};

type Answer = { readonly status: number; readonly date: string | null; readonly body: unknown };

/** Webhooks are refused when their sender's clock is 5 minutes off; half of that is time to say so. */
const MAX_CLOCK_MS = 150_000;

const Health = z.object({ status: z.literal('ok'), version: z.string() });
const Readiness = z.object({ checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })) });
const Providers = z.object({ providers: z.array(z.object({ provider: z.string() })) });
const Steps = z.object({ steps: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })) });
const Tally = z.object({ ignored: z.literal(1) });

const first = (list: string | undefined): string | undefined => list?.split(',')[0]?.trim() || undefined;

/** Asks the deployment. A text when there is no answer. */
async function ask(url: string, init: RequestInit = {}): Promise<Answer | string> {
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(30_000) });
    const text = await response.text();
    return { status: response.status, date: response.headers.get('date'), body: jsonOf(text) };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return cause instanceof Error ? cause.message : String(cause);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Looks at everything, in the order in which faults are worth mending. */
export async function* examine(patient: Patient): AsyncGenerator<Finding> {
  const health = await ask(`${patient.url}/healthz`);
  const worker = workerFinding(patient, health);
  yield worker;
  if (worker.todo !== undefined || typeof health === 'string') return;
  yield clockFinding(health.date, Date.now());
  yield* readiness(patient);
  yield* providers(patient);
  yield await webhook(patient);
}

function workerFinding({ url }: Patient, answer: Answer | string): Finding {
  const name = 'worker';
  if (typeof answer === 'string') {
    return {
      name,
      found: `${url} does not answer: ${answer}.`,
      todo: 'Check the address, and that the Worker is deployed.',
    };
  }
  const health = Health.safeParse(answer.body);
  if (health.success) return { name, found: `It answers; its version is ${health.data.version}.` };
  return {
    name,
    found: `${url}/healthz answered ${answer.status}, not as scsp-edge does.`,
    todo: 'Check the address.',
  };
}

function clockFinding(date: string | null, now: number): Finding {
  const name = 'clock';
  const there = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(there))
    return { name, found: 'The answer has no Date, so the clocks were not compared.', isSkipped: true };
  const seconds = Math.round((now - there) / 1000);
  const found = `This machine's clock and Cloudflare's differ by ${Math.abs(seconds)} s.`;
  if (Math.abs(now - there) <= MAX_CLOCK_MS) return { name, found };
  return { name, found, todo: 'Set this clock. Where the CSMS has the same fault, its signed webhooks are refused.' };
}

async function* readiness({ url, adminToken }: Patient): AsyncGenerator<Finding> {
  const token = first(adminToken);
  if (token === undefined) {
    yield {
      name: 'readyz',
      found: 'ADMIN_TOKEN is not in the environment, so nothing inside was looked at.',
      isSkipped: true,
    };
    return;
  }
  const answer = await ask(`${url}/readyz`, { headers: { authorization: `Bearer ${token}` } });
  const parsed = typeof answer === 'string' ? undefined : Readiness.safeParse(answer.body);
  if (typeof answer === 'string' || !parsed?.success) {
    const isRefused = typeof answer !== 'string' && (answer.status === 200 || answer.status === 503);
    yield isRefused
      ? { name: 'admin token', found: 'It is not one of ADMIN_TOKEN.', todo: 'Use the token of this deployment.' }
      : {
          name: 'readyz',
          found: `It did not answer: ${textOf(answer)}.`,
          todo: 'Look at the log: `npx wrangler tail`.',
        };
    return;
  }
  for (const { name, ok, detail } of parsed.data.checks) {
    // Shared uids are told, and hinder nothing.
    yield { name, found: detail, ...(ok || name === 'evse-uids' ? {} : { todo: todoOf(name) }) };
  }
}

const textOf = (answer: Answer | string): string => (typeof answer === 'string' ? answer : `status ${answer.status}`);

function todoOf(check: string): string {
  if (check === 'settings') return 'Set them (docs/settings.md): `npm run deploy` asks for what is missing.';
  if (check === 'migrations') return 'Run `npm run deploy`, which migrates the database before it deploys.';
  if (check === 'cron')
    return 'See that the Worker still has its cron trigger (Settings, Triggers); it runs every 5 minutes.';
  if (check.startsWith('provider-')) return 'Set what is named, or remove all settings of this provider.';
  return 'See docs/on-call.md.';
}

async function* providers({ url, adminToken }: Patient): AsyncGenerator<Finding> {
  const token = first(adminToken);
  if (token === undefined) return;
  const headers = { authorization: `Bearer ${token}` };
  const listed = await ask(`${url}/api/providers`, { headers });
  const parsed = typeof listed === 'string' ? undefined : Providers.safeParse(listed.body);
  if (!parsed?.success) {
    if (typeof listed !== 'string' && listed.status === 401) return;
    yield {
      name: 'providers',
      found: `They could not be listed: ${textOf(listed)}.`,
      todo: 'Look at the log: `npx wrangler tail`.',
    };
    return;
  }
  for (const { provider: name } of parsed.data.providers) yield* examineProvider(url, headers, name);
}

async function* examineProvider(url: string, headers: Record<string, string>, name: string): AsyncGenerator<Finding> {
  const answer = await ask(`${url}/api/providers/${encodeURIComponent(name)}/check`, { method: 'POST', headers });
  const steps = typeof answer === 'string' ? undefined : Steps.safeParse(answer.body);
  if (!steps?.success) {
    const isOff = typeof answer !== 'string' && (answer.status === 404 || answer.status === 503);
    yield isOff
      ? { name, found: 'It is off.', isSkipped: true }
      : { name, found: `It could not be checked: ${textOf(answer)}.`, todo: 'Run the doctor again in a minute.' };
    return;
  }
  for (const { name: step, ok, detail } of steps.data.steps) {
    yield { name: `${name}, ${step}`, found: detail, ...(ok ? {} : { todo: providerTodoOf(step, name) }) };
  }
}

function providerTodoOf(step: string, name: string): string {
  if (step === 'host') return `Check the base URL in the settings; if it is right, ask ${name} whether it is down.`;
  return `Compare the credentials with those that ${name} handed out.`;
}

/** A Heartbeat is understood and not stored, so it proves the webhook's authentication and changes nothing. */
async function webhook({ url, csmsToken, webhookSecret }: Patient): Promise<Finding> {
  const name = 'webhook';
  const [secret, token] = [first(webhookSecret), first(csmsToken)];
  if (secret === undefined && token === undefined) {
    const found = 'Neither CSMS_WEBHOOK_SECRETS nor CSMS_TOKENS is in the environment, so no test webhook was sent.';
    return { name, found, isSkipped: true };
  }
  const id = randomUUID();
  const frame = [2, id, 'Heartbeat', {}];
  const timestamp = new Date().toISOString();
  const body = JSON.stringify([
    { chargePointId: 'scsp-edge-doctor', protocol: 'ocpp1.6', direction: 'cs', timestamp, frame },
  ]);
  const proof =
    secret === undefined
      ? { authorization: `Bearer ${token ?? ''}` }
      : signedHeaders(secret, { id, timestampS: Math.floor(Date.now() / 1000), body });
  const headers = { 'content-type': 'application/json', ...proof };
  const answer = await ask(`${url}/webhooks/ocpp`, { method: 'POST', headers, body });
  if (typeof answer !== 'string' && answer.status === 202 && Tally.safeParse(answer.body).success) {
    return {
      name,
      found: `A ${secret === undefined ? 'test webhook with the token' : 'signed test webhook'} was accepted.`,
    };
  }
  const found = `The test webhook was not accepted: ${textOf(answer)}.`;
  const isRefused = typeof answer !== 'string' && answer.status === 401;
  return {
    name,
    found,
    todo: isRefused ? 'Use the secret or token of this deployment.' : 'Look at the log: `npx wrangler tail`.',
  };
}
