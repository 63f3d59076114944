/** Our vars and secrets, parsed once per environment. A problem names a bad setting, never its value. */
import * as z from 'zod';
import type { CommandChannel } from './csms/command.ts';
import { COMMAND_CHANNELS } from './csms/index.ts';
import { PROVIDERS } from './providers/index.ts';
import type { ConfiguredProvider, SettingsSource } from './providers/provider.ts';
import type { Problem } from './problem.ts';
import { ok, type Result } from './result.ts';
import { parseSettings } from './settings.ts';
import { webhookSecret } from './standard-webhooks.ts';

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

const DAY_MS = 24 * 60 * 60_000;

const Settings = z.object({
  CSMS_TOKENS: list,
  CSMS_WEBHOOK_SECRETS: list.pipe(z.array(webhookSecret)),
  CSMS_COMMANDS: z.enum(COMMAND_CHANNELS.map(({ name }) => name)).optional(),
  CSMS_COMMAND_TIMEOUT_MS: positiveInt(10_000),
  PROFILE_RELEASE_AFTER_S: z.coerce.number().int().nonnegative().default(0),
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
  /** Standard Webhooks secrets: `whsec_`, then base64. */
  readonly csmsWebhookSecrets: readonly string[];
  /** How commands reach chargers; undefined when no channel is chosen. */
  readonly commands: CommandChannel | undefined;
  readonly commandTimeoutMs: number;
  /** How long a silent provider may curtail a car before its profile is cleared; undefined: for ever. */
  readonly profileReleaseAfterMs: number | undefined;
  readonly adminToken: string | undefined;
  readonly pairingCodePepper: string | undefined;
  readonly providerTimeoutMs: number;
  readonly deliveryMaxAgeMs: number;
  /** How long the log of a station is kept; the next setting is for parked messages. */
  readonly payloadRetentionMs: number;
  readonly deadLetterRetentionMs: number;
  /** Whether a second provider is refused for a charger that one provider controls. */
  readonly isOneProviderPerCharger: boolean;
  /** The providers that are on, by name. */
  readonly providers: ReadonlyMap<string, ConfiguredProvider>;
};

/** Reads every setting. The problem's context names those that are missing or malformed. */
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
  const commands = commandsOf(value.CSMS_COMMANDS, source);
  if (!commands.ok) return commands;
  return ok({
    csmsTokens: value.CSMS_TOKENS,
    csmsWebhookSecrets: value.CSMS_WEBHOOK_SECRETS,
    commands: commands.value,
    commandTimeoutMs: value.CSMS_COMMAND_TIMEOUT_MS,
    profileReleaseAfterMs: value.PROFILE_RELEASE_AFTER_S === 0 ? undefined : value.PROFILE_RELEASE_AFTER_S * 1000,
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

/** The configured command channel. The settings of the other channels are not read. */
function commandsOf(name: string | undefined, source: SettingsSource): Result<CommandChannel | undefined, Problem> {
  return COMMAND_CHANNELS.find((channel) => channel.name === name)?.configure(source) ?? ok(undefined);
}

const configs = new WeakMap<object, Result<Config, Problem>>();

/** `readConfig`, once per environment object. A new deployment or secret brings a new object. */
export function configOf(env: object): Result<Config, Problem> {
  const known = configs.get(env);
  if (known !== undefined) return known;
  const config = readConfig({ ...env });
  configs.set(env, config);
  return config;
}
