/** What Stekker calls on us: charging profiles, up to once a minute (Stekker guide: charging profiles). */
import { PROFILE_MESSAGES } from '../../ocpp/profile-messages.ts';
import { problem, sentence, type Problem } from '../../problem.ts';
import { err, ok, type Result } from '../../result.ts';
import { recognise } from '../../secret.ts';
import type { Edge, InboundAnswer, InboundCall, InboundRoute } from '../inbound.ts';

/** Stekker's guide has both headers, for the same key. */
const KEY_HEADERS = ['secret', 'x-functions-key'] as const;

/** Stekker uses OCPP 1.6, whichever version the charger uses. */
const { readSet, writeVerdict } = PROFILE_MESSAGES['ocpp1.6'];

/** The one route. */
export const inboundRoutes: readonly InboundRoute[] = [
  { method: 'POST', path: '/stekker/chargers/:chargePointId/set-charging-profile', handle: setChargingProfile },
];

/** The key's fingerprint. At least one of the headers must be there, and every one that is there must have a key. */
export function recogniseKey(headers: Headers, keys: readonly string[]): string | undefined {
  const presented = KEY_HEADERS.map((name) => headers.get(name)).filter((value) => value !== null);
  const recognised = presented.map((value) => recognise(value, keys));
  return recognised.includes(undefined) ? undefined : recognised[0];
}

/** A 200 has the charger's own verdict, also Rejected and NotSupported: that is OCPP 1.6's answer to a profile. */
async function setChargingProfile({ params, body }: InboundCall, edge: Edge): Promise<Result<InboundAnswer, Problem>> {
  if (!body.ok) return body;
  const request = readSet(body.value);
  if (!request.ok) return err(problem(request.error.reason, sentence(request.error.detail)));
  const verdict = await edge.setProfile(params['chargePointId'] ?? '', request.value);
  return verdict.ok ? ok({ status: 200, body: writeVerdict(verdict.value) }) : verdict;
}
