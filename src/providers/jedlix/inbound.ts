/** What Jedlix calls on us: pairing codes to verify and unpairings (Jedlix guide: pair, unpair). Answers in Jedlix's form. */
import { Hono, type Context, type MiddlewareHandler } from 'hono';
import * as z from 'zod';
import type { AppEnv } from '../../http/app-env.ts';
import { noteProblem, retryAfterOf } from '../../http/answer.ts';
import { unauthorized } from '../../http/bearer.ts';
import { readJson } from '../../http/body.ts';
import { pairingContextOf } from '../../http/pairing-context.ts';
import { credentialOf, fingerprintOf, isOneOf } from '../../http/secret.ts';
import { unpairByProvider, type UnpairTarget } from '../../pairing/unpair.ts';
import { verifyCode } from '../../pairing/verify.ts';
import { PROBLEMS, type Problem } from '../../problem.ts';
import type { PairingTarget } from '../provider.ts';
import { readSettings } from './settings.ts';
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

/** The routes under `/v1/cpo`, open to Jedlix's tokens alone. */
export function inboundRoutes(): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .post('/v1/cpo/:protocol/pair', requireJedlix, (c) => verify(c, c.req.param('protocol')))
    .post('/v1/cpo/chargingstations/:uid/unpair', requireJedlix, (c) =>
      unpair(c, { chargePointId: c.req.param('uid') }),
    )
    .post('/v1/cpo/evse/:uid/unpair', requireJedlix, (c) => unpair(c, { evseUid: c.req.param('uid') }));
}

const requireJedlix: MiddlewareHandler<AppEnv> = async (c, next) => {
  const settings = readSettings({ ...c.env });
  const tokens = settings.ok
    ? (settings.value?.JEDLIX_INBOUND_TOKENS ?? '').split(',').map((token) => token.trim())
    : [];
  if (
    await isOneOf(
      credentialOf(c.req.header('authorization')),
      tokens.filter((token) => token !== ''),
    )
  )
    return next();
  return answer(c, unauthorized());
};

async function verify(c: Context<AppEnv>, protocol: string): Promise<Response> {
  const format = FORMATS[protocol];
  if (format === undefined) return c.json({ message: 'The payload protocol is not supported.' }, 400);
  const body = await readJson(c.req.raw);
  if (!body.ok) return answer(c, body.error);
  const request = VerificationRequest.safeParse(body.value);
  if (!request.success) return c.json({ message: 'The body must be {"code": "<the pairing code>"}.' }, 400);
  const caller = `${NAME}:${await fingerprintOf(credentialOf(c.req.header('authorization')) ?? '')}`;
  const { code } = request.data;
  const verified = await verifyCode(pairingContextOf(c), { provider: NAME, code, format, caller });
  if (!verified.ok) return answer(c, verified.error);
  return c.json(pairingBody(verified.value.charger, verified.value.target));
}

async function unpair(c: Context<AppEnv>, target: UnpairTarget): Promise<Response> {
  const ended = await unpairByProvider(pairingContextOf(c), NAME, target);
  return ended.ok ? c.json({ message: 'Charging station successfully unpaired.' }) : answer(c, ended.error);
}

/** A problem in Jedlix's form, `{ message }`; the log keeps the reason. */
function answer(c: Context<AppEnv>, problem: Problem): Response {
  noteProblem(c, problem);
  const retryAfterS = retryAfterOf(problem);
  if (retryAfterS !== undefined) c.header('retry-after', String(retryAfterS));
  return c.json({ message: MESSAGES[problem.reason] ?? problem.detail }, PROBLEMS[problem.reason].status);
}
