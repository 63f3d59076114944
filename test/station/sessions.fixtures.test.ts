/** Every session fixture: what each provider gets is what the fixture says, and valid by the official schema. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { isRefusal, readSessionEvent } from '../../sandbox/stekker-messages.ts';
import { expectOfficial, expectOfficialResponse } from '../ocpp/official-schema.ts';
import { expectedBy, filesThere, readFixtures, readText, run, type Fixture } from './session-fixtures.ts';

const FIXTURES = readFixtures();

const Envelope = z.looseObject({
  event: z.looseObject({ method: z.string(), params: z.unknown(), response: z.unknown().optional() }),
  response: z.unknown().optional(),
});
const TransactionEvent = z.strictObject({ path: z.string(), body: z.unknown() });

function expectValid({ stekker, jedlix }: ReturnType<typeof run>): void {
  for (const message of stekker) {
    const { event, response } = Envelope.parse(message);
    expectOfficial('1.6', event.method, event.params);
    expectOfficialResponse('1.6', event.method, response ?? event.response);
    expect(isRefusal(readSessionEvent(message)) && message).toBe(false);
  }
  for (const request of jedlix) {
    const { path, body } = TransactionEvent.parse(request);
    expect(path).toMatch(/\/events\/ocpp2\.0\.1\/TransactionEvent$/);
    expectOfficial('2.0.1', 'TransactionEvent', body);
  }
}

/** What a fixture says of its events beside what is kept. */
function expectAcceptances({ input }: Fixture, { acceptances }: ReturnType<typeof run>): void {
  const places = (kind: string) => acceptances.flatMap((each, index) => (each.startsWith(kind) ? [index + 1] : []));
  expect(places('duplicate')).toEqual(input.duplicates ?? []);
  expect(places('ignored')).toEqual(input.ignored ?? []);
  expect(places('rejected')).toEqual(input.rejected ?? []);
}

describe('a session comes out as its fixture says, and valid', () => {
  test.each(FIXTURES.map((fixture) => [fixture.name, fixture] as const))('%s', (_, fixture) => {
    const outcome = run(fixture);
    expect(outcome.stekker).toEqual(expectedBy('stekker', fixture));
    expect(outcome.jedlix).toEqual(expectedBy('jedlix', fixture));
    expect(outcome.kept).toEqual(fixture.input.kept);
    expectAcceptances(fixture, outcome);
    expectValid(outcome);
  });
});

describe('the index of fixtures', () => {
  const index = new Map(
    [...readText('README.md').matchAll(/^\| (\d\.\d+) \| (.+) \|$/gm)].map(([, row = '', cases = '']) => [
      row,
      [...cases.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    ]),
  );
  const names = FIXTURES.map(({ name }) => name);

  test('names a case for every row of the mapping', () => {
    const document = readFileSync(join(import.meta.dirname, '../../docs/ocpp-mapping.md'), 'utf8');
    const rows = [...document.matchAll(/^\| (\d\.\d+) \|/gm)].map(([, row]) => row);
    expect(rows.length).toBeGreaterThan(45);
    expect([...index.keys()]).toEqual(rows);
  });

  test('names every case there is, and no other', () => {
    expect([...new Set([...index.values()].flat())].toSorted()).toEqual(names.toSorted());
    expect(names.length).toBeGreaterThan(100);
  });

  test('stands beside three files for each case, and nothing else', () => {
    const expected = names.flatMap((name) => [`${name}.in.json`, `${name}.jedlix.json`, `${name}.stekker.json`]);
    expect(filesThere().toSorted()).toEqual([...expected, 'README.md'].toSorted());
  });
});
