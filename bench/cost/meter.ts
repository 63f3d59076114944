/** Counts what costs money, from inside the running Worker. Changes nothing of what it counts. */

/** Everything with a price, and the outgoing requests, which have none. Each `setAlarm` is a row written, and counted in both. */
export type Usage = {
  readonly workerRequests: number;
  readonly objectRequests: number;
  /** Those of the object requests that an alarm made. */
  readonly alarms: number;
  readonly rowsWritten: number;
  readonly rowsRead: number;
  readonly alarmsSet: number;
  readonly outgoing: number;
  readonly kvReads: number;
  readonly kvWrites: number;
  readonly d1Queries: number;
  readonly logLines: number;
  /** UTF-8, as the platform charges for them. */
  readonly logBytes: number;
};

export const NO_USAGE: Usage = {
  workerRequests: 0,
  objectRequests: 0,
  alarms: 0,
  rowsWritten: 0,
  rowsRead: 0,
  alarmsSet: 0,
  outgoing: 0,
  kvReads: 0,
  kvWrites: 0,
  d1Queries: 0,
  logLines: 0,
  logBytes: 0,
};

/** Combines two usages, number by number. */
export function combine(a: Usage, b: Usage, by: (a: number, b: number) => number): Usage {
  return Object.fromEntries(
    Object.entries(a).map(([name, value]) => [name, by(value, b[name as keyof Usage])]),
  ) as Usage;
}
