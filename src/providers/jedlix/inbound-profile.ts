/** Charging profiles that Jedlix sends, in either OCPP version (Jedlix guide: charging profiles). Answers in Jedlix's form. */
import { Hono, type Context } from 'hono';
import type { OcppVersion } from '../../charging/charger.ts';
import type { ProfileVerdict } from '../../charging/charging-profile.ts';
import { problemOfError } from '../../http/answer.ts';
import type { AppEnv } from '../../http/app-env.ts';
import { readJson } from '../../http/body.ts';
import { sentence, setProfile } from '../../http/profiles.ts';
import { PROFILE_MESSAGES } from '../../ocpp/profile-messages.ts';
import { problem, type Problem } from '../../problem.ts';
import { answerInForm, requireJedlix } from './inbound.ts';

const PROTOCOLS: ReadonlyMap<string, OcppVersion> = new Map([
  ['ocpp1.6', 'ocpp1.6'],
  ['ocpp2.0.1', 'ocpp2.0.1'],
]);

/** Jedlix's guide names 200, 400, 401, 404, 500 and 503; what we say otherwise elsewhere is one of these here. */
const STATUSES: Partial<Record<Problem['reason'], 400 | 401 | 500>> = {
  'body-too-large': 400,
  'content-type-unsupported': 400,
  'command-failed': 500,
  overloaded: 500,
  'pairing-unknown': 401,
  superseded: 500,
};

const NOT_ALLOWED = 'This charging station is not paired with Jedlix.';

/** The route in both spellings; an older revision of the guide has the singular. */
export function profileRoutes(): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .onError((error, c) => refuse(c, problemOfError(error)))
    .post('/v1/cpo/:stations{chargingstations?}/:uid/events/:protocol/SetChargingProfile', requireJedlix, (c) =>
      setChargingProfile(c, c.req.param('uid'), c.req.param('protocol')),
    );
}

/** The version is the path's, not the charger's. */
async function setChargingProfile(c: Context<AppEnv>, chargePointId: string, protocol: string): Promise<Response> {
  const version = PROTOCOLS.get(protocol);
  if (version === undefined) return refuse(c, problem('protocol-unknown', 'The payload protocol is not supported.'));
  const body = await readJson(c.req.raw);
  if (!body.ok) return refuse(c, body.error);
  const request = PROFILE_MESSAGES[version].readSet(body.value);
  if (!request.ok) return refuse(c, problem(request.error.reason, sentence(request.error.detail)));
  const verdict = await setProfile(c, { provider: 'jedlix', chargePointId, request: request.value });
  if (!verdict.ok) return refuse(c, verdict.error);
  const rejection = rejectionOf(verdict.value);
  return rejection === undefined ? c.json({ message: 'The charging profile is executed.' }) : refuse(c, rejection);
}

/** Jedlix's guide has no answer for a charger that says no but "invalid profile"; the message says what it said. */
function rejectionOf({ status, reasonCode, detail }: ProfileVerdict): Problem | undefined {
  if (status === 'Accepted') return undefined;
  if (status === 'NotSupported') {
    return problem('profile-not-supported', 'The charging station does not support this charging profile.');
  }
  const why = [reasonCode, detail].filter((part) => part !== undefined).join(': ');
  return problem(
    'profile-rejected',
    `The charging station rejected the charging profile${why === '' ? '' : ` (${why})`}.`,
  );
}

function refuse(c: Context<AppEnv>, refusal: Problem): Response {
  const message = refusal.reason === 'pairing-unknown' ? NOT_ALLOWED : undefined;
  return answerInForm(c, refusal, { status: STATUSES[refusal.reason], message });
}
