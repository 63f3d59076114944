/** Erasures and how far they are, in D1. What two runs do at the same time counts once. */
import * as z from 'zod';

export type ErasurePhase = 'letters' | 'stations' | 'waiting' | 'letters-again' | 'done';

/** `cursor`: the last letter or charger that the phase has behind it. Instants in ms since the epoch. */
export type Erasure = {
  readonly id: string;
  /** The charger that is erased; undefined when it is an id token. */
  readonly chargePointId: string | undefined;
  readonly digests: readonly string[];
  readonly pseudonym: string;
  readonly isDropping: boolean;
  /** The charger had left the registry before. */
  readonly isRemoved: boolean;
  readonly phase: ErasurePhase;
  readonly cursor: string;
  readonly stations: number;
  readonly done: number;
  readonly createdAt: number;
  readonly finishedAt: number | undefined;
};

/** A station that is not done; `place` is JSON, "" at the beginning. */
export type WaitingStation = { readonly chargePointId: string; readonly place: string };

const Row = z
  .object({
    id: z.string(),
    charge_point_id: z.string().nullable(),
    digests: z.string(),
    pseudonym: z.string(),
    is_dropping: z.number(),
    is_removed: z.number(),
    phase: z.enum(['letters', 'stations', 'waiting', 'letters-again', 'done']),
    cursor: z.string(),
    stations: z.number(),
    done: z.number(),
    created_at: z.number(),
    finished_at: z.number().nullable(),
  })
  .transform((row): Erasure => ({
    id: row.id,
    chargePointId: row.charge_point_id ?? undefined,
    digests: z.array(z.string()).parse(JSON.parse(row.digests)),
    pseudonym: row.pseudonym,
    isDropping: row.is_dropping === 1,
    isRemoved: row.is_removed === 1,
    phase: row.phase,
    cursor: row.cursor,
    stations: row.stations,
    done: row.done,
    createdAt: row.created_at,
    finishedAt: row.finished_at ?? undefined,
  }));
const StationRow = z
  .object({ charge_point_id: z.string(), place: z.string() })
  .transform((row): WaitingStation => ({ chargePointId: row.charge_point_id, place: row.place }));

/** Every charger whose object may hold something: registered, or removed. */
const ALL_CHARGERS = `SELECT charge_point_id FROM chargers UNION SELECT charge_point_id FROM removed_chargers
  UNION SELECT charge_point_id FROM pairings`;

/** What a new erasure is about. */
export type NewErasure = Pick<
  Erasure,
  'id' | 'chargePointId' | 'digests' | 'pseudonym' | 'isDropping' | 'isRemoved' | 'createdAt'
>;

/**
 * Notes an erasure that is to begin. One that was done once (`finishedAt`) is done again in D1 only; one that is there
 * begins anew.
 */
export async function saveErasure(db: D1Database, erasure: NewErasure & Pick<Erasure, 'finishedAt'>): Promise<void> {
  const { id, chargePointId, digests, pseudonym, isDropping, isRemoved, createdAt, finishedAt } = erasure;
  await db.batch([
    db
      .prepare(SAVE)
      .bind(
        id,
        chargePointId ?? null,
        JSON.stringify(digests),
        pseudonym,
        isDropping ? 1 : 0,
        isRemoved ? 1 : 0,
        finishedAt === undefined ? 'letters' : 'letters-again',
        createdAt,
        finishedAt ?? null,
      ),
    db.prepare('DELETE FROM erasure_stations WHERE erasure_id = ?').bind(id),
  ]);
}

const STATIONS = `CASE WHEN ?2 IS NULL THEN (SELECT count(*) FROM (${ALL_CHARGERS})) ELSE 1 END`;
const SAVE = `
INSERT INTO erasures (id, charge_point_id, digests, pseudonym, is_dropping, is_removed, phase, cursor, stations, done,
  created_at, stepped_at, finished_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, '', ${STATIONS}, CASE WHEN ?9 IS NULL THEN 0 ELSE ${STATIONS} END, ?8, 0, ?9
 WHERE true
ON CONFLICT (id) DO UPDATE SET
  phase = excluded.phase, cursor = '', done = excluded.done, stations = excluded.stations,
  finished_at = excluded.finished_at`;

