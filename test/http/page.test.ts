import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cursorAfter, readPage } from '../../src/http/page.ts';

describe('a cursor', () => {
  it('brings any key back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 64 }), (key) => {
        const cursor = cursorAfter([key], 1) ?? '';
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(readPage({ cursor })).toEqual({ ok: true, value: { limit: 100, after: key } });
      }),
    );
  });

  it('is absent after a page that was not full', () => {
    expect(cursorAfter([], 1)).toBeUndefined();
    expect(cursorAfter(['a'], 2)).toBeUndefined();
  });
});
