/** Leaves undefined members out of objects, because neither JSON nor the schemas know `undefined`. */

/** An object's type after its undefined members are left out: a member that may be undefined becomes optional. */
export type Defined<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** A copy of an object without its members that are undefined. */
export function defined<const T extends object>(members: T): Defined<T>;
export function defined(members: Readonly<Record<string, unknown>>): object {
  const copy: Record<string, unknown> = {};
  for (const name in members) if (members[name] !== undefined) copy[name] = members[name];
  return copy;
}
