import { expect, it } from 'vitest';
import page from '../../docs/problems.md?raw';
import { PROBLEMS } from '../../src/problem.ts';

const ROW = /^\| `(?<reason>[a-z-]+)` \| (?<status>\d{3}) \| \S.* \| \S.* \|$/;

it('every reason is documented with its status, in order, and no other is', () => {
  const rows = page.split('\n').flatMap((line) => {
    const groups = ROW.exec(line)?.groups;
    return groups === undefined ? [] : [[groups['reason'], Number(groups['status'])]];
  });
  expect(rows).toEqual(
    Object.entries(PROBLEMS)
      .map(([reason, { status }]) => [reason, status] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
});
