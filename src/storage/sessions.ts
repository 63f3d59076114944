/** Sessions across chargers in D1, as their stations noted them. The station itself knows more of each, and knows it first. */
import * as z from 'zod';

export const SESSION_STATES = ['running', 'ended', 'refused'] as const;

/** A session as it is noted. Times in ms; `energyWh` when it is over. `tokenHmac` undefined: nothing new is known of it. */
export type NotedSession = {
  readonly chargePointId: string;
  readonly transactionId: string;
  readonly evseId: number;
  readonly providers: readonly string[];
  readonly state: (typeof SESSION_STATES)[number];
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly energyWh: number | null;
  readonly flags: readonly string[];
};

/** What is new of a session: all of it, or what has changed since it was noted. */
export type SessionNote =
  | { readonly kind: 'new'; readonly session: NotedSession; readonly tokenHmac?: string | undefined }
  | {
      readonly kind: 'changed';
      readonly session: NotedSession;
      readonly changes: readonly ('providers' | 'flags' | 'state')[];
    };

/**
 * Notes sessions, in one batch. Of one that is known only what has changed is written: each index that holds a column
 * costs rows when the column is set.
 */
export async function noteSessions(db: D1Database, notes: readonly SessionNote[]): Promise<void> {
  if (notes.length === 0) return;
  await db.batch(notes.map((note) => (note.kind === 'new' ? added(db, note) : changed(db, note))));
}

function added(
  db: D1Database,
  { session, tokenHmac }: Extract<SessionNote, { readonly kind: 'new' }>,
): D1PreparedStatement {
  const sql = `INSERT INTO sessions (charge_point_id, transaction_id, evse_id, providers, state, started_at, ended_at,
      energy_wh, flags, token_hmac) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
    ON CONFLICT DO UPDATE SET evse_id = ?3, providers = ?4, state = ?5, started_at = ?6, ended_at = ?7, energy_wh = ?8,
      flags = ?9, token_hmac = coalesce(?10, token_hmac)`;
  const { chargePointId, transactionId, evseId, providers, state, startedAt, endedAt, energyWh, flags } = session;
  return db
    .prepare(sql)
    .bind(
      chargePointId,
      transactionId,
      evseId,
      JSON.stringify(providers),
      state,
      startedAt,
      endedAt,
      energyWh,
      JSON.stringify(flags),
      tokenHmac ?? null,
    );
}

function changed(
  db: D1Database,
  { session, changes }: Extract<SessionNote, { readonly kind: 'changed' }>,
): D1PreparedStatement {
  const { chargePointId, transactionId, providers, state, endedAt, energyWh, flags } = session;
  const columns = changes.flatMap((change): (readonly [string, string | number | null])[] => {
    if (change === 'providers') return [['providers', JSON.stringify(providers)]];
    if (change === 'flags') return [['flags', JSON.stringify(flags)]];
    return [
      ['state', state],
      ['ended_at', endedAt],
      ['energy_wh', energyWh],
    ];
  });
  const sets = columns.map(([name]) => `${name} = ?`).join(', ');
  const sql = `UPDATE sessions SET ${sets} WHERE charge_point_id = ? AND transaction_id = ?`;
  return db.prepare(sql).bind(...columns.map(([, value]) => value), chargePointId, transactionId);
}

/** Ends what runs at a charger that is removed at `now` (ms). */
export function endSessionsOf(db: D1Database, chargePointId: string, now: number): D1PreparedStatement {
  const sql = `UPDATE sessions SET state = 'ended', ended_at = ?2 WHERE charge_point_id = ?1 AND state = 'running'`;
  return db.prepare(sql).bind(chargePointId, now);
}

/** What is searched for: all that is given must hold. `from` ≤ start < `to` (ms). */
export type SessionQuery = {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly provider?: string | undefined;
  readonly chargePointId?: string | undefined;
  readonly state?: NotedSession['state'] | undefined;
  readonly flag?: string | undefined;
  readonly tokenHmac?: string | undefined;
  readonly limit: number;
  readonly after?: SessionKey | undefined;
};

