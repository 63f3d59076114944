/** How deliveries ended, counted by the hour from the log, so that nobody has to ask every station. */
import { addCounts, type HourCounts } from '../../storage/provider-counts.ts';
import type { Delivery } from '../../recipient.ts';
import type { Backlog } from './backlog.ts';

const HOUR_MS = 60 * 60_000;
const FACT = 'counted';

/** What ended before `until` (ms) is counted. Rows before `seq` were settled by then. */
type Counted = { readonly until: number; readonly seq: number };
type Mutable = { provider: string; hour: number; delivered: number; rejected: number; retried: number };

/** What counting needs of its station object. */
type CountingHome = {
  readonly sql: SqlStorage;
  readonly env: Pick<Env, 'DB'>;
  readonly aside: (work: Promise<unknown>) => void;
};

export class Counting {
  readonly #home: CountingHome;
  readonly #sql: SqlStorage;
  readonly #backlog: Backlog;
  #counted: Counted | undefined;

  constructor(home: CountingHome, backlog: Backlog) {
    this.#home = home;
    this.#sql = home.sql;
    this.#backlog = backlog;
  }

  /** Adds to D1 what ended in hours that are over, at most once an hour. */
  tend(now: number): void {
    const counts = this.#take(now);
    if (counts.length > 0) this.#home.aside(addCounts(this.#home.env.DB, counts));
  }

  /**
   * What ended in hours that are over and was not counted yet: at most once an hour. One row written when there is any.
   */
  #take(now: number): readonly HourCounts[] {
    const until = Math.floor(now / HOUR_MS) * HOUR_MS;
    const counted = (this.#counted ??= this.#read());
    if (counted.until >= until) return [];
    const counts = this.#countBetween(counted, until);
    this.#counted = { until, seq: this.#backlog.owedFrom(this.#newest()) };
    if (counts.length === 0) return [];
    const save = 'INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)';
    this.#sql.exec(save, FACT, JSON.stringify(this.#counted));
    return counts;
  }

  /**
   * An object that never counted begins with its oldest row. What this object wrote itself is trusted to be what it
   * wrote.
   */
  #read(): Counted {
    const [fact] = this.#sql.exec<{ value: string }>('SELECT value FROM facts WHERE name = ?', FACT);
    if (fact !== undefined) return JSON.parse(fact.value) as Counted;
    const [row] = this.#sql.exec<{ first: number | null }>('SELECT min(received_at) AS first FROM log');
    return { until: Math.floor((row?.first ?? 0) / HOUR_MS) * HOUR_MS, seq: 0 };
  }

  #newest(): number {
    return this.#sql.exec<{ seq: number | null }>('SELECT max(seq) AS seq FROM log').one().seq ?? 0;
  }

  #countBetween({ until: from, seq }: Counted, until: number): HourCounts[] {
    const counts = new Map<string, Mutable>();
    const at = (provider: string, time: number): Mutable | undefined => {
      if (time < from || time >= until) return undefined;
      const hour = Math.floor(time / HOUR_MS) * HOUR_MS;
      const key = `${provider}|${hour}`;
      const known = counts.get(key) ?? { provider, hour, delivered: 0, rejected: 0, retried: 0 };
      counts.set(key, known);
      return known;
    };
    const ends = "SELECT deliveries FROM log WHERE seq >= ? AND deliveries <> '{}'";
    for (const { deliveries } of this.#sql.exec<{ deliveries: string }>(ends, seq)) {
      for (const [provider, end] of Object.entries(JSON.parse(deliveries) as Record<string, Delivery>)) {
        const count = at(provider, end.at);
        if (count !== undefined && end.outcome === 'delivered') count.delivered += 1;
        if (count !== undefined && end.outcome === 'parked') count.rejected += 1;
      }
    }
    const tries = `SELECT provider, at FROM attempts
      WHERE at >= ? AND at < ? AND json_extract(record, '$.outcome.kind') = 'deferred'`;
    for (const attempt of this.#sql.exec<{ provider: string; at: number }>(tries, from, until)) {
      const count = at(attempt.provider, attempt.at);
      if (count !== undefined) count.retried += 1;
    }
    return [...counts.values()];
  }
}
