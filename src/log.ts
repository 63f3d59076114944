/** The only way to write a log line: one JSON object on the console. Callers must not pass secrets. */

export type LogLevel = 'info' | 'warn' | 'error';

/** Writes one structured line. `event` names what happened ("http.request", "pairing.lockout"). */
export function writeLog(level: LogLevel, event: string, fields: Readonly<Record<string, unknown>>): void {
  console[level](JSON.stringify({ level, event, ...fields }));
}
