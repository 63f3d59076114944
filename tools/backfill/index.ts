/**
 * `npm run backfill`: posts again what a CSMS has kept, in the order of its time. What the edge has already is a
 * duplicate and is not delivered twice, so it can be run again at any time.
 */
import { parseArgs } from 'node:util';
import { postAll } from './post.ts';
import { batchesOf, keptOf, type Kept } from './rows.ts';
import { rowsFrom } from './source.ts';

const HELP = `npm run backfill -- --from <file or URL> --since <instant> [--to <instant>] --url <edge> [--dry-run]

  --from   a file with rows of CitrineOS's table OCPPMessages, or events of our own format: a JSON list, or one on each
           line; or the URL of CitrineOS's GraphQL API (…/v1/graphql)
  --since  from when on (RFC 3339), --to until when; now unless told otherwise
  --url    the edge
  --dry-run  says what would be posted, and posts nothing

The token of the edge is in CSMS_TOKEN, the secret of the GraphQL API in HASURA_ADMIN_SECRET.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      from: { type: 'string' },
      since: { type: 'string' },
      to: { type: 'string' },
      url: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { from, since, to, url } = values;
  const period = { since: new Date(since ?? ''), to: to === undefined ? new Date() : new Date(to) };
  const isWrong = Object.values(period).some((each) => Number.isNaN(each.getTime()));
  if (values.help || from === undefined || isWrong || (url === undefined && !values['dry-run'])) {
    console.log(HELP);
    return values.help ? 0 : 2;
  }
  const rows = await rowsFrom(from, period, process.env['HASURA_ADMIN_SECRET']);
  const read = rows.map(keptOf);
  const kept = read.filter((each): each is Kept => each !== undefined);
  const wanted = kept.filter(({ at }) => at >= period.since.getTime() && at < period.to.getTime());
  const chargers = new Set(wanted.map(({ charger }) => charger)).size;
  console.log(`${wanted.length} messages of ${chargers} chargers; ${rows.length - kept.length} rows are no messages.`);
  const batches = batchesOf(wanted);
  if (values['dry-run'] || url === undefined) return 0;
  const token = process.env['CSMS_TOKEN'] ?? '';
  const totals = await postAll(batches, { url, token, say: (line) => console.log(line) });
  const { received, duplicates, ignored, rejected } = totals;
  console.log(`received ${received}, known already ${duplicates}, ignored ${ignored}, refused ${rejected}`);
  return rejected === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
