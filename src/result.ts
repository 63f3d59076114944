/** The outcome of something that may fail as expected. An expected failure is returned; only a bug throws. */

export type Ok<T> = { readonly ok: true; readonly value: T };
export type Err<E> = { readonly ok: false; readonly error: E };
export type Result<T, E> = Ok<T> | Err<E>;

/** A success carrying `value`. */
export function ok<T>(value: T): Ok<T> {
  return { ok: true, value };
}

/** An expected failure carrying `error`. */
export function err<E>(error: E): Err<E> {
  return { ok: false, error };
}
