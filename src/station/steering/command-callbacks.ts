/** One-time URLs at which a CSMS posts the answer to a command. In memory: if nothing waits, it is refused. */
import type { ExpectedCallback } from '../../csms/command.ts';
import { signedToken } from '../../secret.ts';

export class Callbacks {
  readonly #expected = new Map<string, (answer: unknown) => void>();
  readonly #key: () => string;

  /** `key` signs the tokens, so that whoever takes a call can check them before calling this station. */
  constructor(key: () => string) {
    this.#key = key;
  }

  /** Makes a URL that works once, until `forget`. Its token is 122 random bits with their signature. */
  expect(chargePointId: string): ExpectedCallback & { readonly token: string; readonly forget: () => void } {
    const token = signedToken(this.#key(), chargePointId, crypto.randomUUID());
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#expected.set(token, resolve);
    return {
      token,
      path: `/callbacks/${encodeURIComponent(chargePointId)}/${token}`,
      answer: promise,
      forget: () => this.#expected.delete(token),
    };
  }

  /** Gives an answer to the command that waits for it; false when no command waits, or none waits any more. */
  take(token: string, answer: unknown): boolean {
    const resolve = this.#expected.get(token);
    this.#expected.delete(token);
    resolve?.(answer);
    return resolve !== undefined;
  }
}
