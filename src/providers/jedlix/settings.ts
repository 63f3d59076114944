/** Jedlix's settings. It is off when none of them are there, and misconfigured when only some are. */
import * as z from 'zod';
import type { Problem } from '../../problem.ts';
import { ok, type Result } from '../../result.ts';
import { commaList, parseSettings } from '../../settings.ts';
import type { SettingsSource } from '../provider.ts';

const JedlixSettings = z.object({
  JEDLIX_BASE_URL: z.url(),
  JEDLIX_TOKEN_URL: z.url(),
  JEDLIX_AUDIENCE: z.string().min(1),
  JEDLIX_CLIENT_ID: z.string().min(1),
  JEDLIX_CLIENT_SECRET: z.string().min(1),
  JEDLIX_API_KEY: z.string().min(1),
  /** Comma-separated tokens that Jedlix shows us. */
  JEDLIX_INBOUND_TOKENS: commaList,
  JEDLIX_PAYLOAD_PROTOCOL: z.literal('ocpp2.0.1').default('ocpp2.0.1'),
  /** Assumed, because it looks like the path of profiles: Jedlix's guide does not have it. */
  JEDLIX_TRANSACTION_EVENT_PATH: z
    .string()
    .startsWith('/')
    .default('/v1/scsp/chargingstations/{uid}/events/{protocol}/TransactionEvent'),
});
export type JedlixSettings = z.infer<typeof JedlixSettings>;

/** The settings that turn Jedlix on. The others only change how it works. */
const TELLING = [
  'JEDLIX_BASE_URL',
  'JEDLIX_TOKEN_URL',
  'JEDLIX_AUDIENCE',
  'JEDLIX_CLIENT_ID',
  'JEDLIX_CLIENT_SECRET',
  'JEDLIX_API_KEY',
  'JEDLIX_INBOUND_TOKENS',
];

/** Reads the settings: undefined when Jedlix is off; `misconfigured` names what is missing. */
export function readSettings(source: SettingsSource): Result<JedlixSettings | undefined, Problem> {
  if (TELLING.every((name) => source[name] === undefined || source[name] === '')) return ok(undefined);
  return parseSettings(JedlixSettings, source);
}
