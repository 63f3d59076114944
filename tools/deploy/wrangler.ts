/** Runs wrangler as a program and turns what it prints into values, or into a `Stop` in plain words. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import * as z from 'zod';
import { Stop } from './stop.ts';

export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };
export type Options = { readonly isShown?: boolean; readonly env?: Readonly<Record<string, string>> };
export type Wrangler = (args: readonly string[], options?: Options) => Promise<Ran>;

/** The wrangler of this project; `SCSP_EDGE_WRANGLER` names another script in its place. */
export function wranglerOf(root: string, env: NodeJS.ProcessEnv): Wrangler {
  const script = env['SCSP_EDGE_WRANGLER'] ?? join(root, 'node_modules/wrangler/bin/wrangler.js');
  return (args, { isShown = false, env: more = {} } = {}) =>
    new Promise((resolve, reject) => {
      // Without a terminal, wrangler asks nothing and takes the safe answer.
      const child = spawn(process.execPath, [script, ...args], {
        cwd: root,
        env: { ...env, WRANGLER_SEND_METRICS: 'false', FORCE_COLOR: '0', ...more },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
        if (isShown) process.stdout.write(chunk);
      });
      child.stderr.on('data', (chunk: Buffer) => {
        stderr += chunk.toString();
        if (isShown) process.stderr.write(chunk);
      });
      child.on('error', reject);
      child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
    });
}

/** What wrangler's errors mean, and what helps. The first that matches counts. */
const CAUSES: readonly (readonly [RegExp, string, string])[] = [
  [
    /not authenticated|"loggedIn":\s*false|CLOUDFLARE_API_TOKEN|\[code: (?:10000|10001|9106|9109)\]|Authentication error|Invalid access token/i,
    'Cloudflare does not accept the login.',
    'Run `npx wrangler login`. In CI, set CLOUDFLARE_API_TOKEN to a token that may edit Workers, D1 and KV of the account.',
  ],
  [
    /\[code: 100328\]|paid plan|Workers Paid/i,
    'The account is on Workers Free.',
    'scsp-edge needs Workers Paid: on Workers Free a request may make 50 subrequests only. Change the plan in the dashboard.',
  ],
  [
    /More than one account/i,
    'The login reaches more than one account.',
    'Name one with --account, or set CLOUDFLARE_ACCOUNT_ID.',
  ],
  [
    /already exists|already taken|already in use|\[code: 10014\]/i,
    'The name is taken.',
    'Choose another name in the file of the environment (`worker`).',
  ],
];

/** The `Stop` for a call of wrangler that failed. */
export function failureOf(title: string, { stdout, stderr }: Ran): Stop {
  const said = `${stdout}\n${stderr}`;
  const known = CAUSES.find(([pattern]) => pattern.test(said));
  if (known !== undefined) return new Stop(`${title} failed. ${known[1]}`, known[2]);
  const lines = said.split('\n').filter((line) => /error|code:/i.test(line));
  const reason = (lines.length > 0 ? lines : said.trim().split('\n').slice(-5)).join('\n').trim();
  return new Stop(`${title} failed: ${reason}`, 'Mend the cause and run the same command again; it goes on from here.');
}

/** Runs wrangler for its JSON answer. `title` names the step in errors. */
export async function jsonOf<Schema extends z.ZodType>(
  wrangler: Wrangler,
  args: readonly string[],
  { title, schema }: { readonly title: string; readonly schema: Schema },
): Promise<z.output<Schema>> {
  const ran = await wrangler(args);
  if (ran.code !== 0) throw failureOf(title, ran);
  const parsed = schema.safeParse(jsonIn(ran.stdout));
  if (parsed.success) return parsed.data;
  throw new Stop(
    `${title} failed: wrangler answered in an unknown form.`,
    'Run `npm ci`, which installs the wrangler of this project.',
  );
}

/** Wrangler may print notes before its JSON. */
function jsonIn(stdout: string): unknown {
  const from = stdout.search(/^[[{]/m);
  try {
    return JSON.parse(stdout.slice(Math.max(from, 0)));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
