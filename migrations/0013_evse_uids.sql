-- Which charger has which EVSE uid. A uid is at one charger only; from before, several may have it (`/readyz` names them).

CREATE TABLE evse_uids (
  uid             TEXT NOT NULL,
  charge_point_id TEXT NOT NULL,
  PRIMARY KEY (uid, charge_point_id)
) WITHOUT ROWID;

CREATE INDEX evse_uids_by_charger ON evse_uids (charge_point_id);

INSERT OR IGNORE INTO evse_uids (uid, charge_point_id)
SELECT evse.value ->> 'uid', charge_point_id FROM chargers, json_each(record, '$.evses') AS evse
 WHERE evse.value ->> 'uid' IS NOT NULL;
