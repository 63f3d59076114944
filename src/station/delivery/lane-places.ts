/** The places of lanes in trouble, in the station's SQLite. A lane that runs well has none: its backlog says enough. */

/**
 * Where a lane stands inside the row that it delivers: at which message (`part`), how often that one failed, when it
 * may be tried again, how many requests the row took so far, and why one of its messages was parked.
 */
export type LanePlace = {
  readonly provider: string;
  readonly seq: number;
  readonly part: number;
  readonly attempts: number;
  readonly dueAt: number;
  readonly requests: number;
  readonly parked: string | undefined;
};

/** Where the lane stood when it last had to wait, or undefined when it was not in trouble. */
export function findPlace(sql: SqlStorage, provider: string): LanePlace | undefined {
  const [lane] = sql.exec<
    Record<'seq' | 'part' | 'attempts' | 'due_at' | 'requests', number> & { parked: string | null }
  >('SELECT seq, part, attempts, due_at, requests, parked FROM lanes WHERE provider = ?', provider);
  if (lane === undefined) return undefined;
  const { due_at: dueAt, parked, ...rest } = lane;
  return { provider, ...rest, dueAt, parked: parked ?? undefined };
}

/** One row written. */
export function savePlace(sql: SqlStorage, place: LanePlace): void {
  const { provider, seq, part, attempts, dueAt, requests, parked = null } = place;
  sql.exec(
    `INSERT OR REPLACE INTO lanes (provider, seq, part, attempts, due_at, requests, parked)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    provider,
    seq,
    part,
    attempts,
    dueAt,
    requests,
    parked,
  );
}

/** The lane is out of trouble. */
export function clearPlace(sql: SqlStorage, provider: string): void {
  sql.exec('DELETE FROM lanes WHERE provider = ?', provider);
}
