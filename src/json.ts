/** Reads JSON that somebody else wrote. Pure; never throws: what is no JSON is undefined, which JSON has no word for. */

/** The JSON value in a text; undefined when it holds none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The JSON object in a text; undefined for everything else. */
export function parseJsonObject(text: string): object | undefined {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}
