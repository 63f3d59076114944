// The edge's settings in the sandbox, all made up; nothing here opens anything outside of it.

const whsec = (words: string): string => `whsec_${Buffer.from(words).toString('base64')}`;

/** Every setting of the edge but the stand-ins' URLs. Callers take the tokens they need from here. */
export const sandboxSettings = {
  CSMS_TOKENS: 'sandbox-csms-token',
  CSMS_WEBHOOK_SECRETS: whsec('sandbox only: csms signs webhooks'),
  CSMS_COMMANDS: 'ocpp',
  CSMS_COMMAND_SECRET: whsec('sandbox only: edge signs commands'),
  CSMS_COMMAND_TIMEOUT_MS: '2000',
  CITRINEOS_TENANT_ID: '1',
  CITRINEOS_TOKEN: 'sandbox-citrineos-token',
  PUBLIC_BASE_URL: 'http://edge.sandbox.invalid',
  STEKKER_TOKEN: 'sandbox-stekker-token',
  STEKKER_AUTH_SCHEME: 'Token',
  STEKKER_INBOUND_KEY: 'sandbox-stekker-inbound-key',
  STEKKER_COORDINATES: 'lat-lon',
  JEDLIX_AUDIENCE: 'https://sandbox.invalid/jedlix',
  JEDLIX_CLIENT_ID: 'sandbox-client',
  JEDLIX_CLIENT_SECRET: 'sandbox-client-secret',
  JEDLIX_API_KEY: 'sandbox-jedlix-api-key',
  JEDLIX_INBOUND_TOKENS: 'sandbox-jedlix-inbound-token',
  JEDLIX_PAYLOAD_PROTOCOL: 'ocpp2.0.1',
  JEDLIX_TRANSACTION_EVENT_PATH: '/v1/scsp/chargingstations/{uid}/events/{protocol}/TransactionEvent',
  PROVIDER_TIMEOUT_MS: '2000',
  DELIVERY_MAX_AGE_S: '259200',
  PAIRING_CODE_PEPPER: 'sandbox-pairing-code-pepper',
  ADMIN_TOKEN: 'sandbox-admin-token',
} as const;

/** Under which notifications are signed, where an edge is told to send them: `CSMS_EVENTS_URL` goes with it. */
export const EVENTS_SECRET = whsec('sandbox only: edge signs notifications');

/** Where the stand-ins are, and what differs from {@link sandboxSettings}; undefined leaves a setting out. */
export type EdgeSurroundings = {
  stekkerUrl: string;
  jedlixUrl: string;
  csmsUrl: string;
  vars?: Record<string, string | undefined>;
};

/** The settings of an edge among stand-ins. */
export function settingsOf({ stekkerUrl, jedlixUrl, csmsUrl, vars }: EdgeSurroundings): Record<string, string> {
  const settings: Record<string, string | undefined> = {
    ...sandboxSettings,
    CSMS_COMMAND_URL: `${csmsUrl}/commands`,
    CITRINEOS_BASE_URL: csmsUrl,
    STEKKER_BASE_URL: stekkerUrl,
    JEDLIX_BASE_URL: jedlixUrl,
    JEDLIX_TOKEN_URL: `${jedlixUrl}/oauth/token`,
    ...vars,
  };
  const present = Object.entries(settings).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(present);
}
