/** What providers call. */
import { BODY, type Operation } from '../operation.ts';
import * as bodies from '../bodies.ts';
import { EXAMPLES } from '../examples.ts';
import * as answers from '../answers/index.ts';

const jedlix = (
  path: string,
  operation: Pick<Operation, 'id' | 'summary' | 'answers' | 'refusals'> & Partial<Operation>,
) => ({
  method: 'POST' as const,
  path: `/v1/cpo/${path}`,
  tag: 'Jedlix',
  caller: 'jedlix' as const,
  problems: [],
  ...operation,
});

export const providers: readonly Operation[] = [
  jedlix('{protocol}/pair', {
    id: 'verifyCode',
    summary: 'Jedlix verifies a code of ours. A code that is right pairs the charger',
    body: bodies.Verify,
    examples: EXAMPLES.verify,
    answers: { 200: answers.JedlixStation },
    refusals: [400, 401, 404, 409, 429, 500, 503],
  }),
  jedlix('chargingstations/{uid}/unpair', {
    id: 'jedlixUnpairsCharger',
    summary: 'Jedlix ends the pairing of a charger',
    answers: { 200: answers.JedlixMessage },
    refusals: [401, 404, 500, 503],
  }),
  jedlix('evse/{uid}/unpair', {
    id: 'jedlixUnpairsEvse',
    summary: 'Jedlix ends the pairing of an EVSE',
    answers: { 200: answers.JedlixMessage },
    refusals: [401, 404, 500, 503],
  }),
  ...(['chargingstations', 'chargingstation'] as const).map((stations) =>
    jedlix(`${stations}/{uid}/events/{protocol}/SetChargingProfile`, {
      id: stations === 'chargingstations' ? 'jedlixSetsProfile' : 'jedlixSetsProfileSingular',
      summary: 'Jedlix sets a charging profile',
      body: bodies.AnyProfile,
      examples: EXAMPLES.profile201,
      answers: { 200: answers.JedlixMessage },
      refusals: [400, 401, 404, 500, 503],
    }),
  ),
  {
    id: 'stekkerSetsProfile',
    method: 'POST',
    path: '/stekker/chargers/{chargePointId}/set-charging-profile',
    tag: 'Stekker',
    summary: 'Stekker sets a charging profile',
    caller: 'stekker',
    body: bodies.Profile16,
    examples: EXAMPLES.profile16,
    answers: { 200: answers.Verdict },
    problems: [
      ...BODY,
      'unauthorized',
      'provider-half-configured',
      'charger-unknown',
      'charger-unknown-to-csms',
      'charger-offline',
      'charger-no-answer',
      'command-failed',
      'pairing-unknown',
      'superseded',
      'evse-mismatch',
      'evse-unknown',
      'limit-negative',
      'no-session',
      'profile-invalid',
      'purpose-not-allowed',
      'several-schedules',
      'start-period-not-zero',
      'too-many-profiles',
      'transaction-unknown',
    ],
  },
];
