// Installs the dependencies when they are missing or older than the lock file, so that any script works as the first command.
// Runs on whatever Node is at hand; the installed packages bring their own.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';

const LOCK = 'package-lock.json';
/** npm writes this file at the end of every install. */
const INSTALLED = 'node_modules/.package-lock.json';

const isCurrent = existsSync(INSTALLED) && statSync(INSTALLED).mtimeMs >= statSync(LOCK).mtimeMs;
if (!isCurrent) {
  console.log('Installing dependencies (npm ci), once …');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  process.exit(status ?? 1);
}
