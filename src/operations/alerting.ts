/**
 * What opens and closes alerts that belong to no charger: the cron trigger looks every minute. Reads D1 alone while all
 * is well.
 */
import type { Config } from '../config.ts';
import { writeLog, type LogLevel } from '../log.ts';
import { CSMS, HAPPENED } from '../notification.ts';
import { PROVIDERS } from '../providers/index.ts';
import type { Metrics } from '../station/metrics.ts';
import { closeAlert, closeParked, forgetAlerts, listAlerts, openAlert, type OpenAlert } from '../storage/alerts.ts';
import { listPaused } from '../storage/paused-providers.ts';
import { noteError } from '../storage/provider-counts.ts';
import { listLags, type Lag } from '../storage/troubled-lanes.ts';
import { ageS, breakerMode } from './provider-status.ts';
import { missingSettings } from './readiness.ts';

/** A state that is either so or not: an alert is open while it is. `over` is what the CSMS is told when it ends. */
type State = {
  readonly type: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>> | undefined;
  readonly over?: string;
  /** Not told to the CSMS: it concerns only the operator of this edge. */
  readonly isOurs?: true;
};

const DAY_MS = 24 * 60 * 60_000;

/** Looks at everything once, at `now` (ms). Adds up in `metrics` which alerts are open. */
export async function watch(env: Env, config: Config, now: number, metrics: Metrics): Promise<void> {
  const [lags, alerts, paused] = await Promise.all([listLags(env.DB), listAlerts(env.DB), listPaused(env.DB)]);
  const states = [
    ...[...PROVIDERS.map(({ name }) => name), CSMS].flatMap((name) => {
      const lag = paused.includes(name) ? undefined : lags.find(({ provider }) => provider === name);
      return lagStates(name, lag, config, now);
    }),
    ...(await breakerStates(env, lags, alerts)),
    ...settingStates(config),
  ];
  for (const state of states) await follow(env, config, { state, alerts, now });
  for (const { provider, reason, reasonAt } of lags) {
    if (reason !== undefined && reason !== 'paused') await noteError(env.DB, { provider, reason, at: reasonAt });
  }
  countOpen(metrics, alerts);
  if (alerts.some(({ type }) => type === 'delivery.parked')) await closeParked(env.DB);
  if (alerts.some(({ type }) => HAPPENED.includes(type))) await forgetAlerts(env.DB, HAPPENED, now - DAY_MS);
}

/** One sum for the alerts of each type and provider that were open when the run began. */
function countOpen(metrics: Metrics, alerts: readonly OpenAlert[]): void {
  const names: readonly string[] = [...PROVIDERS.map(({ name }) => name), CSMS];
  for (const { type, subject } of alerts) metrics.alert(type, names.includes(subject) ? subject : '');
}

function lagStates(provider: string, lag: Lag | undefined, { alertDelayMs }: Config, now: number): State[] {
  const isDelayed = lag?.oldestAt !== undefined && now - lag.oldestAt > alertDelayMs;
  const delayed = lag && {
    chargers: lag.chargers,
    oldestAgeS: ageS(lag.oldestAt ?? now, now),
    lastReason: lag.reason ?? 'unknown',
  };
  const refused = lag?.refused === undefined ? undefined : { lastReason: lag.refused };
  return [
    {
      type: 'delivery.delayed',
      subject: provider,
      detail: isDelayed ? delayed : undefined,
      over: 'delivery.recovered',
    },
    { type: 'provider.credentials-refused', subject: provider, detail: refused, over: 'provider.recovered' },
  ];
}

/** A breaker opens only while lanes are in trouble, so it is asked only then, or to close its alert. */
async function breakerStates(env: Env, lags: readonly Lag[], alerts: readonly OpenAlert[]): Promise<State[]> {
  const isOpen = (name: string) => alerts.some(({ type, subject }) => type === 'provider.down' && subject === name);
  const names = PROVIDERS.map(({ name }) => name);
  const asked = names.filter((name) => isOpen(name) || lags.some(({ provider }) => provider === name));
  return Promise.all(
    asked.map(async (subject) => {
      const mode = await breakerMode(env, subject);
      const lastReason = lags.find(({ provider }) => provider === subject)?.reason ?? 'unknown';
      const isDown = mode === 'open' || (mode === 'unreachable' && isOpen(subject));
      return {
        type: 'provider.down',
        subject,
        detail: isDown ? { lastReason } : undefined,
        over: 'provider.recovered',
      };
    }),
  );
}

function settingStates(config: Config): State[] {
  const own = missingSettings(config);
  return [
    { type: 'settings.bad', subject: 'edge', detail: own.length === 0 ? undefined : { settings: own }, isOurs: true },
    ...PROVIDERS.map(({ name }): State => {
      const settings = config.halfConfigured.get(name);
      return { type: 'provider.half-configured', subject: name, detail: settings && { settings }, isOurs: true };
    }),
  ];
}

/** Opens or closes the alert of a state. The log and the CSMS are told when it changes. */
async function follow(
  env: Env,
  { isNotifying }: Config,
  { state, alerts, now }: { readonly state: State; readonly alerts: readonly OpenAlert[]; readonly now: number },
): Promise<void> {
  const { type, subject, detail, over, isOurs } = state;
  const known = alerts.find((alert) => alert.type === type && alert.subject === subject);
  const tell = (told: string, data: object) =>
    isNotifying && !isOurs
      ? { type: told, timestamp: new Date(now).toISOString(), data: { provider: subject, ...data } }
      : undefined;
  if (detail !== undefined && known === undefined) {
    const isNew = await openAlert(env.DB, { type, subject, detail }, { now, notification: tell(type, detail) });
    // Bad settings have a line of their own at every run of the sweep.
    if (isNew && !isOurs) log('error', type, subject, detail);
  }
  if (detail === undefined && known !== undefined) {
    const told = over === undefined ? undefined : tell(over, known.detail);
    const isClosed = await closeAlert(env.DB, state, { now, notification: told });
    if (isClosed && over !== undefined) log('info', over, subject, known.detail);
  }
}

function log(level: LogLevel, event: string, provider: string, detail: Readonly<Record<string, unknown>>): void {
  const { chargers, oldestAgeS, lastReason } = detail;
  const fields = { 'scsp.chargers': chargers, 'scsp.oldest_age_s': oldestAgeS, 'scsp.last_reason': lastReason };
  writeLog(level, event, { 'scsp.provider': provider, ...fields });
}
