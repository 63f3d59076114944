/** Health checks, the console's sign-in, webhooks and callbacks. */
import { BODY, PAIRING, type Operation } from '../operation.ts';
import * as bodies from '../bodies.ts';
import { EXAMPLES } from '../examples.ts';
import * as answers from '../answers/index.ts';

export const health: readonly Operation[] = [
  {
    id: 'health',
    method: 'GET',
    path: '/healthz',
    tag: 'Operations',
    summary: 'Whether the Worker answers',
    caller: 'everyone',
    answers: { 200: answers.Health },
    problems: [],
  },
  {
    id: 'readiness',
    method: 'GET',
    path: '/readyz',
    tag: 'Operations',
    summary: 'Whether the Worker can do its work; with the admin token, why not',
    caller: 'everyone',
    answers: { 200: answers.Readiness, 503: answers.Readiness },
    problems: [],
  },
  {
    id: 'reference',
    method: 'GET',
    path: '/openapi.json',
    tag: 'Operations',
    summary: 'This document',
    caller: 'everyone',
    answers: { 200: answers.OpenApi },
    problems: ['not-found'],
  },
  {
    id: 'signedIn',
    method: 'GET',
    path: '/console/session',
    tag: 'Console',
    summary: 'Who is signed in',
    caller: 'everyone',
    answers: { 200: answers.SignedIn },
    problems: [],
  },
  {
    id: 'signIn',
    method: 'POST',
    path: '/console/session',
    tag: 'Console',
    summary: 'Exchanges the admin token for a cookie that is good for 12 hours',
    caller: 'everyone',
    body: bodies.SignIn,
    examples: { token: { token: 'a token of ADMIN_TOKEN' } },
    answers: { 200: answers.SignedIn },
    problems: [...BODY, 'envelope-invalid', 'unauthorized'],
  },
  {
    id: 'signOut',
    method: 'DELETE',
    path: '/console/session',
    tag: 'Console',
    summary: 'Takes the cookie away',
    caller: 'everyone',
    answers: { 204: null },
    problems: [],
  },
];

const webhook = (method: 'POST' | 'PUT', path: string, id: string): Operation => ({
  id,
  method,
  path,
  tag: 'Webhooks',
  summary: 'Takes what chargers and the CSMS said to each other. 202 means durably stored',
  caller: 'webhook',
  headers: {
    'webhook-id': 'Standard Webhooks: the same for a repeat',
    'webhook-timestamp': 'Standard Webhooks: seconds since the epoch, within 5 minutes of our clock',
    'webhook-signature': 'Standard Webhooks: `v1,` and HMAC-SHA256 of id, timestamp and body',
  },
  body: bodies.Webhook,
  examples: EXAMPLES.webhook,
  answers: { 202: answers.Tally },
  problems: [
    ...BODY,
    'unauthorized',
    'not-found',
    'batch-too-large',
    'envelope-invalid',
    'frame-invalid',
    'protocol-unknown',
    'charger-invalid',
    'evse-uid-taken',
    'ocpp-identity-taken',
    'registry-unavailable',
    ...PAIRING,
  ],
});

export const webhooks: readonly Operation[] = [
  webhook('POST', '/webhooks/{csms}', 'postWebhook'),
  webhook('PUT', '/webhooks/{csms}', 'putWebhook'),
  webhook('POST', '/webhooks/{csms}/{token}', 'postWebhookByPathToken'),
  webhook('PUT', '/webhooks/{csms}/{token}', 'putWebhookByPathToken'),
  {
    id: 'takeAnswer',
    method: 'POST',
    path: '/callbacks/{chargePointId}/{token}',
    tag: 'Webhooks',
    summary: 'A CSMS posts the answer to a command here; the token in the path is good for one answer',
    caller: 'everyone',
    body: bodies.CallbackAnswer,
    answers: { 204: null },
    problems: ['body-not-json', 'body-too-deep', 'body-too-large', 'callback-unknown'],
  },
];