/** One erasure, or undefined. */
export async function findErasure(db: D1Database, id: string): Promise<Erasure | undefined> {
  const row = await db.prepare('SELECT * FROM erasures WHERE id = ?').bind(id).first();
  return row === null ? undefined : Row.parse(row);
}

/** At most `limit` erasures that are not done; the one that was looked at longest ago comes first. */
export async function listUnfinished(db: D1Database, limit: number): Promise<Erasure[]> {
  const { results } = await db
    .prepare(`SELECT * FROM erasures WHERE phase <> 'done' ORDER BY stepped_at, id LIMIT ?`)
    .bind(limit)
    .all();
  return z.array(Row).parse(results);
}

/** At most `limit` chargers after this one: those that the erasure asks next. */
export async function listToErase(db: D1Database, erasure: Erasure, limit: number): Promise<string[]> {
  const { chargePointId, cursor } = erasure;
  if (chargePointId !== undefined) return cursor === '' ? [chargePointId] : [];
  return listAllChargers(db, cursor, limit);
}

/** At most `limit` chargers after this one, registered or removed. */
export async function listAllChargers(db: D1Database, after: string, limit: number): Promise<string[]> {
  const { results } = await db
    .prepare(`SELECT charge_point_id FROM (${ALL_CHARGERS}) WHERE charge_point_id > ? ORDER BY charge_point_id LIMIT ?`)
    .bind(after, limit)
    .all();
  return z
    .array(z.object({ charge_point_id: z.string() }))
    .parse(results)
    .map((row) => row.charge_point_id);
}

/**
 * At most `limit` stations that are not done and were not asked since `now` (ms); the one that was asked longest ago
 * comes first. `isOver`: all are done.
 */
export async function listWaiting(
  db: D1Database,
  id: string,
  { limit, now }: { readonly limit: number; readonly now: number },
): Promise<{ readonly stations: readonly WaitingStation[]; readonly isOver: boolean }> {
  const sql = `SELECT charge_point_id, place, tried_at < ?2 AS is_due FROM erasure_stations
    WHERE erasure_id = ?1 ORDER BY tried_at LIMIT ?3`;
  const { results } = await db.prepare(sql).bind(id, now, limit).all();
  const due = z.array(z.object({ is_due: z.number() })).parse(results);
  const stations = z.array(StationRow).parse(results);
  return { stations: stations.filter((_, index) => due[index]?.is_due === 1), isOver: results.length === 0 };
}

/** What a step did: stations that are done with by it, and those that are not. */
export type ErasureStepDone = {
  readonly phase: ErasurePhase;
  readonly cursor: string;
  readonly finished: readonly string[];
  readonly waiting: readonly WaitingStation[];
};

const IS_NOTED = `changes() = 1 AND EXISTS (SELECT 1 FROM erasures WHERE id = ?1 AND phase = ?2 AND cursor = ?3)`;
const PUT_OFF = `
INSERT OR REPLACE INTO erasure_stations (erasure_id, charge_point_id, place, tried_at)
SELECT ?1, value ->> 'chargePointId', value ->> 'place', ?5 FROM json_each(?4) WHERE ${IS_NOTED}`;
/** A station that another run found done meanwhile is not put off again. */
const PUT_OFF_AGAIN = `
UPDATE erasure_stations SET place = each.value ->> 'place', tried_at = ?5 FROM json_each(?4) AS each
 WHERE erasure_id = ?1 AND charge_point_id = each.value ->> 'chargePointId' AND ${IS_NOTED}`;

