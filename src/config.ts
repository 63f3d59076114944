/** Our vars and secrets, parsed once per environment. Names a bad setting, never its value. Providers declare their own. */
import * as z from 'zod';
import { PROVIDERS } from './providers/index.ts';
import type { ConfiguredProvider, SettingsSource } from './providers/provider.ts';
import type { Problem } from './problem.ts';
import { ok, type Result } from './result.ts';
import { parseSettings } from './settings.ts';

const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  );

const flag = (fallback: 'true' | 'false') =>
  z
    .union([z.boolean(), z.enum(['true', 'false'])])
    .default(fallback)
    .transform((value) => value === true || value === 'true');

const positiveInt = (fallback: number) => z.coerce.number().int().positive().default(fallback);

/** Standard Webhooks: at least 24 bytes in base64, padded or not. */
const webhookSecret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/)
  .refine((secret) => secret.slice('whsec_'.length).replaceAll('=', '').length % 4 !== 1);

const DAY_MS = 24 * 60 * 60_000;

const Settings = z.object({
  CSMS_TOKENS: list,
  CSMS_WEBHOOK_SECRETS: list.pipe(z.array(webhookSecret)),
  ADMIN_TOKEN: z.string().min(1).optional(),
  PAIRING_CODE_PEPPER: z.string().min(16).optional(),
  PROVIDER_TIMEOUT_MS: positiveInt(15_000),
  DELIVERY_MAX_AGE_S: positiveInt(259_200),
  ONE_PROVIDER_PER_CHARGER: flag('true'),
  PAYLOAD_RETENTION_DAYS: positiveInt(7),
  DEAD_LETTER_RETENTION_DAYS: positiveInt(30),
});

export type Config = {
  readonly csmsTokens: readonly string[];
  /** Standard Webhooks secrets, `whsec_` and base64. */
  readonly csmsWebhookSecrets: readonly string[];
  readonly adminToken: string | undefined;
  readonly pairingCodePepper: string | undefined;
  readonly providerTimeoutMs: number;
  readonly deliveryMaxAgeMs: number;
  /** How long the log of a station, and parked messages, are kept. */
  readonly payloadRetentionMs: number;
  readonly deadLetterRetentionMs: number;
  /** Only one provider may control a charger; a second one is refused. */
  readonly isOneProviderPerCharger: boolean;
  /** The providers that are on, by name. */
  readonly providers: ReadonlyMap<string, ConfiguredProvider>;
};

/** Reads every setting; the problem's context names the ones that are missing or malformed. */
export function readConfig(source: SettingsSource): Result<Config, Problem> {
  const settings = parseSettings(Settings, source);
  if (!settings.ok) return settings;
  const providers = new Map<string, ConfiguredProvider>();
  for (const provider of PROVIDERS) {
    const configured = provider.configure(source);
    if (!configured.ok) return configured;
    if (configured.value !== undefined) providers.set(provider.name, configured.value);
  }
  const { value } = settings;
  return ok({
    csmsTokens: value.CSMS_TOKENS,
    csmsWebhookSecrets: value.CSMS_WEBHOOK_SECRETS,
    adminToken: value.ADMIN_TOKEN,
    pairingCodePepper: value.PAIRING_CODE_PEPPER,
    providerTimeoutMs: value.PROVIDER_TIMEOUT_MS,
    deliveryMaxAgeMs: value.DELIVERY_MAX_AGE_S * 1000,
    payloadRetentionMs: value.PAYLOAD_RETENTION_DAYS * DAY_MS,
    deadLetterRetentionMs: value.DEAD_LETTER_RETENTION_DAYS * DAY_MS,
    isOneProviderPerCharger: value.ONE_PROVIDER_PER_CHARGER,
    providers,
  });
}

const configs = new WeakMap<object, Result<Config, Problem>>();

/** `readConfig`, once per environment object: a new deployment or secret brings a new one, so nothing revoked survives here. */
export function configOf(env: object): Result<Config, Problem> {
  const known = configs.get(env);
  if (known !== undefined) return known;
  const config = readConfig({ ...env });
  configs.set(env, config);
  return config;
}
