/** What Jedlix calls on us: pairing codes to verify and unpairings (Jedlix guide: pair, unpair). Answers in Jedlix's form. */
import { Hono, type Context, type MiddlewareHandler } from 'hono';
import * as z from 'zod';
import type { AppEnv } from '../../http/app-env.ts';
import { noteProblem, problemOfError, retryAfterOf } from '../../http/answer.ts';
import { unauthorized } from '../../http/bearer.ts';
import { readJson } from '../../http/body.ts';
import { pairingContextOf } from '../../http/pairings/context.ts';
import { FENCE_PERIOD_S, isWithinRate } from '../../http/rate-fence.ts';
import { credentialOf, recognise } from '../../http/secret.ts';
import { unpairByProvider, type UnpairTarget } from '../../pairing/unpair.ts';
import { verifyCode } from '../../pairing/verify.ts';
import { PROBLEMS, problem, type Problem } from '../../problem.ts';
import type { PairingTarget } from '../provider.ts';
import { inboundTokensOf } from './settings.ts';
import { pairingBody } from './station.ts';

const NAME = 'jedlix';

/** `{payload-protocol}` of the path → how the answer describes the charger. */
const FORMATS: Readonly<Record<string, PairingTarget['format']>> = {
  'ocpp1.6': 'ocpp',
  'ocpp2.0.1': 'ocpp',
  'ocpi2.2': 'ocpi',
  'ocpi2.2.1': 'ocpi',
};

const VerificationRequest = z.object({
  code: z.union([z.string(), z.number()]).transform(String).pipe(z.string().min(1).max(64)),
});

/** The messages that Jedlix's guide prints; the others are ours. */
const MESSAGES: Partial<Record<Problem['reason'], string>> = {
  'pairing-code-incorrect': 'Incorrect Code, please check the code and try again.',
  'pairing-unknown': 'The specified charging station is not valid or does not exist.',
};

/** The routes under `/v1/cpo`, open to Jedlix's tokens alone. What is thrown here is answered in Jedlix's form too. */
export function inboundRoutes(): Hono<AppEnv> {
  const routes = new Hono<AppEnv>()
    .post('/v1/cpo/:protocol/pair', requireJedlix, fence, (c) => verify(c, c.req.param('protocol')))
    .post('/v1/cpo/chargingstations/:uid/unpair', requireJedlix, (c) =>
      unpair(c, { chargePointId: c.req.param('uid') }),
    )
    .post('/v1/cpo/evse/:uid/unpair', requireJedlix, (c) => unpair(c, { evseUid: c.req.param('uid') }));
  return routes.onError((error, c) => answerInForm(c, problemOfError(error)));
}

/** Failures are counted for each token, so the caller is named by its fingerprint. */
export const requireJedlix: MiddlewareHandler<AppEnv> = async (c, next) => {
  const fingerprint = recognise(credentialOf(c.req.header('authorization')), inboundTokensOf(c.env));
  if (fingerprint === undefined) return answerInForm(c, unauthorized());
  c.set('caller', { by: 'provider', caller: `${NAME}:${fingerprint}` });
  return next();
};

const fence: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (await isWithinRate(c.env, callerOf(c))) return next();
  return answerInForm(
    c,
    problem('too-many-requests', 'Too many requests; try again later.', { retryAfterS: FENCE_PERIOD_S }),
  );
};

const callerOf = (c: Context<AppEnv>) => c.get('caller')?.caller ?? NAME;

async function verify(c: Context<AppEnv>, protocol: string): Promise<Response> {
  const format = FORMATS[protocol];
  if (format === undefined) return c.json({ message: 'The payload protocol is not supported.' }, 400);
  const body = await readJson(c.req.raw);
  if (!body.ok) return answerInForm(c, body.error, { status: 400 });
  const request = VerificationRequest.safeParse(body.value);
  if (!request.success) return c.json({ message: 'The body must be {"code": "<the pairing code>"}.' }, 400);
  const { code } = request.data;
  const attempt = { provider: NAME, code, format, caller: callerOf(c) };
  const verified = await verifyCode(pairingContextOf(c), attempt);
  if (!verified.ok) return answerInForm(c, verified.error);
  const answer = pairingBody(verified.value.charger, verified.value.target);
  // The charger lost this EVSE since: what the code was for is gone.
  return answer === undefined
    ? answerInForm(c, problem('pairing-code-incorrect', 'The code is incorrect.'))
    : c.json(answer);
}

async function unpair(c: Context<AppEnv>, target: UnpairTarget): Promise<Response> {
  const ended = await unpairByProvider(pairingContextOf(c), NAME, target);
  return ended.ok ? c.json({ message: 'Charging station successfully unpaired.' }) : answerInForm(c, ended.error);
}

/** A problem in Jedlix's form, `{ message }`; the log keeps the reason. `form` says it in other words or under another status. */
export function answerInForm(
  c: Context<AppEnv>,
  problem: Problem,
  form: { readonly status?: 400 | 401 | 500 | undefined; readonly message?: string | undefined } = {},
): Response {
  noteProblem(c, problem);
  const retryAfterS = retryAfterOf(problem);
  if (retryAfterS !== undefined) c.header('retry-after', String(retryAfterS));
  const message = form.message ?? MESSAGES[problem.reason] ?? problem.detail;
  return c.json({ message }, form.status ?? PROBLEMS[problem.reason].status);
}