/** Notes a step. Nothing is noted when another run was faster: then its step counts. */
export async function noteStep(db: D1Database, erasure: Erasure, step: ErasureStepDone, now: number): Promise<void> {
  const { id, phase, cursor } = erasure;
  const finished = JSON.stringify(step.finished);
  const isHere = 'EXISTS (SELECT 1 FROM erasures WHERE id = ?1 AND phase = ?2 AND cursor = ?3)';
  await db.batch([
    db
      .prepare(
        `DELETE FROM erasure_stations
          WHERE erasure_id = ?1 AND charge_point_id IN (SELECT value FROM json_each(?4)) AND ${isHere}`,
      )
      .bind(id, phase, cursor, finished),
    db
      .prepare(
        `UPDATE erasures SET done = done + CASE WHEN phase = 'waiting' THEN changes() ELSE json_array_length(?4) END,
           phase = ?5, cursor = ?6, stepped_at = ?7, finished_at = CASE ?5 WHEN 'done' THEN coalesce(finished_at, ?7) ELSE finished_at END
          WHERE id = ?1 AND phase = ?2 AND cursor = ?3 RETURNING id`,
      )
      .bind(id, phase, cursor, finished, step.phase, step.cursor, now),
    db
      .prepare(phase === 'waiting' ? PUT_OFF_AGAIN : PUT_OFF)
      .bind(id, step.phase, step.cursor, JSON.stringify(step.waiting), now),
  ]);
}

/** Whether this charger left the registry, and was not erased since. */
export async function isRemoved(db: D1Database, chargePointId: string): Promise<boolean> {
  const sql = 'SELECT 1 FROM removed_chargers WHERE charge_point_id = ?';
  return (await db.prepare(sql).bind(chargePointId).first()) !== null;
}

/** Notes that a charger left the registry. */
export function noteRemoved(db: D1Database, chargePointId: string, now: number): D1PreparedStatement {
  return db
    .prepare('INSERT OR REPLACE INTO removed_chargers (charge_point_id, removed_at) VALUES (?, ?)')
    .bind(chargePointId, now);
}

/** Deletes what D1 has of one charger, from before the erasure, that says anything about people. */
export async function eraseCharger(
  db: D1Database,
  chargePointId: string,
  { createdAt, isRemoved }: Erasure,
): Promise<void> {
  const of = (sql: string) => db.prepare(sql).bind(chargePointId, createdAt);
  await db.batch([
    of(`DELETE FROM dead_letters WHERE charge_point_id = ?1 AND json_extract(record, '$.receivedAt') <= ?2`),
    of(`UPDATE pairings SET audit = NULL, code_hash = NULL
         WHERE charge_point_id = ?1 AND coalesce(paired_at, claimed_at) <= ?2`),
    of(`UPDATE pairings SET format = 'ocpp', evse_uid = NULL, claimed_at = 0
         WHERE charge_point_id = ?1 AND status = 'ended' AND claimed_at <= ?2`),
    of(`DELETE FROM sessions WHERE charge_point_id = ?1 AND started_at <= ?2 AND state <> 'running'`),
    of('DELETE FROM alerts WHERE subject = ?1 AND since <= ?2'),
    of('DELETE FROM removed_chargers WHERE charge_point_id = ?1 AND removed_at <= ?2'),
    // It may be back by a backup.
    ...(isRemoved
      ? [
          of(`UPDATE pairings SET status = 'ended', paired_at = NULL, evse_uid = NULL, format = 'ocpp'
               WHERE charge_point_id = ?1 AND paired_at <= ?2`),
          of('DELETE FROM chargers WHERE charge_point_id = ?1 AND created_at <= ?2'),
          of('DELETE FROM pairing_codes WHERE charge_point_id = ?1 AND created_at <= ?2'),
          db
            .prepare(
              `DELETE FROM evse_uids WHERE charge_point_id = ?1
                  AND NOT EXISTS (SELECT 1 FROM chargers WHERE charge_point_id = ?1)`,
            )
            .bind(chargePointId),
        ]
      : []),
  ]);
}
