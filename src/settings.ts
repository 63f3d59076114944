/** Reads settings by schema. An empty string counts as absent. A problem names settings, never values. */
import * as z from 'zod';
import { problem, type Problem } from './problem.ts';
import { err, ok, type Result } from './result.ts';

type Source = Readonly<Record<string, unknown>>;

/** A list with commas between its entries, such as the tokens of a rotation; a list without any entry is malformed. */
export const commaList = z
  .string()
  .transform((listed) => listed.split(',').flatMap((entry) => entry.trim() || []))
  .pipe(z.array(z.string()).min(1));

/** The settings that are there: an empty string counts as absent. */
export function present(source: Source): Source {
  return Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
}

/** Parses `source` by `schema`; 'misconfigured' with the names of the bad settings in `context.settings`. */
export function parseSettings<Schema extends z.ZodType>(
  schema: Schema,
  source: Source,
): Result<z.output<Schema>, Problem> {
  const parsed = schema.safeParse(present(source));
  return parsed.success ? ok(parsed.data) : err(misconfigured(badSettings(parsed.error)));
}

/** The names of the settings that a schema refused, each once. */
export function badSettings(error: z.ZodError): readonly string[] {
  return [...new Set(error.issues.map(({ path }) => String(path[0])))];
}

/** The problem of settings that are missing or malformed. */
export function misconfigured(settings: readonly string[]): Problem {
  return problem('misconfigured', 'A setting is missing or malformed; the log names it.', { context: { settings } });
}

const Context = z.object({ settings: z.array(z.string()) });

/** The settings that a problem made by `misconfigured` names. */
export function settingsOf({ context }: Problem): readonly string[] {
  const named = Context.safeParse(context);
  return named.success ? named.data.settings : [];
}
