/** What the engineer on call sees: alerts, log lines, notifications, the list of providers, timelines, readiness. */
import { env } from 'cloudflare:workers';
import { expect, vi } from 'vitest';
import { watchEveryMinute } from '../../src/sweep.ts';
import { call } from '../http/client.ts';
import { standInCsms } from '../notifications/world.ts';
import { PATIENCE } from '../patience.ts';
import { ADMIN_TOKEN, CSMS_HOST } from '../settings.ts';
import { accepted, paired, received, ring, say, travel } from '../station/world.ts';

export type ProviderName = 'stekker' | 'jedlix';
export type Alert = { type: string; subject: string; detail: Record<string, unknown> };
type Line = { readonly level: string; readonly event: string; readonly [field: string]: unknown };

/** Calls the operator's API. */
export const admin = (path: string, method = 'GET', json?: unknown) => call(path, { token: ADMIN_TOKEN, method, json });

/** The open alerts. */
export const alerts = async () => (await (await admin('/api/alerts')).json<{ alerts: Alert[] }>()).alerts;

/** How a provider is doing. */
export async function statusOf(name: ProviderName): Promise<Record<string, unknown> | undefined> {
  const { providers } = await (await admin('/api/providers')).json<{ providers: Record<string, unknown>[] }>();
  return providers.find(({ provider }) => provider === name);
}

/** The timeline of a charger, as text. */
export const timelineOf = async (id: string) => (await admin(`/api/chargers/${id}/timeline`)).text();

/** Whether this check of `/readyz` is ok. */
export async function isReady(check: string): Promise<boolean | undefined> {
  const { checks } = await (await call('/readyz')).json<{ checks: { name: string; ok: boolean }[] }>();
  return checks.find(({ name }) => name === check)?.ok;
}

/** A quiet night, until something fails. Undone by vi.restoreAllMocks. */
export function night() {
  const csms = standInCsms();
  const log: Line[] = [];
  for (const level of ['info', 'warn', 'error'] as const)
    vi.spyOn(console, level).mockImplementation((line) => void log.push(JSON.parse(String(line))));
  const lines = (event: string) => log.filter((line) => line.event === event);
  return {
    csms,
    lines,
    /** What the CSMS was told that belongs to no charger. */
    fleetTold: (): Alert[] =>
      csms.calls
        .filter(({ host, path, body }) => host === CSMS_HOST && path === '/events' && !body.includes('"chargePointId"'))
        .map(({ body }) => JSON.parse(body)),
    /** The cron trigger runs. */
    watch: async () => {
      await watchEveryMinute(env, Date.now());
      expect(lines('sweep.fault')).toEqual([]);
    },
    /** Waits until each of these chargers has failed so often. */
    failed: (ids: readonly string[], times: number) =>
      vi.waitFor(() => {
        const failures = lines('delivery.attempt').filter(({ level }) => level === 'warn');
        for (const id of ids) {
          const own = failures.filter((line) => line['scsp.charge_point_id'] === id);
          expect(own.length).toBeGreaterThanOrEqual(times);
        }
      }, PATIENCE),
  };
}

/** So many chargers, each of which owes this provider one message. */
export async function owing(provider: ProviderName, size: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < size; index += 1) {
    const id = await paired(provider);
    const event = provider === 'stekker' ? { frame: say.status(0, 'Charging') } : start();
    await received(id, event);
    ids.push(id);
  }
  return ids;
}

const start = () => ({ frame: say.start(0), response: accepted(7) });

/** Every charger's alarm rings, after so long. */
export async function later(ids: readonly string[], ms: number): Promise<void> {
  travel(ms);
  for (const id of ids) await ring(id);
}

/** Waits until so many chargers have noted that they wait for this provider. */
export const noted = (provider: ProviderName, count: number) =>
  vi.waitFor(async () => {
    const sql = 'SELECT count(*) AS n FROM troubled_lanes WHERE provider = ?';
    expect(await env.DB.prepare(sql).bind(provider).first()).toEqual({ n: count });
  }, PATIENCE);

/** Ids of chargers of which there is nothing but what they noted. */
export const THREE_HUNDRED = Array.from({ length: 300 }, (_, index) => `cp-${index}`);

type Noted = { readonly provider: ProviderName; readonly reason: string; readonly ageMs: number };

/** These chargers have noted that they wait, since `ageMs` ago, for this reason. */
export async function notedOf(ids: readonly string[], { provider, reason, ageMs }: Noted): Promise<void> {
  const sql = `INSERT INTO troubled_lanes (charge_point_id, provider, since, oldest_at, backlog, attempts, reason, noted_at)
    SELECT value, ?2, ?3, ?3, 1, 5, ?4, ?3 FROM json_each(?1)`;
  await env.DB.prepare(sql)
    .bind(JSON.stringify(ids), provider, Date.now() - ageMs, reason)
    .run();
}

/** Everything is forgotten that a night left in D1. */
export const morning = () =>
  env.DB.exec(
    'DELETE FROM troubled_lanes; DELETE FROM alerts; DELETE FROM notices; DELETE FROM dead_letters; DELETE FROM provider_errors; DELETE FROM unknown_chargers;',
  );
