/** What Stekker calls on us: charging profiles, as often as every minute (Stekker guide: charging profiles). Errors in our own form. */
import { PROFILE_MESSAGES } from '../../ocpp/profile-messages.ts';
import { problem, sentence, type Problem } from '../../problem.ts';
import { err, ok, type Result } from '../../result.ts';
import { recognise } from '../../secret.ts';
import type { Edge, InboundAnswer, InboundCall, InboundRoute } from '../inbound.ts';

/** Stekker's guide names both headers, for the same key. */
const KEY_HEADERS = ['secret', 'x-functions-key'] as const;

/** Stekker speaks OCPP 1.6, whatever the charger speaks. */
const { readSet, writeVerdict } = PROFILE_MESSAGES['ocpp1.6'];

/** The one route. */
export const inboundRoutes: readonly InboundRoute[] = [
  { method: 'POST', path: '/stekker/chargers/:chargePointId/set-charging-profile', handle: setChargingProfile },
];

/** The key's fingerprint. At least one of the headers must be there, and each that is must hold a key; all are compared. */
export function recogniseKey(headers: Headers, keys: readonly string[]): string | undefined {
  const presented = KEY_HEADERS.map((name) => headers.get(name)).filter((value) => value !== null);
  const recognised = presented.map((value) => recognise(value, keys));
  return recognised.includes(undefined) ? undefined : recognised[0];
}

/** 200 carries the charger's own verdict, Rejected and NotSupported too: that is the answer OCPP 1.6 has for a profile. */
async function setChargingProfile({ params, body }: InboundCall, edge: Edge): Promise<Result<InboundAnswer, Problem>> {
  if (!body.ok) return body;
  const request = readSet(body.value);
  if (!request.ok) return err(problem(request.error.reason, sentence(request.error.detail)));
  const verdict = await edge.setProfile(params['chargePointId'] ?? '', request.value);
  return verdict.ok ? ok({ status: 200, body: writeVerdict(verdict.value) }) : verdict;
}
