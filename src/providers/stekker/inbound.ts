/** What Stekker calls on us: charging profiles, as often as every minute (Stekker guide: charging profiles). Errors in our own form. */
import { Hono, type Context, type MiddlewareHandler } from 'hono';
import { answerProblem } from '../../http/answer.ts';
import type { AppEnv } from '../../http/app-env.ts';
import { unauthorized } from '../../http/bearer.ts';
import { readJson } from '../../http/body.ts';
import { sentence, setProfile } from '../../http/profiles.ts';
import { isOneOf } from '../../http/secret.ts';
import { PROFILE_MESSAGES } from '../../ocpp/profile-messages.ts';
import { problem } from '../../problem.ts';
import { readSettings } from './settings.ts';

/** Stekker's guide names both headers, for the same key. */
const KEY_HEADERS = ['secret', 'x-functions-key'] as const;

/** Stekker speaks OCPP 1.6, whatever the charger speaks. */
const { readSet, writeVerdict } = PROFILE_MESSAGES['ocpp1.6'];

/** The one route, open to Stekker's key alone. */
export function inboundRoutes(): Hono<AppEnv> {
  return new Hono<AppEnv>().post('/stekker/chargers/:chargePointId/set-charging-profile', requireStekker, (c) =>
    setChargingProfile(c, c.req.param('chargePointId')),
  );
}

/** At least one of the headers, and each that is there must hold the key; all are compared, whichever is wrong. */
const requireStekker: MiddlewareHandler<AppEnv> = async (c, next) => {
  const settings = readSettings({ ...c.env });
  const key = settings.ok ? settings.value?.STEKKER_INBOUND_KEY : undefined;
  const presented = KEY_HEADERS.map((name) => c.req.header(name)).filter((value) => value !== undefined);
  const checks = presented.map((value) => isOneOf(value, key === undefined ? [] : [key]));
  return checks.length > 0 && !checks.includes(false) ? next() : answerProblem(c, unauthorized());
};

/** 200 carries the charger's own verdict, Rejected and NotSupported too: that is the answer OCPP 1.6 has for a profile. */
async function setChargingProfile(c: Context<AppEnv>, chargePointId: string): Promise<Response> {
  const body = await readJson(c.req.raw);
  if (!body.ok) return answerProblem(c, body.error);
  const request = readSet(body.value);
  if (!request.ok) return answerProblem(c, problem(request.error.reason, sentence(request.error.detail)));
  const verdict = await setProfile(c, { provider: 'stekker', chargePointId, request: request.value });
  return verdict.ok ? c.json(writeVerdict(verdict.value)) : answerProblem(c, verdict.error);
}
