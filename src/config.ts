/**
 * Our vars and secrets, parsed once per environment. A bad setting stops only what needs it: it is named here, never
 * its value, and everything else works. Providers and command channels declare their own settings.
 */
import * as z from 'zod';
import { BELOW_MINIMUM, type BelowMinimum } from './charging/below-minimum.ts';
import type { CommandChannel } from './csms/command.ts';
import { COMMAND_CHANNELS } from './csms/index.ts';
import { configureNotifications } from './csms/notifications.ts';
import { CODE_ALPHABETS, type CodeAlphabet } from './pairing/code.ts';
import { CSMS } from './notification.ts';
import { PROVIDERS } from './providers/index.ts';
import type { ConfiguredProvider, SettingsSource } from './providers/provider.ts';
import type { Recipient } from './recipient.ts';
import { hexDigestOf } from './secret.ts';
import { badSettings, commaList, present, settingsOf } from './settings.ts';
import { pseudonymsUnder, type Pseudonyms } from './storage/token-hmac.ts';
import { webhookSecret } from './standard-webhooks.ts';

const flag = (fallback: 'true' | 'false') =>
  z
    .union([z.boolean(), z.enum(['true', 'false'])])
    .default(fallback)
    .transform((value) => value === true || value === 'true');

const positiveInt = (fallback: number) => z.coerce.number().int().positive().default(fallback);

const DAY_MS = 24 * 60 * 60_000;
const FOREVER_MS = 100_000 * DAY_MS;

/** A team's name, or its whole domain. */
const teamDomain = z
  .string()
  .regex(/^[a-z0-9-]+(?:\.cloudflareaccess\.com)?$/)
  .transform((name) => (name.includes('.') ? name : `${name}.cloudflareaccess.com`));

/** Cloudflare Access before the console: where its keys are (`https://<team>`), and the tag of our application. */
export type AccessSettings = { readonly origin: string; readonly audience: string };

type RetentionSetting = 'DELIVERY_MAX_AGE_S' | 'PAYLOAD_RETENTION_DAYS' | 'DEAD_LETTER_RETENTION_DAYS';

const Settings = z.object({
  CSMS_TOKENS: commaList.default([]),
  CSMS_WEBHOOK_SECRETS: commaList.pipe(z.array(webhookSecret)).default([]),
  CSMS_COMMANDS: z.enum(COMMAND_CHANNELS.map(({ name }) => name)).optional(),
  CSMS_COMMAND_TIMEOUT_MS: positiveInt(10_000),
  BELOW_MINIMUM: z.enum(BELOW_MINIMUM).default('as-asked'),
  STATION_PROFILES: flag('false'),
  PROFILE_RELEASE_AFTER_S: z.coerce.number().int().nonnegative().default(3600),
  ADMIN_TOKEN: commaList.default([]),
  ACCESS_TEAM_DOMAIN: teamDomain.optional(),
  ACCESS_AUD: z.string().min(1).optional(),
  PAIRING_CODE_PEPPER: z.string().min(16).optional(),
  PAIRING_CODE_ALPHABET: z.enum(CODE_ALPHABETS).default('auto'),
  PROVIDER_TIMEOUT_MS: positiveInt(15_000),
  DELIVERY_MAX_AGE_S: positiveInt(259_200),
  ALERT_DELAY_S: positiveInt(600),
  ONE_PROVIDER_PER_CHARGER: flag('true'),
  STORE_ID_TOKENS: z.enum(['clear', 'hashed']).default('clear'),
  DATA_JURISDICTION: z.enum(['none', 'eu', 'fedramp']).default('none'),
  PAYLOAD_RETENTION_DAYS: positiveInt(7),
  DEAD_LETTER_RETENTION_DAYS: z.coerce.number().int().positive().optional(),
  DEAD_LETTER_QUOTA: positiveInt(100_000),
  STATION_STORAGE_MB: positiveInt(64),
});

