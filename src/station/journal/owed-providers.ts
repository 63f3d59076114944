/** To which providers anything is owed: looked up once, then known from what is written. No decisions. */

/** Providers that a row is still owed to, as one text that SQL can search: "|a|b|", or "" when there is none. */
export const owedText = (providers: readonly string[]) => (providers.length === 0 ? '' : `|${providers.join('|')}|`);
/** The providers in such a text. */
export const owedNames = (text: string) => text.split('|').filter((name) => name !== '');

/** No row before `from` is owed to the provider; the row `from` itself is, when `isSure`. */
type Owed = { readonly from: number; readonly isSure: boolean };

export class OwedProviders {
  readonly #sql: SqlStorage;
  /** Undefined before the rows were looked at; a provider that is missing is owed nothing. */
  #owed: Map<string, Owed> | undefined;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Every provider that a row after `settledSeq` is owed to. Rows are looked at only when one was settled since. */
  names(settledSeq: number): string[] {
    this.#owed ??= this.#read(settledSeq);
    return [...this.#owed].flatMap(([provider, owed]) => (this.#isOwed(provider, owed) ? [provider] : []));
  }

  /** A row, newer than all others, is owed to these providers. */
  added(seq: number, providers: Iterable<string>): void {
    for (const provider of providers) {
      if (this.#owed?.has(provider) === false) this.#owed.set(provider, { from: seq, isSure: true });
    }
  }

  /** A row is owed to these providers still, and to no other. */
  settled(seq: number, open: readonly string[]): void {
    for (const [provider, { from }] of this.#owed ?? []) {
      if (from === seq && !open.includes(provider)) this.#owed?.set(provider, { from, isSure: false });
    }
  }

  /** What was written since the last transaction is not stored after all. */
  undone(): void {
    this.#owed = undefined;
  }

  #isOwed(provider: string, { from, isSure }: Owed): boolean {
    if (isSure) return true;
    const sql = 'SELECT seq FROM log WHERE seq > ? AND instr(owed, ?) > 0 ORDER BY seq LIMIT 1';
    const [first] = this.#sql.exec<{ seq: number }>(sql, from, `|${provider}|`);
    if (first === undefined) this.#owed?.delete(provider);
    else this.#owed?.set(provider, { from: first.seq, isSure: true });
    return first !== undefined;
  }

  #read(settledSeq: number): Map<string, Owed> {
    const sql = "SELECT owed, min(seq) AS seq FROM log WHERE seq > ? AND owed <> '' GROUP BY owed ORDER BY seq DESC";
    const rows = this.#sql.exec<{ owed: string; seq: number }>(sql, settledSeq).toArray();
    return new Map(
      rows.flatMap(({ owed, seq }) => owedNames(owed).map((name) => [name, { from: seq, isSure: true }] as const)),
    );
  }
}
