/** The guide for a new provider names every member of the port. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const textOf = (path: string) => readFileSync(join(import.meta.dirname, '../..', path), 'utf8');

/** The members of an exported object type, by the two spaces before them. */
function membersOf(type: string, path: string): readonly string[] {
  const [, body = ''] =
    new RegExp(`export type ${type} = (?:\\w+ & )?\\{\n([\\s\\S]*?)\n\\};`).exec(textOf(path)) ?? [];
  return [...body.matchAll(/^ {2}readonly (\w+)/gm)].map(([, member = '']) => member);
}

test.each([
  ['Provider', 'src/providers/provider.ts'],
  ['ConfiguredProvider', 'src/providers/provider.ts'],
  ['Recipient', 'src/recipient.ts'],
  ['InboundRoute', 'src/providers/inbound.ts'],
  ['Edge', 'src/providers/inbound.ts'],
])('docs/adding-a-provider.md names every member of %s', (type, path) => {
  const members = membersOf(type, path);
  expect(members.length).toBeGreaterThan(2);
  const guide = textOf('docs/adding-a-provider.md');
  expect(members.filter((member) => !guide.includes(`\`${member}\``))).toEqual([]);
});
