/** Writes chargers into the registry. No two chargers have the same OCPP identity, nor the same EVSE uid. */
import * as z from 'zod';
import type { Charger } from '../charging/charger.ts';
import { identityForms } from '../charging/charger.ts';
import { problem, type Problem } from '../problem.ts';
import { err, ok, type Result } from '../result.ts';
import { forgetUnknown } from './unknown-chargers.ts';

export type Stored = Result<{ readonly isNew: boolean }, Problem>;

/** How many chargers are stored together, and how many characters of JSON: D1 takes parameters of up to 2 MB. */
export const CHARGERS_PER_BATCH = 50;
const BATCH_LENGTH = 500_000;

/** Chargers in batches that can be stored, in the same order. */
export function batchesOf(chargers: readonly Charger[]): readonly (readonly Charger[])[] {
  const batches: Charger[][] = [];
  let length = Infinity;
  for (const charger of chargers) {
    const own = JSON.stringify(charger).length;
    const last = batches.at(-1);
    const fits = last !== undefined && last.length < CHARGERS_PER_BATCH && length + own <= BATCH_LENGTH;
    if (fits) last.push(charger);
    else batches.push([charger]);
    length = fits ? length + own : own;
  }
  return batches;
}

/**
 * Stores the details of one batch of chargers, each of which is given once; one outcome for each, in the same order.
 * `isNew` when the charger was unknown. Refuses the OCPP identity and the EVSE uids of another charger. The number of
 * statements does not depend on the number of chargers.
 */
export async function storeChargers(
  db: D1Database,
  chargers: readonly Charger[],
  now: number,
): Promise<readonly Stored[]> {
  const refusals = refusalsWithin(chargers);
  const others = chargers.filter(({ chargePointId }) => !refusals.has(chargePointId));
  const given = JSON.stringify(others);
  const names = others.flatMap(({ chargePointId, ocppIdentity }) => [chargePointId, ...identityForms(ocppIdentity)]);
  const [known, identities, uids] = await db.batch([
    db.prepare(KNOWN).bind(given),
    db.prepare(IDENTITY_TAKEN).bind(given),
    db.prepare(UID_TAKEN).bind(given),
    db.prepare(STORE).bind(given, now),
    db.prepare(FORGET_UIDS).bind(given),
    db.prepare(NOTE_UIDS).bind(given),
    db.prepare(REVOKE_GONE).bind(given, now),
    forgetUnknown(db, names),
  ]);
  for (const id of idsIn(uids)) refusals.set(id, uidTaken());
  for (const id of idsIn(identities)) refusals.set(id, identityTaken());
  const isKnown = new Set(idsIn(known));
  return chargers.map(({ chargePointId }) => {
    const refusal = refusals.get(chargePointId);
    return refusal === undefined ? ok({ isNew: !isKnown.has(chargePointId) }) : err(refusal);
  });
}

const identityTaken = () => problem('ocpp-identity-taken', 'Another charger is registered with this ocppIdentity.');
const uidTaken = () => problem('evse-uid-taken', 'Another charger has an EVSE with one of these uids.');

/** Of several chargers with one identity or uid, the first counts. */
function refusalsWithin(chargers: readonly Charger[]): Map<string, Problem> {
  const holders = new Map<string, string>();
  const isTaken = (name: string, id: string) => holders.has(name) && holders.get(name) !== id;
  const refusals = new Map<string, Problem>();
  for (const { chargePointId: id, ocppIdentity, evses } of chargers) {
    const identity = `identity ${ocppIdentity}`;
    const uids = evses.flatMap(({ uid }) => (uid === undefined ? [] : [`uid ${uid}`]));
    if (isTaken(identity, id)) refusals.set(id, identityTaken());
    else if (uids.some((uid) => isTaken(uid, id))) refusals.set(id, uidTaken());
    else for (const name of [identity, ...uids]) holders.set(name, id);
  }
  return refusals;
}

const Id = z.object({ id: z.string() });

function idsIn(result: D1Result | undefined): string[] {
  return z
    .array(Id)
    .parse(result?.results)
    .map(({ id }) => id);
}

const GIVEN_IDS = "SELECT value ->> 'chargePointId' FROM json_each(?1)";

const KNOWN = `SELECT charge_point_id AS id FROM chargers WHERE charge_point_id IN (${GIVEN_IDS})`;

const IDENTITY_TAKEN = `
SELECT g.value ->> 'chargePointId' AS id
  FROM json_each(?1) AS g JOIN chargers AS c ON c.ocpp_identity = g.value ->> 'ocppIdentity'
 WHERE c.charge_point_id <> g.value ->> 'chargePointId'`;

/** A charger that had a uid already when another one had it too, in a registry from before, keeps it. */
const UID_TAKEN = `
SELECT DISTINCT g.value ->> 'chargePointId' AS id
  FROM json_each(?1) AS g, json_each(g.value, '$.evses') AS e JOIN evse_uids AS u ON u.uid = e.value ->> 'uid'
 WHERE u.charge_point_id <> g.value ->> 'chargePointId'
   AND NOT EXISTS (SELECT 1 FROM evse_uids AS own
                    WHERE own.uid = u.uid AND own.charge_point_id = g.value ->> 'chargePointId')`;

const STORE = `
INSERT INTO chargers (charge_point_id, ocpp_identity, record, created_at, updated_at)
SELECT value ->> 'chargePointId', value ->> 'ocppIdentity', value, ?2, ?2 FROM json_each(?1)
 WHERE value ->> 'chargePointId' NOT IN (${IDENTITY_TAKEN}) AND value ->> 'chargePointId' NOT IN (${UID_TAKEN})
ON CONFLICT (charge_point_id) DO UPDATE SET
  ocpp_identity = excluded.ocpp_identity, record = excluded.record, updated_at = excluded.updated_at`;

const STORED_UIDS = `
SELECT e.value ->> 'uid' AS uid, c.charge_point_id FROM chargers AS c, json_each(c.record, '$.evses') AS e
 WHERE c.charge_point_id IN (${GIVEN_IDS}) AND e.value ->> 'uid' IS NOT NULL`;

const FORGET_UIDS = `
DELETE FROM evse_uids WHERE charge_point_id IN (${GIVEN_IDS}) AND (uid, charge_point_id) NOT IN (${STORED_UIDS})`;

const NOTE_UIDS = `INSERT OR IGNORE INTO evse_uids (uid, charge_point_id) ${STORED_UIDS}`;

/** Codes for EVSEs that the charger does not have any more. */
const REVOKE_GONE = `
UPDATE pairing_codes SET revoked_at = ?2
 WHERE charge_point_id IN (${GIVEN_IDS}) AND redeemed_at IS NULL AND revoked_at IS NULL AND evse_uid IS NOT NULL
   AND (evse_uid, charge_point_id) NOT IN (SELECT uid, charge_point_id FROM evse_uids)`;

/** At most `limit` uids that several chargers have: only in a registry from before. */
export async function listSharedUids(db: D1Database, limit: number): Promise<readonly string[]> {
  const sql = 'SELECT uid FROM evse_uids GROUP BY uid HAVING count(*) > 1 LIMIT ?1';
  const { results } = await db.prepare(sql).bind(limit).all();
  return z
    .array(z.object({ uid: z.string() }))
    .parse(results)
    .map(({ uid }) => uid);
}

/** A charger that is gone has no uids. */
export function forgetUids(db: D1Database, chargePointId: string): D1PreparedStatement {
  return db.prepare('DELETE FROM evse_uids WHERE charge_point_id = ?1').bind(chargePointId);
}
