// Reads JSON of unknown shape by path; it never throws, what is not there is undefined, empty or no list.

type Path = readonly (string | number)[];

/** The value at a path, or undefined. */
export function valueAt(value: unknown, ...path: Path): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (typeof inner !== 'object' || inner === null) return undefined;
    const next: unknown = Reflect.get(inner, key);
    return next;
  }, value);
}

/** The list at a path; empty when there is none. */
export function listAt(value: unknown, ...path: Path): readonly unknown[] {
  const list = valueAt(value, ...path);
  return Array.isArray(list) ? list : [];
}

/** The text or number at a path as text; empty when there is none. */
export function textAt(value: unknown, ...path: Path): string {
  const found = valueAt(value, ...path);
  return typeof found === 'string' || typeof found === 'number' ? String(found) : '';
}

/** The number at a path, or undefined. */
export function numberAt(value: unknown, ...path: Path): number | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'number' ? found : undefined;
}
