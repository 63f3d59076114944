/** Where the lanes in trouble stand, in the station's SQLite: a lane that runs well has no row. */

/**
 * A lane that holds: where in its row it stands, how often it failed there, when it may try again, and what became of the parts
 * before: how many requests they took, and why one of them was parked.
 */
export type LaneRow = {
  readonly provider: string;
  readonly seq: number;
  readonly part: number;
  readonly attempts: number;
  readonly dueAt: number;
  readonly requests: number;
  readonly parked: string | undefined;
};

/** Where the lane stood when it last held, or undefined when it was not in trouble. */
export function findLane(sql: SqlStorage, provider: string): LaneRow | undefined {
  const [lane] = sql.exec<
    Record<'seq' | 'part' | 'attempts' | 'due_at' | 'requests', number> & { parked: string | null }
  >('SELECT seq, part, attempts, due_at, requests, parked FROM lanes WHERE provider = ?', provider);
  if (lane === undefined) return undefined;
  const { due_at: dueAt, parked, ...rest } = lane;
  return { provider, ...rest, dueAt, parked: parked ?? undefined };
}

/** One row written. */
export function saveLane(sql: SqlStorage, lane: LaneRow): void {
  const { provider, seq, part, attempts, dueAt, requests, parked = null } = lane;
  sql.exec(
    'INSERT OR REPLACE INTO lanes (provider, seq, part, attempts, due_at, requests, parked) VALUES (?, ?, ?, ?, ?, ?, ?)',
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
export function clearLane(sql: SqlStorage, provider: string): void {
  sql.exec('DELETE FROM lanes WHERE provider = ?', provider);
}
