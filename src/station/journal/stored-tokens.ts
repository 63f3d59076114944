/**
 * How id tokens are stored. Where only pseudonyms are to be kept, a token stands in clear in two places: in what is
 * still owed, and in one row that lists those of sessions under way, so that a restarted object knows them.
 */
import { mapIdTokens } from '../../charging/mask.ts';
import type { Pseudonyms } from '../../storage/token-hmac.ts';

const FACT = 'tokens';

export class StoredTokens {
  readonly #sql: SqlStorage;
  readonly #pseudonymOf: Pseudonyms | undefined;
  /** Pseudonym → token, of sessions under way; undefined when it is not sure what is stored. */
  #listed: ReadonlyMap<string, string> | undefined;

  /** Without `pseudonymOf` tokens are stored in clear. */
  constructor(sql: SqlStorage, pseudonymOf: Pseudonyms | undefined) {
    this.#sql = sql;
    this.#pseudonymOf = pseudonymOf;
  }

  /** Whether only pseudonyms are to be kept. */
  get isHiding(): boolean {
    return this.#pseudonymOf !== undefined;
  }

  /** A value as it is stored when nobody is owed it. */
  hidden(value: unknown): unknown {
    return this.#pseudonymOf === undefined ? value : mapIdTokens(value, this.#pseudonymOf);
  }

  /** What is under way, as it is stored. The tokens in it are listed: one row written when they change. */
  hiddenWork(value: unknown): unknown {
    const pseudonymOf = this.#pseudonymOf;
    const tokens = new Map<string, string>();
    const hidden =
      pseudonymOf === undefined
        ? value
        : mapIdTokens(value, (token) => {
            const pseudonym = pseudonymOf(token);
            if (pseudonym !== token) tokens.set(pseudonym, token);
            return pseudonym;
          });
    const before = this.#list();
    const isSame = before.size === tokens.size && [...tokens].every(([name, token]) => before.get(name) === token);
    if (!isSame) {
      const save = 'INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)';
      this.#sql.exec(save, FACT, JSON.stringify(Object.fromEntries(tokens)));
    }
    this.#listed = tokens;
    return hidden;
  }

  /** A stored value with the tokens that are listed. */
  shown(value: unknown): unknown {
    const listed = this.#list();
    return listed.size === 0 ? value : mapIdTokens(value, (pseudonym) => listed.get(pseudonym));
  }

  /** What was written since the last transaction is not stored after all. */
  undone(): void {
    this.#listed = undefined;
  }

  /** What this object wrote itself is trusted to be what it wrote. */
  #list(): ReadonlyMap<string, string> {
    if (this.#listed !== undefined) return this.#listed;
    const [row] = this.#sql.exec<{ value: string }>('SELECT value FROM facts WHERE name = ?', FACT);
    const stored = row === undefined ? {} : (JSON.parse(row.value) as Readonly<Record<string, string>>);
    return (this.#listed = new Map(Object.entries(stored)));
  }
}
