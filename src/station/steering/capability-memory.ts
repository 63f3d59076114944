/** What was learned of what a charger takes. One row of JSON. */
import type { Charger } from '../../charging/charger.ts';
import { learnedAfter, stillLearned, type Learned } from './capability.ts';

const FACT = 'capability';

export class CapabilityMemory {
  readonly #sql: SqlStorage;
  #learned: Learned | undefined;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** What holds of this charger. */
  of(charger: Charger): Learned {
    return stillLearned(this.#all(), charger);
  }

  /** One row written, if anything is new. */
  learn(news: Learned, charger: Charger): void {
    const before = this.#all();
    const after = learnedAfter(stillLearned(before, charger), news, charger);
    if (JSON.stringify(after) === JSON.stringify(before)) return;
    this.#learned = after;
    this.#sql.exec('INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)', FACT, JSON.stringify(after));
  }

  #all(): Learned {
    if (this.#learned !== undefined) return this.#learned;
    const rows = this.#sql.exec<{ value: string }>('SELECT value FROM facts WHERE name = ?', FACT).toArray();
    // What this object wrote itself is trusted to be what it wrote.
    return (this.#learned = rows[0] === undefined ? {} : (JSON.parse(rows[0].value) as Learned));
  }
}
