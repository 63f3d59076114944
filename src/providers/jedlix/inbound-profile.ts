/** Charging profiles from Jedlix, in either OCPP version (Jedlix guide: charging profiles). Errors in Jedlix's form. */
import type { OcppVersion } from '../../charging/charger.ts';
import type { ProfileVerdict } from '../../charging/charging-profile.ts';
import { PROFILE_MESSAGES } from '../../ocpp/profile-messages.ts';
import { problem, sentence, type Problem, type ProblemStatus } from '../../problem.ts';
import { err, ok, type Result } from '../../result.ts';
import type { Edge, InboundAnswer, InboundCall, InboundRoute } from '../inbound.ts';
import { inForm } from './inbound.ts';

const PROTOCOLS: ReadonlyMap<string, OcppVersion> = new Map([
  ['ocpp1.6', 'ocpp1.6'],
  ['ocpp2.0.1', 'ocpp2.0.1'],
]);

/** Jedlix's guide has 200, 400, 401, 404, 500 and 503. Our other statuses become one of these. */
const STATUSES: Partial<Record<Problem['reason'], ProblemStatus>> = {
  'body-too-large': 400,
  'content-type-unsupported': 400,
  'command-failed': 500,
  'pairing-unknown': 401,
};

const NOT_ALLOWED = 'This charging station is not paired with Jedlix.';

/** The route in both spellings: an older revision of the guide has the singular. */
export const profileRoutes: readonly InboundRoute[] = ['chargingstations', 'chargingstation'].map((stations) => ({
  method: 'POST',
  path: `/v1/cpo/${stations}/:uid/events/:protocol/SetChargingProfile`,
  handle: setChargingProfile,
  refuse: refusal,
}));

/** The OCPP version is that of the path, which need not be the charger's. */
async function setChargingProfile({ params, body }: InboundCall, edge: Edge): Promise<Result<InboundAnswer, Problem>> {
  const version = PROTOCOLS.get(params['protocol'] ?? '');
  if (version === undefined) return err(problem('protocol-unknown', 'The payload protocol is not supported.'));
  if (!body.ok) return body;
  const request = PROFILE_MESSAGES[version].readSet(body.value);
  if (!request.ok) return err(problem(request.error.reason, sentence(request.error.detail)));
  const verdict = await edge.setProfile(params['uid'] ?? '', request.value);
  if (!verdict.ok) return verdict;
  const rejection = rejectionOf(verdict.value);
  if (rejection !== undefined) return err(rejection);
  return ok({ status: 200, body: { message: 'The charging profile is executed.' } });
}

/** Jedlix's guide has only "invalid profile" for a charger that refuses; the message says what the charger said. */
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

function refusal(refused: Problem): InboundAnswer {
  const message = refused.reason === 'pairing-unknown' ? NOT_ALLOWED : undefined;
  return inForm(refused, STATUSES[refused.reason], message);
}