export type Config = {
  readonly csmsTokens: readonly string[];
  /** Standard Webhooks secrets, `whsec_` and base64. */
  readonly csmsWebhookSecrets: readonly string[];
  /** How commands reach chargers; undefined when no channel is chosen. */
  readonly commands: CommandChannel | undefined;
  readonly commandTimeoutMs: number;
  /**
   * The CSMS as a recipient; undefined while its settings are absent or bad. What it is owed waits while they are bad.
   */
  readonly notifications: Recipient | undefined;
  readonly isNotifying: boolean;
  /** What becomes of limits above 0 at which no car can charge. */
  readonly belowMinimum: BelowMinimum;
  /** Whether providers may set profiles for the whole station. */
  readonly allowsStationProfiles: boolean;
  /** How long a provider that is gone may hold a car down before its profile is cleared; undefined: for ever. */
  readonly profileReleaseAfterMs: number | undefined;
  /** Several while one is being rotated. */
  readonly adminTokens: readonly string[];
  /** Cloudflare Access; undefined while its two settings are absent. */
  readonly access: AccessSettings | undefined;
  readonly pairingCodePepper: string | undefined;
  /** What stands for id tokens where they are needed no more; undefined when they are kept in clear. */
  readonly pseudonyms: Pseudonyms | undefined;
  /** What new pairing codes are drawn from. */
  readonly pairingCodeAlphabet: CodeAlphabet;
  /** Signs the URLs under which a CSMS posts answers: other secrets, other key. */
  readonly callbackKey: string;
  readonly providerTimeoutMs: number;
  readonly deliveryMaxAgeMs: number;
  /** How long the log of a station, and parked messages, are kept. */
  readonly payloadRetentionMs: number;
  readonly deadLetterRetentionMs: number;
  /** The same for messages that were parked by releases that kept them longer. */
  readonly olderLetterRetentionMs: number;
  /** Where a new deployment makes its objects. */
  readonly jurisdiction: 'none' | 'eu' | 'fedramp';
  /** How many parked messages of each provider D1 takes. */
  readonly deadLetterQuota: number;
  /** How many bytes each station may store. */
  readonly stationStorageBytes: number;
  /** An alert is open while the oldest undelivered event of a provider is older than this. */
  readonly alertDelayMs: number;
  /** Only one provider may control a charger; a second one is refused. */
  readonly isOneProviderPerCharger: boolean;
  /** The providers that are on, by name. */
  readonly providers: ReadonlyMap<string, ConfiguredProvider>;
  /** The providers that are off because they are half configured, with the settings that are missing or malformed. */
  readonly halfConfigured: ReadonlyMap<string, readonly string[]>;
  /** Our own settings that are malformed, or missing beside others that need them. Without those of providers. */
  readonly badSettings: readonly string[];
};

/** Reads every setting. A malformed one counts as absent and is listed in `badSettings`. */
export function readConfig(source: SettingsSource): Config {
  const { settings, bad } = ownSettings(source);
  /** A malformed time is no reason to forget early, so nothing is forgotten until it is mended. */
  const kept = (name: RetentionSetting, unitMs: number, usual = 0) =>
    bad.includes(name) ? FOREVER_MS : (settings[name] ?? usual) * unitMs;
  const commands = COMMAND_CHANNELS.find(({ name }) => name === settings.CSMS_COMMANDS)?.configure(source);
  const notifications = configureNotifications(source);
  const dependent = [commands, notifications].flatMap((read) => (read && !read.ok ? settingsOf(read.error) : []));
  return {
    csmsTokens: settings.CSMS_TOKENS,
    csmsWebhookSecrets: settings.CSMS_WEBHOOK_SECRETS,
    commands: commands?.ok ? commands.value : undefined,
    notifications: notifications.ok ? notifications.value : undefined,
    isNotifying: !notifications.ok || notifications.value !== undefined,
    commandTimeoutMs: settings.CSMS_COMMAND_TIMEOUT_MS,
    belowMinimum: settings.BELOW_MINIMUM,
    allowsStationProfiles: settings.STATION_PROFILES,
    profileReleaseAfterMs: settings.PROFILE_RELEASE_AFTER_S === 0 ? undefined : settings.PROFILE_RELEASE_AFTER_S * 1000,
    adminTokens: settings.ADMIN_TOKEN,
    access: accessOf(settings),
    pairingCodePepper: settings.PAIRING_CODE_PEPPER,
    pseudonyms: pseudonymsOf(settings),
    pairingCodeAlphabet: settings.PAIRING_CODE_ALPHABET,
    callbackKey: callbackKeyOf(settings),
    providerTimeoutMs: settings.PROVIDER_TIMEOUT_MS,
    deliveryMaxAgeMs: kept('DELIVERY_MAX_AGE_S', 1000),
    payloadRetentionMs: kept('PAYLOAD_RETENTION_DAYS', DAY_MS),
    deadLetterRetentionMs: kept('DEAD_LETTER_RETENTION_DAYS', DAY_MS, 7),
    olderLetterRetentionMs: kept('DEAD_LETTER_RETENTION_DAYS', DAY_MS, 30),
    jurisdiction: settings.DATA_JURISDICTION,
    deadLetterQuota: settings.DEAD_LETTER_QUOTA,
    stationStorageBytes: settings.STATION_STORAGE_MB * 1_000_000,
    alertDelayMs: settings.ALERT_DELAY_S * 1000,
    isOneProviderPerCharger: settings.ONE_PROVIDER_PER_CHARGER,
    ...providersOf(source),
    badSettings: [...bad, ...halfAccess(settings, bad), ...dependent],
  };
}

