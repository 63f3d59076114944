/** What the command line of `npm run deploy` says, and what the questions in a terminal add. */
import { parseArgs } from 'node:util';
import {
  environmentsOf,
  isName,
  JURISDICTIONS,
  PROVIDER_NAMES,
  readEnvironment,
  writeEnvironment,
  type Environment,
} from './environments.ts';
import { Stop } from './stop.ts';

export const HELP = `npm run deploy -- --env <name> [options]

  --env <name>           the environment: its file is deployments/<name>.json
  --dir <folder>         where the files of environments are     (default: deployments)
  --new                  makes that file first, from the options below or from questions
  --worker <name>        the Worker's name                       (default: scsp-edge-<env>)
  --providers <a,b>      stekker, jedlix                         (default: both)
  --jurisdiction <name>  eu or fedramp: where all data stays; cannot be changed later
  --account <id>         the Cloudflare account, if the login reaches several
  --host <host>          a host of one of your zones, instead of workers.dev
  --var NAME=VALUE       a setting that is no secret (docs/settings.md); may be repeated
  --yes                  asks nothing
  --dry-run              prints every command and runs none
  --help

Secrets that providers hand out are asked for, or read from environment variables of the same names.
`;

export type Ask = (question: string) => Promise<string>;

export type Options = {
  readonly name: string;
  readonly isDryRun: boolean;
  readonly environment: Environment;
};

type Flags = ReturnType<typeof flagsOf>;

/** The flags of the command line. A `Stop` for one that is unknown. */
export function flagsOf(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        env: { type: 'string' },
        dir: { type: 'string' },
        new: { type: 'boolean', default: false },
        worker: { type: 'string' },
        providers: { type: 'string' },
        jurisdiction: { type: 'string' },
        account: { type: 'string' },
        host: { type: 'string' },
        var: { type: 'string', multiple: true, default: [] },
        yes: { type: 'boolean', default: false },
        'dry-run': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new Stop(error instanceof Error ? error.message : String(error), 'See `npm run deploy -- --help`.');
  }
}

/** The environment that is meant. With `ask`, questions fill in what a new one lacks. */
export async function optionsOf(folder: string, flags: Flags, ask: Ask | undefined): Promise<Options> {
  const known = environmentsOf(folder);
  const list = known.length === 0 ? 'There is none yet.' : `There are: ${known.join(', ')}.`;
  const name = flags.env ?? (known.length === 0 ? await ask?.('Name of the environment [production]: ') : undefined);
  if (name === undefined) throw new Stop(`Which environment? ${list}`, 'Name one with --env.');
  const chosen = name || 'production';
  if (!isName(chosen)) {
    throw new Stop(`"${chosen}" cannot be an environment's name.`, 'Use lower-case letters, digits and dashes.');
  }
  const existing = readEnvironment(folder, chosen);
  const isDryRun = flags['dry-run'];
  if (existing) {
    if (flags.new) throw new Stop(`The environment "${chosen}" exists already.`, 'Leave out --new, or edit its file.');
    return { name: chosen, isDryRun, environment: existing };
  }
  if (!flags.new && (ask === undefined || known.length > 0)) {
    throw new Stop(`There is no environment "${chosen}". ${list}`, `Add --new to make it.`);
  }
  const environment = await newEnvironment(chosen, flags, ask);
  if (!isDryRun) writeEnvironment(folder, chosen, environment);
  return { name: chosen, isDryRun, environment };
}

async function newEnvironment(name: string, flags: Flags, ask: Ask | undefined): Promise<Environment> {
  const answer = async (given: string | undefined, question: string, fallback: string) =>
    given ?? ((await ask?.(`${question} [${fallback || 'none'}]: `)) || fallback);
  const worker = await answer(flags.worker, 'Name of the Worker', `scsp-edge-${name}`);
  const providers = await answer(flags.providers, 'Providers', PROVIDER_NAMES.join(','));
  const jurisdiction = await answer(flags.jurisdiction, 'Jurisdiction of all data, for ever: eu or fedramp', '');
  const host = await answer(flags.host, 'Host of your own, if any', '');
  const vars = varsOf(flags.var);
  const named = providers.split(',').map((each) => each.trim());
  if (named.includes('jedlix')) {
    for (const each of ['JEDLIX_BASE_URL', 'JEDLIX_TOKEN_URL', 'JEDLIX_AUDIENCE']) {
      vars[each] ??= (await ask?.(`${each} (Jedlix hands it out): `)) ?? '';
      if (!vars[each]) throw new Stop(`${each} is missing.`, `Add --var ${each}=…`);
    }
  }
  return {
    worker,
    providers: named.map((each) => oneOf(PROVIDER_NAMES, each, 'provider')),
    ...(flags.account ? { account: flags.account } : {}),
    ...(jurisdiction ? { jurisdiction: oneOf(JURISDICTIONS, jurisdiction, 'jurisdiction') } : {}),
    ...(host ? { host } : {}),
    vars,
  };
}

function oneOf<Name extends string>(names: readonly Name[], given: string, what: string): Name {
  const found = names.find((each) => each === given);
  if (found !== undefined) return found;
  throw new Stop(`"${given}" is no ${what}.`, `Choose from: ${names.join(', ')}.`);
}

function varsOf(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((each) => {
      const at = each.indexOf('=');
      if (at < 1) throw new Stop(`--var ${each} has no value.`, 'Write it as --var NAME=VALUE.');
      return [each.slice(0, at), each.slice(at + 1)];
    }),
  );
}
