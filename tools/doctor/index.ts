/**
 * `npm run doctor -- <url>`: looks at a deployment from outside and says in plain words what to do about each fault.
 * It reads ADMIN_TOKEN, and CSMS_WEBHOOK_SECRETS or CSMS_TOKENS, from the environment. Exit code 0: no fault; 1: a
 * fault; 2: called wrongly.
 */
import { examine, type Finding } from './checks.ts';

const HELP = `npm run doctor -- <url>

Environment: ADMIN_TOKEN; CSMS_WEBHOOK_SECRETS or CSMS_TOKENS. What is missing is left out and said.
`;

function lineOf({ name, found, todo, isSkipped }: Finding): string {
  if (todo !== undefined) return `✗ ${name}: ${found}\n    ${todo}`;
  return `${isSkipped ? '–' : '✓'} ${name}: ${found}`;
}

const [given, ...others] = process.argv.slice(2);
if (given === undefined || others.length > 0 || !URL.canParse(given) || !/^https?:/.test(given)) {
  console.log(HELP);
  process.exit(given === '--help' ? 0 : 2);
}

let faults = 0;
let skipped = 0;
const { env } = process;
const patient = {
  url: given.replace(/\/+$/, ''),
  adminToken: env['ADMIN_TOKEN'],
  csmsToken: env['CSMS_TOKENS'],
  webhookSecret: env['CSMS_WEBHOOK_SECRETS'],
};
for await (const finding of examine(patient)) {
  console.log(lineOf(finding));
  if (finding.todo !== undefined) faults += 1;
  else if (finding.isSkipped) skipped += 1;
}
const rest = skipped === 0 ? '' : ` ${skipped} not looked at.`;
console.log(faults === 0 ? `\nNo fault found.${rest}` : `\n${faults} to mend.${rest}`);
process.exitCode = faults === 0 ? 0 : 1;
