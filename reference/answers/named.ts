/** How answers get their names in the document. Strict, so that a test that sees an answer with a member too many fails. */
import * as z from 'zod';

/** Answers that have a name in the document. */
export const ANSWERS = z.registry<{ readonly id: string; readonly description?: string }>();

/** Names an answer. */
export function named<Schema extends z.ZodType>(id: string, description: string, schema: Schema): Schema {
  ANSWERS.add(schema, { id, description });
  return schema;
}

export const instant = z.iso.datetime();
export const cursor = z
  .string()
  .optional()
  .meta({ description: 'Where the next page begins. Absent on the last page.' });
