/** `POST /webhooks/{csms}`: authenticates, unwraps, hands over, answers. 202 means durably stored. */
import { createHash } from 'node:crypto';
import { Hono, type Context } from 'hono';
import type { Csms } from '../../csms/csms.ts';
import { CSMS } from '../../csms/index.ts';
import { writeLog } from '../../log.ts';
import { problem, type Problem } from '../../problem.ts';
import { ok, type Result } from '../../result.ts';
import type { WebhookContext } from '../../station/station-rpc.ts';
import { noteUnknown } from '../../storage/unknown-chargers.ts';
import { answerProblem } from '../answer.ts';
import type { AppEnv } from '../app-env.ts';
import { checkJsonType, decodeJson } from '../body.ts';
import { pairingContextOf } from '../pairings/context.ts';
import { readAuthenticated } from './authentication.ts';
import { registerByWebhook } from './registration.ts';
import { takeIn, type Rejection, type Tally } from './intake.ts';

/** No sender makes a longer `webhook-id`. A longer one is ignored, not stored. */
const MAX_WEBHOOK_ID = 255;

/** A log line names so many unregistered chargers, each by so many characters. */
const MAX_NAMED = 5;
const MAX_NAME_LENGTH = 100;

/** The envelope that carries charger details is documented to be sent by PUT. */
const METHODS = ['POST', 'PUT'];

/** The routes a CSMS posts to: the token in a header, or in the path for one that cannot set headers. */
export function webhookRoutes(): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .on(METHODS, '/webhooks/:csms', (c) => receive(c, c.req.param('csms'), undefined))
    .on(METHODS, '/webhooks/:csms/:token', (c) => receive(c, c.req.param('csms'), c.req.param('token')));
}

async function receive(c: Context<AppEnv>, name: string, pathToken: string | undefined): Promise<Response> {
  const csms = CSMS.find((each) => each.name === name);
  if (csms === undefined) return answerProblem(c, problem('not-found', 'No CSMS goes by this name here.'));
  const now = Date.now();
  const read = await readEvents(c, csms, { pathToken, now });
  if (!read.ok) return answerProblem(c, read.error);
  const { events, context } = read.value;
  const { tally, unknown } = await takeIn(c.env, events, context, (details) =>
    registerByWebhook(
      pairingContextOf(c),
      details.map(({ station, incoming }) => ({ ...station, ...incoming })),
    ),
  );
  Object.assign(c.get('logFields'), logFieldsOf(csms, tally), unknownFields([...unknown.keys()]));
  if (unknown.size > 0) c.executionCtx.waitUntil(note(c.env, unknown, now));
  const isAllBad = tally.rejected.length === events.length && events.length > 0;
  return isAllBad ? answerProblem(c, commonProblem(tally.rejected), tally) : c.json(tally, 202);
}

/** Noted beside the answer: what is not noted is noted with the next event of that charger. */
async function note(env: Env, unknown: ReadonlyMap<string, number>, now: number): Promise<void> {
  try {
    await noteUnknown(env.DB, unknown, now);
  } catch (error) {
    writeLog('warn', 'unknown-chargers.fault', { error: String(error) });
  }
}

type Webhook = {
  readonly events: Extract<ReturnType<Csms['unwrap']>, { ok: true }>['value'];
  readonly context: WebhookContext;
};

async function readEvents(
  c: Context<AppEnv>,
  csms: Csms,
  { pathToken, now }: { readonly pathToken: string | undefined; readonly now: number },
): Promise<Result<Webhook, Problem>> {
  const request = c.req.raw;
  const raw = await readAuthenticated({ request, pathToken, config: c.get('config'), now });
  if (!raw.ok) return raw;
  const type = checkJsonType(request);
  if (!type.ok) return type;
  const body = decodeJson(raw.value);
  if (!body.ok) return body;
  const events = csms.unwrap(body.value, new Date(now).toISOString());
  return events.ok ? ok({ events: events.value, context: webhookContextOf(c, raw.value) }) : events;
}

/** A sender may give every webhook the same id, so the id counts together with the body. */
function webhookContextOf(c: Context<AppEnv>, body: Uint8Array): WebhookContext {
  const requestId = c.get('requestId');
  const webhookId = c.req.header('webhook-id');
  if (webhookId === undefined || webhookId === '' || webhookId.length > MAX_WEBHOOK_ID) return { requestId };
  return { requestId, webhookId, bodyDigest: createHash('sha256').update(body).digest('base64url') };
}

/** The problem of a request when no event could be used: the events' own reason if they share one. */
function commonProblem(rejected: readonly Rejection[]): Problem {
  const [first] = rejected;
  const isShared = first !== undefined && rejected.every(({ reason }) => reason === first.reason);
  return isShared
    ? problem(first.reason, first.detail)
    : problem('envelope-invalid', 'No event could be used; `rejected` says why for each.');
}

function logFieldsOf(
  csms: Csms,
  { received, duplicates, ignored, ignoredReasons, rejected }: Tally,
): Record<string, unknown> {
  return {
    'scsp.csms': csms.name,
    'scsp.received': received,
    'scsp.duplicates': duplicates,
    'scsp.ignored': ignored,
    ...(ignored === 0 ? {} : { 'scsp.ignored_reasons': ignoredReasons }),
    'scsp.rejected': rejected.length,
    ...(rejected.length === 0 ? {} : { 'scsp.rejected_reasons': [...new Set(rejected.map(({ reason }) => reason))] }),
  };
}

/** Whom ignored events were of: the first few by name, of all how many there are. */
function unknownFields(unknown: readonly string[]): Record<string, unknown> {
  if (unknown.length === 0) return {};
  const named = unknown.slice(0, MAX_NAMED).map((name) => name.slice(0, MAX_NAME_LENGTH));
  return { 'scsp.unknown_chargers': named, 'scsp.unknown_chargers_count': unknown.length };
}
