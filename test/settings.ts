/** The settings of the Worker under test. Every secret here is made up. */

export const CSMS_TOKEN = 'csms-token-for-tests';
export const OTHER_CSMS_TOKEN = 'csms-token-of-another-tenant';
export const ADMIN_TOKEN = 'admin-token-for-tests';
/** The admin token that is being rotated in. */
export const OTHER_ADMIN_TOKEN = 'next-admin-token-for-tests';
export const JEDLIX_TOKEN = 'jedlix-inbound-token-for-tests';
export const STEKKER_KEY = 'stekker-inbound-key-for-tests';
/** The secret that signs now, and the one before it: both count while the CSMS rotates. */
export const WEBHOOK_SECRET = `whsec_${btoa('new-webhook-secret-0123456789abc')}`;
export const OLD_WEBHOOK_SECRET = `whsec_${btoa('old-webhook-secret-0123456789abc')}`;

/** The secret under which commands to the CSMS are signed. */
export const COMMAND_SECRET = `whsec_${btoa('command-secret-0123456789abcdefgh')}`;

/** The hosts of the outside world; tests stand in for them, and no other host may be called. */
export const STEKKER_HOST = 'stekker.test';
export const JEDLIX_HOST = 'jedlix.test';
export const JEDLIX_TOKEN_HOST = 'login.jedlix.test';
export const CSMS_HOST = 'csms.test';

/** How many requests a minute the rate limiter of tests lets through. */
export const TEST_RATE_LIMIT = 5;

/** As they would stand in vars and secrets. */
export const SETTINGS = {
  CSMS_TOKENS: `${CSMS_TOKEN}, ${OTHER_CSMS_TOKEN}`,
  CSMS_WEBHOOK_SECRETS: `${WEBHOOK_SECRET},${OLD_WEBHOOK_SECRET}`,
  CSMS_COMMANDS: 'ocpp',
  CSMS_COMMAND_URL: `https://${CSMS_HOST}/commands`,
  CSMS_COMMAND_SECRET: COMMAND_SECRET,
  PROFILE_RELEASE_AFTER_S: '900',
  ADMIN_TOKEN,
  PAIRING_CODE_PEPPER: 'pepper-for-tests-0123456789',
  STEKKER_BASE_URL: `https://${STEKKER_HOST}`,
  STEKKER_TOKEN: 'stekker-token-for-tests',
  STEKKER_INBOUND_KEY: STEKKER_KEY,
  JEDLIX_BASE_URL: `https://${JEDLIX_HOST}`,
  JEDLIX_TOKEN_URL: `https://${JEDLIX_TOKEN_HOST}/oauth/token`,
  JEDLIX_AUDIENCE: 'https://jedlix.test/audience',
  JEDLIX_CLIENT_ID: 'client-for-tests',
  JEDLIX_CLIENT_SECRET: 'client-secret-for-tests',
  JEDLIX_API_KEY: 'api-key-for-tests',
  JEDLIX_INBOUND_TOKENS: JEDLIX_TOKEN,
};

/** Where the CSMS takes notifications, and the secret under which they are signed. */
export const EVENTS_SETTINGS = {
  CSMS_EVENTS_URL: `https://${CSMS_HOST}/events`,
  CSMS_EVENTS_SECRET: `whsec_${btoa('events-secret-0123456789abcdefghi')}`,
};
