/** Runs a tool of this project as its users do: as a program, with an environment of its own. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

export type Ended = { readonly code: number | null; readonly said: string };

/** Secrets of a developer's own environment must not reach a test; an empty one counts as absent. */
const WITHOUT_SECRETS = { ADMIN_TOKEN: '', CSMS_TOKENS: '', CSMS_WEBHOOK_SECRETS: '', PAIRING_CODE_PEPPER: '' };

/** `tool` is a path below `tools/`. What it says on both outputs, and its exit code. */
export function runTool(tool: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../tools', tool), ...args], {
    stdio: 'pipe',
    env: { ...process.env, ...WITHOUT_SECRETS, ...env },
  });
  child.stdin.end();
  let said = '';
  child.stdout.on('data', (chunk) => (said += String(chunk)));
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, said })));
}
