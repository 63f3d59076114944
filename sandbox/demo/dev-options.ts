// What `npm run dev` is told: options after `--`, and settings in `.dev.vars`.
import { readFileSync } from 'node:fs';
import { parseArgs, parseEnv } from 'node:util';

/** How to use `npm run dev`. */
export const DEV_HELP = `npm run dev [-- --csms-url <url>] [-- --help]

Leaves the Worker and stand-ins for both providers and a CSMS running until Ctrl-C.

  --csms-url <url>   commands go to your own CSMS: POST <url>, signed with CSMS_COMMAND_SECRET
  --events-url <url> notifications go there too: POST <url>, signed with CSMS_EVENTS_SECRET
  --help             shows this
  PORT=9787          moves the Worker, and the others with it (8787, 8790 to 8793)

Settings in .dev.vars count more than those of the sandbox; an empty one counts as absent.`;

/** The options. @throws when one is unknown, or a URL is none. */
export type DevOptions = { isHelp: boolean; vars: Record<string, string> };

/** Reads the options, and what they set. */
export function devOptionsFrom(args: string[]): DevOptions {
  const { values } = parseArgs({
    args,
    options: { 'csms-url': { type: 'string' }, 'events-url': { type: 'string' }, help: { type: 'boolean' } },
  });
  const vars: Record<string, string> = {};
  if (values['csms-url'] !== undefined) vars['CSMS_COMMAND_URL'] = urlOf('--csms-url', values['csms-url']);
  if (values['events-url'] !== undefined) vars['CSMS_EVENTS_URL'] = urlOf('--events-url', values['events-url']);
  return { isHelp: values.help === true, vars };
}

function urlOf(option: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.href;
  throw new Error(`${option} ${text} must be a URL that begins with http:// or https://`);
}

/** The settings of a `.dev.vars` that have a value; none when there is no such file. */
export function devVarsIn(path: string): Record<string, string> {
  const text = textOf(path);
  const settings = Object.entries(text === undefined ? {} : parseEnv(text));
  return Object.fromEntries(settings.filter((entry): entry is [string, string] => Boolean(entry[1])));
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
