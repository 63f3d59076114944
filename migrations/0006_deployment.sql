-- What a deployment keeps from its first day on. Its objects are found by the jurisdiction that they were made in.
CREATE TABLE deployment (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- A deployment that has chargers already made their objects without a jurisdiction.
INSERT INTO deployment (name, value) SELECT 'jurisdiction', 'none' WHERE EXISTS (SELECT 1 FROM chargers);
