/** What tests hold every payload against: the official OCPP JSON schemas, and the schema our own code declares. Fails the test otherwise. */
import { expect } from 'vitest';
import type * as z from 'zod';
import { responseSchemaErrors, schemaErrors, type OcppVersion } from '../../sandbox/ocpp-schema.ts';

/** Expects a request to be valid by the official schema, and after JSON to be what it was before: no key is undefined. */
export function expectOfficial(version: OcppVersion, action: string, payload: unknown): void {
  expectFlawless(schemaErrors(version, action, payload), payload);
}

/** The same for a response; `action` is the request's. */
export function expectOfficialResponse(version: OcppVersion, action: string, payload: unknown): void {
  expectFlawless(responseSchemaErrors(version, action, payload), payload);
}

function expectFlawless(errors: readonly string[], payload: unknown): void {
  expect(errors.map((error) => `${error} in ${JSON.stringify(payload)}`)).toEqual([]);
  expect(JSON.parse(JSON.stringify(payload))).toStrictEqual(payload);
}

/** Expects a payload to be what we declared to send. */
export function expectDeclared(schema: z.ZodType, payload: unknown): void {
  expect(schema.safeParse(payload).error?.issues ?? []).toEqual([]);
}
