/** What of the parked messages in D1 there is how often. Reads every parked message that matches, once. */
import * as z from 'zod';
import type { LetterFilter } from './dead-letters.ts';

/** Parked messages of one recipient with one reason. `oldestAt` in ms. */
export type LetterGroup = {
  readonly provider: string;
  readonly reason: string;
  readonly messages: number;
  readonly chargers: number;
  readonly oldestAt: number;
};

/** `chargers` are those with the most messages, at most 50. `keptElsewhere`: so many chargers keep more at home. */
export type LetterSummary = {
  readonly groups: readonly LetterGroup[];
  readonly chargers: readonly { readonly chargePointId: string; readonly messages: number }[];
  readonly keptElsewhere: number;
};

const MAX_CHARGERS = 50;

const Groups = z.array(
  z.object({
    provider: z.string(),
    reason: z.string(),
    messages: z.number(),
    chargers: z.number(),
    oldestAt: z.number(),
  }),
);
const Chargers = z.array(z.object({ chargePointId: z.string(), messages: z.number() }));
const Elsewhere = z.tuple([z.object({ stations: z.number() })]);

const MATCHING = `FROM dead_letters
  WHERE (?1 IS NULL OR provider = ?1) AND (?2 IS NULL OR charge_point_id = ?2) AND (?3 IS NULL OR reason = ?3)`;

/** Counts what matches, the largest group first. */
export async function summarizeLetters(db: D1Database, filter: LetterFilter): Promise<LetterSummary> {
  const { provider = null, chargePointId = null, reason = null } = filter;
  const [groups, chargers, elsewhere] = await db.batch([
    db
      .prepare(
        `SELECT provider, reason, count(*) AS messages, count(DISTINCT charge_point_id) AS chargers,
                min(parked_at) AS oldestAt ${MATCHING} GROUP BY provider, reason ORDER BY messages DESC, provider, reason`,
      )
      .bind(provider, chargePointId, reason),
    db
      .prepare(
        `SELECT charge_point_id AS chargePointId, count(*) AS messages ${MATCHING}
          GROUP BY charge_point_id ORDER BY messages DESC, charge_point_id LIMIT ?4`,
      )
      .bind(provider, chargePointId, reason, MAX_CHARGERS),
    db
      .prepare('SELECT count(*) AS stations FROM letter_stations WHERE ?1 IS NULL OR charge_point_id = ?1')
      .bind(chargePointId),
  ]);
  const [{ stations }] = Elsewhere.parse(elsewhere?.results);
  return {
    groups: Groups.parse(groups?.results),
    chargers: Chargers.parse(chargers?.results),
    keptElsewhere: stations,
  };
}
