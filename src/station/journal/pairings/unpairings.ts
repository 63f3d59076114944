/** Unpairings that a provider is still to be told of, in the station's log. */

const OWED = `SELECT seq FROM log WHERE instr(owed, ?) > 0 AND json_extract(deliverables, '$[0].event.kind') = 'unpaired'`;

/** The rows of unpairings that are still owed to this provider. Reads the log. */
export function unpairingsOwed(sql: SqlStorage, provider: string): number[] {
  return sql
    .exec<{ seq: number }>(OWED, `|${provider}|`)
    .toArray()
    .map(({ seq }) => seq);
}
