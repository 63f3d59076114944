/** Reads settings by schema. An empty string counts as absent. A problem names settings, never values. */
import * as z from 'zod';
import { problem, type Problem } from './problem.ts';
import { err, ok, type Result } from './result.ts';

/** Parses `source` by `schema`; 'misconfigured' with the names of the bad settings in `context.settings`. */
export function parseSettings<Schema extends z.ZodType>(
  schema: Schema,
  source: Readonly<Record<string, unknown>>,
): Result<z.output<Schema>, Problem> {
  const present = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(present);
  if (parsed.success) return ok(parsed.data);
  return err(misconfigured([...new Set(parsed.error.issues.map((issue) => issue.path.join('.')))]));
}

/** The problem of settings that are missing or malformed. */
export function misconfigured(settings: readonly string[]): Problem {
  return problem('misconfigured', 'A setting is missing or malformed; the log names it.', { context: { settings } });
}