/** Where a page ends. */
export type SessionKey = Pick<NotedSession, 'startedAt' | 'chargePointId' | 'transactionId'>;

const Names = z.array(z.string());
const Row = z.object({
  charge_point_id: z.string(),
  transaction_id: z.string(),
  evse_id: z.number(),
  providers: z.string(),
  state: z.enum(SESSION_STATES),
  started_at: z.number(),
  ended_at: z.number().nullable(),
  energy_wh: z.number().nullable(),
  flags: z.string(),
});

/** At most `limit` sessions, the newest first. Each filter but that of the provider has an index. */
export async function findSessions(db: D1Database, query: SessionQuery): Promise<NotedSession[]> {
  const { from, to, provider, chargePointId, state, flag, tokenHmac, limit, after } = query;
  const filters: readonly (readonly [string, unknown])[] = [
    ['started_at >= ?', from],
    ['started_at < ?', to],
    ['charge_point_id = ?', chargePointId],
    [state === 'running' ? `state = 'running' AND ? IS NOT NULL` : 'state = ?', state],
    [`flags <> '[]' AND instr(flags, ?) > 0`, flag === undefined ? undefined : JSON.stringify(flag)],
    ['token_hmac = ?', tokenHmac],
    ['instr(providers, ?) > 0', provider === undefined ? undefined : JSON.stringify(provider)],
    ['started_at <= ?', after?.startedAt],
  ];
  const given = filters.filter(([, value]) => value !== undefined);
  const [place, key] =
    after === undefined ? [[], []] : [[PLACE], [after.startedAt, after.chargePointId, after.transactionId]];
  const where = [...given.map(([sql]) => sql), ...place].join(' AND ');
  const sql = `SELECT charge_point_id, transaction_id, evse_id, providers, state, started_at, ended_at, energy_wh, flags
    FROM sessions ${where === '' ? '' : `WHERE ${where}`}
    ORDER BY started_at DESC, charge_point_id DESC, transaction_id DESC LIMIT ?`;
  const { results } = await db
    .prepare(sql)
    .bind(...given.map(([, value]) => value), ...key, limit)
    .all();
  return z.array(Row).parse(results).map(sessionOf);
}

const PLACE = '(started_at, charge_point_id, transaction_id) < (?, ?, ?)';

const sessionOf = (row: z.output<typeof Row>): NotedSession => ({
  chargePointId: row.charge_point_id,
  transactionId: row.transaction_id,
  evseId: row.evse_id,
  providers: Names.parse(JSON.parse(row.providers)),
  state: row.state,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  energyWh: row.energy_wh,
  flags: Names.parse(JSON.parse(row.flags)),
});

/** Sessions of an erased token, from before its erasure, are those of another from now on; by HMACs. */
export async function renameTokens(
  db: D1Database,
  { digests, createdAt }: { readonly digests: readonly string[]; readonly createdAt: number },
  to: string | undefined,
): Promise<void> {
  const sql = `UPDATE sessions SET token_hmac = ?2
    WHERE token_hmac IN (SELECT value FROM json_each(?1)) AND started_at <= ?3`;
  await db
    .prepare(sql)
    .bind(JSON.stringify(digests), to ?? null, createdAt)
    .run();
}

/** How many sessions one run forgets. */
const FORGOTTEN_PER_RUN = 5000;
/** One whose end was never heard of is forgotten so long after the others. */
const ENDLESS_MS = 30 * 24 * 60 * 60_000;

/** Forgets sessions that began before `before` (ms), in bounded steps. */
export async function pruneSessions(db: D1Database, before: number): Promise<void> {
  const sql = `DELETE FROM sessions WHERE (charge_point_id, transaction_id) IN (
    SELECT charge_point_id, transaction_id FROM sessions
     WHERE started_at < ?1 AND (state <> 'running' OR started_at < ?2) ORDER BY started_at LIMIT ?3)`;
  await db
    .prepare(sql)
    .bind(before, before - ENDLESS_MS, FORGOTTEN_PER_RUN)
    .run();
}
