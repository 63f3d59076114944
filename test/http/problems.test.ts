import { expect, it } from 'vitest';
import page from '../../docs/problems.md?raw';
import { PROBLEMS } from '../../src/problem.ts';

const ENTRY = /^### (?<reason>[a-z-]+)\n\n(?<status>\d{3}): \S[^#]*?\n\n\S/gm;

it('every reason is documented with its status, in order, and no other is', () => {
  const rows = [...page.matchAll(ENTRY)].map(({ groups }) => [groups?.['reason'], Number(groups?.['status'])]);
  expect(rows).toEqual(
    Object.entries(PROBLEMS)
      .map(([reason, { status }]) => [reason, status] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
});
