/**
 * Where Durable Objects live. The jurisdiction is part of an object's id, so a deployment keeps the one that it began
 * with: D1 records it, and the setting `DATA_JURISDICTION` counts only before anything is recorded.
 */
import * as z from 'zod';

const JURISDICTIONS = ['eu', 'fedramp'] as const;
const Recorded = z.object({ value: z.enum(['none', ...JURISDICTIONS]) });
export type Jurisdiction = z.infer<typeof Recorded>['value'];

/** A copy of the record in KV. The record never changes, so the copy is never old; with it, D1 is on nobody's path. */
const COPY = 'deployment:jurisdiction';

type Located = Pick<Env, 'CHARGING_STATION' | 'PROVIDER_BREAKER'>;

/** The bindings with every object in this jurisdiction. Without one, they are as they were. */
export function locatedIn<Bindings extends Located>(env: Bindings, jurisdiction: string | undefined): Bindings {
  const known = JURISDICTIONS.find((each) => each === jurisdiction);
  if (known === undefined) return env;
  return {
    ...env,
    CHARGING_STATION: env.CHARGING_STATION.jurisdiction(known),
    PROVIDER_BREAKER: env.PROVIDER_BREAKER.jurisdiction(known),
  };
}

/** The jurisdiction that is recorded; undefined before anything is. Throws when D1 cannot be read. */
export async function findJurisdiction(db: D1Database): Promise<Jurisdiction | undefined> {
  const row = await db.prepare("SELECT value FROM deployment WHERE name = 'jurisdiction'").first();
  return row === null ? undefined : Recorded.parse(row).value;
}

const located = new WeakMap<object, Promise<Env>>();

/** `locatedIn` by what is recorded, which is read once per isolate. Without a record, `wanted` is recorded. */
export function locate(env: Env, wanted: Jurisdiction): Promise<Env> {
  const known = located.get(env);
  if (known !== undefined) return known;
  const fresh = recordedIn(env, wanted).then((jurisdiction) => locatedIn(env, jurisdiction));
  located.set(env, fresh);
  fresh.catch(() => located.delete(env));
  return fresh;
}

async function recordedIn(env: Env, wanted: Jurisdiction): Promise<string> {
  const copy = await env.CACHE.get(COPY).catch(() => null);
  if (copy !== null) return copy;
  const recorded = (await findJurisdiction(env.DB)) ?? (await record(env.DB, wanted));
  // Without the copy, the next isolate reads D1 again.
  await env.CACHE.put(COPY, recorded).catch(() => undefined);
  return recorded;
}

async function record(db: D1Database, wanted: Jurisdiction): Promise<Jurisdiction> {
  await db.prepare("INSERT OR IGNORE INTO deployment (name, value) VALUES ('jurisdiction', ?)").bind(wanted).run();
  return (await findJurisdiction(db)) ?? wanted;
}
