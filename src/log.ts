/** The one way to write a log line: a single JSON object on the console. Knows no secrets; callers pass none. */

export type LogLevel = 'info' | 'warn' | 'error';

/** Writes one structured line. `event` names what happened ("http.request", "pairing.lockout"). */
export function writeLog(level: LogLevel, event: string, fields: Readonly<Record<string, unknown>>): void {
  console[level](JSON.stringify({ level, event, ...fields }));
}
