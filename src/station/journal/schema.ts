/** The tables of a charging station object. docs/storage.md says what each is for. */
import { adoptOlderNames } from './repeats/seen.ts';

const LETTERS = `CREATE TABLE letters (
  id INTEGER PRIMARY KEY, delivery_id TEXT NOT NULL, provider TEXT NOT NULL, reason TEXT NOT NULL, parked_at INTEGER NOT NULL,
  octets INTEGER NOT NULL, record TEXT NOT NULL, is_older INTEGER NOT NULL DEFAULT 0
);`;

const REPEATS = `CREATE TABLE repeats (
  day INTEGER NOT NULL, slot TEXT NOT NULL, size INTEGER NOT NULL, keys TEXT NOT NULL, PRIMARY KEY (day, slot)
) WITHOUT ROWID;`;

/** Letters of the release before are kept for as long as it kept them. */
const OLDER_LETTERS = `
ALTER TABLE letters ADD COLUMN is_older INTEGER NOT NULL DEFAULT 0;
UPDATE letters SET is_older = 1;`;

/** Made once, when the object is first told of a registered charger. */
export const SCHEMA = `${LETTERS}
${REPEATS}
CREATE TABLE log (
  seq INTEGER PRIMARY KEY, owed TEXT NOT NULL, status_of TEXT, received_at INTEGER NOT NULL, request_id TEXT NOT NULL,
  deliveries TEXT NOT NULL, kept TEXT NOT NULL, entry TEXT NOT NULL, deliverables TEXT NOT NULL, book TEXT NOT NULL,
  owed_from INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE lanes (
  provider TEXT PRIMARY KEY, seq INTEGER NOT NULL, part INTEGER NOT NULL, attempts INTEGER NOT NULL, due_at INTEGER NOT NULL,
  requests INTEGER NOT NULL, parked TEXT
) WITHOUT ROWID;
CREATE TABLE attempts (
  id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, provider TEXT NOT NULL, at INTEGER NOT NULL, record TEXT NOT NULL
);
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
`;

/**
 * Brings tables of earlier releases up to date: no row said from where on rows may be owed, no letters were kept, and
 * names of events stood in the order in which they came.
 */
export function upgrade(sql: SqlStorage): void {
  const made = sql.exec<{ name: string; sql: string }>("SELECT name, sql FROM sqlite_master WHERE type = 'table'");
  const tables = new Map(made.toArray().map((table) => [table.name, table.sql]));
  const letters = tables.get('letters');
  if (letters === undefined) sql.exec(LETTERS);
  else if (!letters.includes('is_older')) sql.exec(OLDER_LETTERS);
  if (!tables.has('repeats')) sql.exec(REPEATS);
  if (tables.has('seen')) adoptOlderNames(sql);
  if (tables.get('log')?.includes('owed_from')) return;
  sql.exec(`
    ALTER TABLE log ADD COLUMN owed_from INTEGER NOT NULL DEFAULT 0;
    DELETE FROM facts WHERE name = 'settled-seq';
  `);
}
