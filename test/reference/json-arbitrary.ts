/** Values that a JSON schema of the reference allows, and values that are one change away from them. */
import * as fc from 'fast-check';

type Schema = { readonly [key: string]: unknown };
export type Schemas = Readonly<Record<string, Schema>>;

/** Any value of a schema of the document. */
export function valueOf(schema: Schema, schemas: Schemas, depth = 0): fc.Arbitrary<unknown> {
  const inner = (each: unknown) => valueOf(isSchema(each) ? each : {}, schemas, depth + 1);
  const ref = schema['$ref'];
  if (typeof ref === 'string') return inner(schemas[ref.split('/').at(-1) ?? '']);
  if ('const' in schema) return fc.constant(schema['const']);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]));
  const choices = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(choices)) return fc.oneof(...choices.map(inner));
  switch (schema['type']) {
    case 'string':
      return stringOf(schema);
    case 'integer':
    case 'number':
      return numberOf(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return arrayOf(schema, inner);
    case 'object':
      return objectOf(schema, inner);
    default:
      return depth > 4 ? fc.constant(null) : fc.jsonValue({ maxDepth: 2 });
  }
}

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null;
const numberAt = (schema: Schema, key: string, otherwise: number) =>
  typeof schema[key] === 'number' ? schema[key] : otherwise;

function stringOf(schema: Schema): fc.Arbitrary<string> {
  if (schema['format'] === 'date-time') {
    return fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') })
      .map((date) => date.toISOString());
  }
  if (schema['format'] === 'uuid') return fc.uuid();
  if (typeof schema['pattern'] === 'string') return fc.stringMatching(new RegExp(schema['pattern'], 'u'));
  const [minLength, maxLength] = [numberAt(schema, 'minLength', 0), numberAt(schema, 'maxLength', 40)];
  return fc.oneof(
    fc.string({ minLength, maxLength, unit: 'grapheme' }).filter((text) => text.length <= maxLength),
    fc.constantFrom('x'.repeat(Math.max(minLength, 1)), 'x'.repeat(maxLength)),
  );
}

function numberOf(schema: Schema): fc.Arbitrary<number> {
  const min = numberAt(schema, 'minimum', numberAt(schema, 'exclusiveMinimum', -1e9));
  const max = numberAt(schema, 'maximum', numberAt(schema, 'exclusiveMaximum', 1e9));
  const edges = fc.constantFrom(min, max, ...(min <= 0 && max >= 0 ? [0] : []));
  return schema['type'] === 'integer'
    ? fc.oneof(fc.integer({ min: Math.ceil(min), max: Math.floor(max) }), edges)
    : fc.oneof(fc.double({ min, max, noNaN: true }), edges);
}

function arrayOf(schema: Schema, inner: (each: unknown) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown[]> {
  const items = schema['prefixItems'];
  if (Array.isArray(items)) return fc.tuple(...items.map(inner));
  const minLength = numberAt(schema, 'minItems', 0);
  return fc.array(inner(schema['items']), { minLength, maxLength: Math.max(minLength, 3) });
}

function objectOf(schema: Schema, inner: (each: unknown) => fc.Arbitrary<unknown>): fc.Arbitrary<object> {
  const members = Object.entries(isSchema(schema['properties']) ? schema['properties'] : {});
  const requiredKeys = (Array.isArray(schema['required']) ? schema['required'] : []) as string[];
  const shape = Object.fromEntries(members.map(([name, each]) => [name, inner(each)]));
  return fc.record(shape, { requiredKeys, noNullPrototype: true });
}

const ODD = [null, '', 'x'.repeat(300), -1, 0, 1e21, true, [], {}, [[[]]], '\u0000', '__proto__'];

/** A value with one change somewhere: a member left out, another type or an odd value in its place, or one more. */
export function mutated(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .tuple(value, fc.nat(), fc.constantFrom(...ODD), fc.constantFrom('replace', 'drop', 'add'))
    .map(([whole, place, odd, change]) => changed(whole, { left: place % (sizeOf(whole) + 1), odd, change }));
}

type Change = { left: number; readonly odd: unknown; readonly change: string };

function changed(value: unknown, at: Change): unknown {
  if (at.left === 0) {
    at.left = -1;
    return at.change === 'add' && isSchema(value) && !Array.isArray(value) ? { ...value, odd: at.odd } : at.odd;
  }
  at.left -= 1;
  if (Array.isArray(value)) return value.map((each) => changed(each, at));
  if (!isSchema(value)) return value;
  const members = Object.entries(value).flatMap(([name, each]) => {
    const isDropped = at.left === 0 && at.change === 'drop';
    const member = changed(each, at);
    return isDropped ? [] : [[name, member]];
  });
  return Object.fromEntries(members);
}

function sizeOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return 1 + Object.values(value).reduce((sum: number, each) => sum + sizeOf(each), 0);
}