function ownSettings(source: SettingsSource): { settings: z.output<typeof Settings>; bad: readonly string[] } {
  const given = present(source);
  const parsed = Settings.safeParse(given);
  if (parsed.success) return { settings: parsed.data, bad: [] };
  const bad = badSettings(parsed.error);
  const good = Object.fromEntries(Object.entries(given).filter(([name]) => !bad.includes(name)));
  return { settings: Settings.parse(good), bad };
}

function pseudonymsOf({ STORE_ID_TOKENS, PAIRING_CODE_PEPPER }: z.output<typeof Settings>): Pseudonyms | undefined {
  if (STORE_ID_TOKENS === 'clear' || PAIRING_CODE_PEPPER === undefined) return undefined;
  return pseudonymsUnder(PAIRING_CODE_PEPPER);
}

function accessOf({ ACCESS_TEAM_DOMAIN, ACCESS_AUD }: z.output<typeof Settings>): AccessSettings | undefined {
  if (ACCESS_TEAM_DOMAIN === undefined || ACCESS_AUD === undefined) return undefined;
  return { origin: `https://${ACCESS_TEAM_DOMAIN}`, audience: ACCESS_AUD };
}

/** The one of Access's two settings that is missing beside the other. */
function halfAccess(settings: z.output<typeof Settings>, bad: readonly string[]): string[] {
  const names = ['ACCESS_TEAM_DOMAIN', 'ACCESS_AUD'] as const;
  const missing = names.filter((name) => settings[name] === undefined && !bad.includes(name));
  return missing.length === 1 && !bad.some((name) => names.includes(name as 'ACCESS_AUD')) ? missing : [];
}

/** No secret of its own is asked of the operator: it is made of those that stand here. */
function callbackKeyOf(settings: z.output<typeof Settings>): string {
  const { CSMS_TOKENS, CSMS_WEBHOOK_SECRETS, ADMIN_TOKEN, PAIRING_CODE_PEPPER } = settings;
  return hexDigestOf(JSON.stringify([CSMS_TOKENS, CSMS_WEBHOOK_SECRETS, ADMIN_TOKEN, PAIRING_CODE_PEPPER]));
}

function providersOf(source: SettingsSource): Pick<Config, 'providers' | 'halfConfigured'> {
  const providers = new Map<string, ConfiguredProvider>();
  const halfConfigured = new Map<string, readonly string[]>();
  for (const { name, configure } of PROVIDERS) {
    const configured = configure(source);
    if (!configured.ok) halfConfigured.set(name, settingsOf(configured.error));
    else if (configured.value !== undefined) providers.set(name, configured.value);
  }
  return { providers, halfConfigured };
}

/** A recipient by its name, with its settings; undefined while it is off. */
export function recipientOf({ providers, notifications }: Config, name: string): Recipient | undefined {
  return name === CSMS ? notifications : providers.get(name);
}

const configs = new WeakMap<object, Config>();

/** `readConfig`, once per environment object. A new deployment or secret brings a new object. */
export function configOf(env: object): Config {
  const known = configs.get(env) ?? readConfig({ ...env });
  configs.set(env, known);
  return known;
}
