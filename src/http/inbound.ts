/** Mounts what providers call on us: authenticates, limits the rate, reads the body, answers in the provider's form. */
import { Hono, type Context } from 'hono';
import { halfConfigured } from '../pairing/choice.ts';
import { unpairByProvider } from '../pairing/unpair.ts';
import { verifyCode } from '../pairing/verify.ts';
import { problem, type Problem } from '../problem.ts';
import type { Edge, InboundRoute } from '../providers/inbound.ts';
import type { Provider } from '../providers/provider.ts';
import { answerProblem, noteProblem, problemOfError, retryAfterOf } from './answer.ts';
import type { AppEnv } from './app-env.ts';
import { unauthorized } from './bearer.ts';
import { readJson } from './body.ts';
import { pairingContextOf } from './pairings/context.ts';
import { setProfile } from './profiles.ts';
import { FENCE_PERIOD_S, isWithinRate } from './rate-fence.ts';

/** The routes of one provider. A provider that is off recognises no credentials, so its routes answer 401. */
export function inboundRoutes({ name, inbound = [] }: Provider): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  for (const route of inbound) {
    // Each route has its own Hono application, because each has its own form for exceptions.
    const own = new Hono<AppEnv>().onError((error, c) => refuse(c, route, problemOfError(error)));
    routes.route(
      '/',
      own.on(route.method, route.path, (c) => answer(c, route, name)),
    );
  }
  return routes;
}

async function answer(c: Context<AppEnv>, route: InboundRoute, provider: string): Promise<Response> {
  if (c.get('config').halfConfigured.has(provider)) return refuse(c, route, halfConfigured());
  const fingerprint = c.get('config').providers.get(provider)?.recognise?.(c.req.raw.headers);
  if (fingerprint === undefined) return refuse(c, route, unauthorized());
  const caller = `${provider}:${fingerprint}`;
  c.set('caller', { by: 'provider', caller });
  if (route.isFenced && !(await isWithinRate(c.env, caller))) return refuse(c, route, tooMany());
  const body = await readJson(c.req.raw);
  const answered = await route.handle({ params: c.req.param(), body }, edgeOf(c, provider, caller));
  if (!answered.ok) return refuse(c, route, answered.error);
  return c.json(answered.value.body, answered.value.status);
}

function edgeOf(c: Context<AppEnv>, provider: string, caller: string): Edge {
  return {
    verifyCode: (code, format) => verifyCode(pairingContextOf(c), { provider, code, format, caller }),
    unpair: (target) => unpairByProvider(pairingContextOf(c), provider, target),
    setProfile: (chargePointId, request) => setProfile(c, { provider, chargePointId, request }),
  };
}

/** The log line has the reason, whatever the form of the answer. */
function refuse(c: Context<AppEnv>, { refuse: inForm }: InboundRoute, refused: Problem): Response {
  if (inForm === undefined) return answerProblem(c, refused);
  noteProblem(c, refused);
  const retryAfterS = retryAfterOf(refused);
  if (retryAfterS !== undefined) c.header('retry-after', String(retryAfterS));
  const { status, body } = inForm(refused);
  return c.json(body, status);
}

function tooMany(): Problem {
  return problem('too-many-requests', 'Too many requests; try again later.', { retryAfterS: FENCE_PERIOD_S });
}
