/** What any route may answer, and the answers to webhooks, health checks and providers. */
import * as z from 'zod';
import { PROBLEMS } from '../../src/problem.ts';
import { named } from './named.ts';

const Reason = named(
  'Reason',
  'Why a request or an event was refused. docs/problems.md explains each.',
  z.enum(Object.keys(PROBLEMS) as (keyof typeof PROBLEMS)[]),
);

export const Problem = named(
  'Problem',
  'RFC 9457. `reason` is stable; docs/problems.md explains each.',
  z.strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    reason: Reason,
    requestId: z.string(),
    errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
    received: z.int().optional(),
    duplicates: z.int().optional(),
    ignored: z.int().optional(),
    ignoredReasons: z.record(z.string(), z.int()).optional(),
    rejected: z.array(z.unknown()).optional(),
  }),
);

export const JedlixMessage = named('JedlixMessage', "Jedlix's own form.", z.strictObject({ message: z.string() }));

export const Health = named(
  'Health',
  'The Worker answers.',
  z.strictObject({ status: z.literal('ok'), version: z.string() }),
);

export const SignedIn = named(
  'SignedIn',
  'Who is signed in: `console`, a fingerprint of an admin token, the e-mail that Cloudflare Access verified, or null.',
  z.strictObject({ by: z.string().nullable() }),
);

export const OpenApi = named('OpenApi', 'This document.', z.looseObject({ openapi: z.string() }));

export const Readiness = named(
  'Readiness',
  'Whether the Worker can do its work. `detail` is there only with the admin token.',
  z.strictObject({
    ready: z.boolean(),
    checks: z.array(z.strictObject({ name: z.string(), ok: z.boolean(), detail: z.string().optional() })),
  }),
);

export const Tally = named(
  'Tally',
  'What became of the events of one webhook. `received` is stored, and is never lost.',
  z.strictObject({
    received: z.int(),
    duplicates: z.int(),
    ignored: z.int(),
    ignoredReasons: z.strictObject({ 'no-interest': z.int(), 'charger-unknown': z.int() }),
    rejected: z.array(z.strictObject({ index: z.int(), reason: Reason, detail: z.string() })),
  }),
);

export const JedlixStation = named(
  'JedlixStation',
  'The charger or EVSE that the code belongs to, as Jedlix documents it.',
  z.union([z.looseObject({ charging_station: z.looseObject({}) }), z.looseObject({ evse: z.looseObject({}) })]),
);

export const Verdict = named(
  'Verdict',
  'What the charger said to the profile (OCPP 1.6).',
  z.strictObject({ status: z.enum(['Accepted', 'Rejected', 'NotSupported']) }),
);
