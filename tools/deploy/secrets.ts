/** Which secrets a deployment has: those we make, those the providers hand out, and where each value comes from. */
import { randomBytes } from 'node:crypto';
import type { Environment } from './environments.ts';
import { Stop } from './stop.ts';

/** `make` for a secret that is ours; without it the secret is handed out by somebody else. */
export type Secret = {
  readonly name: string;
  readonly from: string;
  readonly make?: () => string;
};

const token = () => randomBytes(32).toString('base64url');
const webhookSecret = () => `whsec_${randomBytes(32).toString('base64')}`;

/** The secrets that an environment needs, in the order in which they are asked for. */
export function secretsOf({ providers, vars }: Environment): readonly Secret[] {
  const ours = 'made here';
  const has = (name: 'stekker' | 'jedlix') => providers.includes(name);
  return [
    { name: 'ADMIN_TOKEN', from: ours, make: token },
    { name: 'CSMS_TOKENS', from: ours, make: token },
    { name: 'CSMS_WEBHOOK_SECRETS', from: ours, make: webhookSecret },
    { name: 'PAIRING_CODE_PEPPER', from: ours, make: token },
    ...(vars['CSMS_COMMANDS'] === 'ocpp' ? [{ name: 'CSMS_COMMAND_SECRET', from: ours, make: webhookSecret }] : []),
    ...(vars['CSMS_EVENTS_URL'] ? [{ name: 'CSMS_EVENTS_SECRET', from: ours, make: webhookSecret }] : []),
    ...(has('stekker')
      ? [
          { name: 'STEKKER_TOKEN', from: 'Stekker hands it out' },
          { name: 'STEKKER_INBOUND_KEY', from: ours, make: token },
        ]
      : []),
    ...(has('jedlix')
      ? [
          { name: 'JEDLIX_CLIENT_ID', from: 'Jedlix hands it out' },
          { name: 'JEDLIX_CLIENT_SECRET', from: 'Jedlix hands it out' },
          { name: 'JEDLIX_API_KEY', from: 'Jedlix hands it out' },
          { name: 'JEDLIX_INBOUND_TOKENS', from: ours, make: token },
        ]
      : []),
  ];
}

export type Values = {
  /** What is to be uploaded with the next version. */
  readonly upload: Readonly<Record<string, string>>;
  /** The names of those that were made here and so must be shown once. */
  readonly made: readonly string[];
};

/**
 * The values to upload. A value in `env` replaces what the Worker has; one that it has already stays; ours are made;
 * others are asked for. A `Stop` names all that are missing when nobody can be asked.
 */
export async function valuesOf(
  wanted: readonly Secret[],
  existing: ReadonlySet<string>,
  { env, ask }: { readonly env: NodeJS.ProcessEnv; readonly ask: ((question: string) => Promise<string>) | undefined },
): Promise<Values> {
  const upload: Record<string, string> = {};
  const made: string[] = [];
  const missing: Secret[] = [];
  for (const secret of wanted) {
    const given = env[secret.name];
    if (given) upload[secret.name] = given;
    else if (existing.has(secret.name)) continue;
    else if (secret.make) {
      upload[secret.name] = secret.make();
      made.push(secret.name);
    } else if (ask) upload[secret.name] = await ask(`${secret.name} (${secret.from}): `);
    else missing.push(secret);
  }
  const empty = wanted.filter(({ name }) => upload[name] === '');
  const lacking = [...missing, ...empty].map(({ name, from }) => `${name} (${from})`);
  if (lacking.length === 0) return { upload, made };
  throw new Stop(
    `Secrets are missing: ${lacking.join(', ')}.`,
    'Set them as environment variables of the same names, or run this in a terminal, which asks for them.',
  );
}
