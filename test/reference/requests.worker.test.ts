/** Requests made from the reference never get an answer that it does not document: valid ones, odd ones, and ones a change away. */
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import reference from '../../reference/openapi.json';
import { faultOf } from '../../reference/check-answer.ts';
import { BODIES } from '../../reference/bodies.ts';
import type { Operation } from '../../reference/operation.ts';
import { OPERATIONS } from '../../reference/operations/index.ts';
import { call, registered } from '../http/client.ts';
import { standInProviders } from '../station/world.ts';
import { ADMIN_TOKEN, CSMS_TOKEN, JEDLIX_TOKEN, STEKKER_KEY } from '../settings.ts';
import { mutated, valueOf, type Schemas } from './json-arbitrary.ts';

const RUNS = 40;
const SCHEMAS = reference.components.schemas as unknown as Schemas;
const TOKENS = { csms: CSMS_TOKEN, admin: ADMIN_TOKEN, jedlix: JEDLIX_TOKEN, webhook: CSMS_TOKEN } as const;

let chargePointId = '';
beforeEach(async () => {
  standInProviders();
  chargePointId = await registered();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const ODD_TEXT = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }),
  fc.constantFrom('%00', '..', '__proto__', 'constructor', '0', '-1', '501', '1e3', '\u0000', 'x'.repeat(2000)),
);

/** What stands in the path: what is there, or anything. */
function partOf(name: string): fc.Arbitrary<string> {
  const good: Record<string, readonly string[]> = {
    chargePointId: [chargePointId],
    uid: [chargePointId, '3256'],
    csms: ['ocpp', 'citrineos', 'ocpp-event'],
    protocol: ['ocpp1.6', 'ocpp2.0.1', 'ocpi2.2.1'],
    provider: ['stekker', 'jedlix'],
    token: [CSMS_TOKEN],
  };
  const known = good[name];
  const odd = ODD_TEXT.filter((text) => text.isWellFormed() && !/^\.{1,2}$/.test(text)).map(encodeURIComponent);
  return known === undefined
    ? odd
    : fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: odd });
}

function pathOf({ path, query = {} }: Operation): fc.Arbitrary<string> {
  const parts = path
    .split(/(\{\w+\})/)
    .map((part) => (part.startsWith('{') ? partOf(part.slice(1, -1)) : fc.constant(part)));
  const good = fc.constantFrom('1', '100', '500', 'stekker', 'plain');
  const values = Object.keys(query).map((name) => [name, fc.oneof(good, ODD_TEXT)] as const);
  const search = fc.oneof(fc.constant({}), fc.record(Object.fromEntries(values), { requiredKeys: [] }));
  return fc.tuple(fc.tuple(...parts), search).map(([each, given]) => {
    const parameters = new URLSearchParams(
      Object.entries(given).map(([name, value]) => [name, value ?? '']),
    ).toString();
    return `${each.join('')}${parameters === '' ? '' : `?${parameters}`}`;
  });
}

/** Mistakes are made in what the schema allows, and in the examples: those get further. */
function bodyOf({ body, examples = {} }: Operation): fc.Arbitrary<{ readonly json?: unknown }> {
  const schema = SCHEMAS[(body && BODIES.get(body)?.id) ?? ''];
  if (schema === undefined) return fc.constant({});
  const shown = Object.values(examples);
  const valid = fc.oneof(valueOf(schema, SCHEMAS), ...shown.map(fc.constant));
  return fc.oneof(valid, mutated(valid)).map((json) => ({ json }));
}

/** Operations of which some request made from the reference must be taken: else the requests would be too odd to show anything. */
const REACHABLE = new Set([
  'postWebhook',
  'putCharger',
  'pair',
  'issueCode',
  'listChargers',
  'getCharger',
  'listDeadLetters',
]);

describe('requests made from the reference', () => {
  const cases = OPERATIONS.map((operation) => [operation.id, operation] as const);
  test.each(cases)('%s answers as documented', async (_, operation) => {
    const { caller, method } = operation;
    const token = caller === 'everyone' || caller === 'stekker' ? null : TOKENS[caller];
    const headers = caller === 'stekker' ? { secret: STEKKER_KEY } : {};
    const statuses = new Set<number>();
    const requests = fc.tuple(pathOf(operation), bodyOf(operation));
    await fc.assert(
      fc.asyncProperty(requests, async ([path, body]) => {
        const response = await call(path, { method, token, headers, ...body });
        statuses.add(response.status);
        const text = await response.text();
        expect(faultOf(operation, response.status, text === '' ? undefined : JSON.parse(text))).toBeUndefined();
        expect(response.status === 503 && operation.id === 'readiness' ? 200 : response.status).toBeLessThan(500);
      }),
      { numRuns: RUNS },
    );
    const isTaken = [...statuses].some((status) => status < 300);
    expect(isTaken || !REACHABLE.has(operation.id)).toBe(true);
  });
});
