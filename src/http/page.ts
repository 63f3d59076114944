/** Pages of a list: `limit` and an opaque `cursor`. Refuses limits out of range and cursors that we did not make. */
import { problem, type Problem } from '../problem.ts';
import { err, ok, type Result } from '../result.ts';

export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 500;

/** `after` is the key of the last entry of the page before. It is empty for the first page. */
export type Page = { readonly limit: number; readonly after: string };

/** Reads the query of a list; 'cursor-invalid' names the parameter that is wrong. */
export function readPage(query: Readonly<Record<string, string>>): Result<Page, Problem> {
  const limit = query['limit'] === undefined ? DEFAULT_LIMIT : Number(query['limit']);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    return err(problem('cursor-invalid', `limit must be a whole number from 1 to ${MAX_LIMIT}.`));
  }
  const after = query['cursor'] === undefined ? '' : keyOf(query['cursor']);
  if (after === undefined) return err(problem('cursor-invalid', 'cursor is not one that this list gave out.'));
  return ok({ limit, after });
}

/** The cursor of the next page, or undefined when this page was not full. */
export function cursorAfter(keys: readonly string[], limit: number): string | undefined {
  return keys.length < limit ? undefined : cursorOf(keys.at(-1));
}

/** The cursor of a page that begins after this key; undefined when there is none. */
export function cursorOf(key: string | undefined): string | undefined {
  if (key === undefined) return undefined;
  const binary = String.fromCharCode(...new TextEncoder().encode(key));
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function keyOf(cursor: string): string | undefined {
  try {
    const binary = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'));
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(
      Uint8Array.from(binary, (each) => each.charCodeAt(0)),
    );
  } catch {
    return undefined;
  }
}
