/** Runs a command that may stand still: one that prints nothing for too long is killed and started again. */
import { spawn } from 'node:child_process';

/**
 * The exit code of `command`; its output is passed on. After `silenceMs` without a word it is killed with all it started, and run
 * again, `tries` times in all; standing still every time is 1.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ silenceMs: number, tries: number }} patience
 * @returns {Promise<number>}
 */
export async function runWatched(command, args, { silenceMs, tries }) {
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    const code = await runOnce(command, args, silenceMs);
    if (code !== undefined) return code;
    const next = attempt < tries ? 'it is run again' : 'that was the last time';
    console.error(`\n${command} printed nothing for ${silenceMs / 1000} s and was killed; ${next}.`);
  }
  return 1;
}

/** The exit code, or undefined for one that stood still. */
function runOnce(command, args, silenceMs) {
  return new Promise((resolve, reject) => {
    const env = process.stdout.isTTY ? { ...process.env, FORCE_COLOR: '1' } : process.env;
    const child = spawn(command, args, { detached: true, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const { pid } = child;
    const kill = () => pid !== undefined && process.kill(-pid, 'SIGKILL');
    let isStill = false;
    const timer = setTimeout(() => {
      isStill = true;
      kill();
    }, silenceMs);
    for (const name of ['stdout', 'stderr']) {
      child[name].on('data', (chunk) => {
        timer.refresh();
        process[name].write(chunk);
      });
    }
    const onSignal = () => kill();
    process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
      resolve(isStill ? undefined : (code ?? 1));
    });
  });
}
