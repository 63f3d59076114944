/** What the parts of a station need of the object they live in: settings, the alarm, work beside a call, the log. */
import { configOf, type Config } from '../config.ts';
import { writeLog, type LogLevel } from '../log.ts';
import { Metrics } from './metrics.ts';

export type StationHome = {
  readonly sql: SqlStorage;
  readonly env: Env;
  readonly config: () => Config;
  /** Asks to be woken at this time, in ms since the epoch. */
  readonly wake: (at: number) => void;
  /** Runs work that may last longer than the call that began it, and may fail without harm. */
  readonly aside: (work: Promise<unknown>) => void;
  readonly metrics: Metrics;
  readonly log: (level: LogLevel, event: string, fields: Readonly<Record<string, unknown>>) => void;
};

/** The home in one object. Its log lines name the charger. */
export function stationHome(ctx: DurableObjectState, env: Env, wake: StationHome['wake']): StationHome {
  const log: StationHome['log'] = (level, event, fields) =>
    writeLog(level, event, { 'scsp.charge_point_id': ctx.id.name, ...fields });
  return {
    sql: ctx.storage.sql,
    env,
    config: () => configOf(env),
    wake,
    aside: (work) =>
      ctx.waitUntil(work.catch((error: unknown) => log('error', 'station.aside-fault', { error: String(error) }))),
    metrics: new Metrics(env),
    log,
  };
}
