/** What Jedlix calls on us: verifying codes, and unpairing (Jedlix guide: pair, unpair). Errors in Jedlix's form. */
import * as z from 'zod';
import { PROBLEMS, problem, type Problem, type ProblemStatus } from '../../problem.ts';
import { err, ok, type Result } from '../../result.ts';
import type { Edge, InboundAnswer, InboundCall, InboundRoute, UnpairTarget } from '../inbound.ts';
import type { PairingTarget } from '../../charging/pairing-target.ts';
import { pairingBody } from './station.ts';

/** `{payload-protocol}` in the path → how the answer describes the charger. */
const FORMATS: ReadonlyMap<string, PairingTarget['format']> = new Map([
  ['ocpp1.6', 'ocpp'],
  ['ocpp2.0.1', 'ocpp'],
  ['ocpi2.2', 'ocpi'],
  ['ocpi2.2.1', 'ocpi'],
]);

export const VerificationRequest = z.object({
  code: z.union([z.string(), z.number()]).transform(String).pipe(z.string().min(1).max(64)),
});

/** The messages that Jedlix's guide has. All others are ours. */
const MESSAGES: Partial<Record<Problem['reason'], string>> = {
  'pairing-code-incorrect': 'Incorrect Code, please check the code and try again.',
  'pairing-unknown': 'The specified charging station is not valid or does not exist.',
};

/** Jedlix's guide has 400 for every wrong body. */
const STATUSES: Partial<Record<Problem['reason'], ProblemStatus>> = {
  'body-too-large': 400,
  'content-type-unsupported': 400,
};

/** Verification and unpairing. */
export const pairingRoutes: readonly InboundRoute[] = [
  { method: 'POST', path: '/v1/cpo/:protocol/pair', isFenced: true, handle: verify, refuse: refusal },
  {
    method: 'POST',
    path: '/v1/cpo/chargingstations/:uid/unpair',
    handle: ({ params }, edge) => unpair(edge, { chargePointId: params['uid'] ?? '' }),
    refuse: refusal,
  },
  {
    method: 'POST',
    path: '/v1/cpo/evse/:uid/unpair',
    handle: ({ params }, edge) => unpair(edge, { evseUid: params['uid'] ?? '' }),
    refuse: refusal,
  },
];

async function verify({ params, body }: InboundCall, edge: Edge): Promise<Result<InboundAnswer, Problem>> {
  const format = FORMATS.get(params['protocol'] ?? '');
  if (format === undefined) return err(problem('protocol-unknown', 'The payload protocol is not supported.'));
  if (!body.ok) return body;
  const request = VerificationRequest.safeParse(body.value);
  if (!request.success) return err(problem('pairing-invalid', 'The body must be {"code": "<the pairing code>"}.'));
  const verified = await edge.verifyCode(request.data.code, format);
  if (!verified.ok) return verified;
  const answer = pairingBody(verified.value.charger, verified.value.target);
  // The charger lost this EVSE after the code was issued, so there is nothing to pair.
  if (answer === undefined) return err(problem('pairing-code-incorrect', 'The code is incorrect.'));
  return ok({ status: 200, body: answer });
}

async function unpair(edge: Edge, target: UnpairTarget): Promise<Result<InboundAnswer, Problem>> {
  const ended = await edge.unpair(target);
  return ended.ok ? ok({ status: 200, body: { message: 'Charging station successfully unpaired.' } }) : ended;
}

function refusal(refused: Problem): InboundAnswer {
  return inForm(refused, STATUSES[refused.reason]);
}

/** A problem in Jedlix's form, `{ message }`, under its own status or the given one. */
export function inForm(
  refused: Problem,
  status: ProblemStatus = PROBLEMS[refused.reason].status,
  message?: string,
): InboundAnswer {
  return { status, body: { message: message ?? MESSAGES[refused.reason] ?? refused.detail } };
}
