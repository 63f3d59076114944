/**
 * `npm run restore -- <url>`: after the database of a deployment was restored, makes it agree with the chargers' objects
 * and does kept erasures again. It reads ADMIN_TOKEN from the environment. Exit code 0: done; 1: not done; 2: called
 * wrongly.
 */
import { restoreFrom, Stopped } from './calls.ts';

const HELP = `npm run restore -- <url> [--cursor <cursor>]

Call it after D1 time travel or an import. Environment: ADMIN_TOKEN.
It may be run again at any time; --cursor goes on where a run stopped.
`;

const [url, flag, cursor, ...others] = process.argv.slice(2);
const isCursorWrong = flag !== undefined && (flag !== '--cursor' || cursor === undefined);
if (url === undefined || isCursorWrong || others.length > 0 || !URL.canParse(url) || !/^https?:/.test(url)) {
  console.log(HELP);
  process.exit(url === '--help' ? 0 : 2);
}
const token = process.env['ADMIN_TOKEN'] ?? '';
if (token === '') {
  console.log('ADMIN_TOKEN is not in the environment.');
  process.exit(2);
}

try {
  const { stations, pairings, erasures, unreachable } = await restoreFrom(
    url.replace(/\/+$/, ''),
    token,
    cursor,
    (said) => console.log(said),
  );
  console.log(`\n${stations} stations asked, ${pairings} pairings taken over, ${erasures} erasures begun again.`);
  if (unreachable.length > 0) {
    console.log(`Not reached: ${unreachable.join(', ')}. Run it again.`);
    process.exitCode = 1;
  }
} catch (error) {
  if (!(error instanceof Stopped)) throw error;
  console.log(`\n${error.message}`);
  process.exitCode = 1;
}
