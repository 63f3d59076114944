/**
 * `npm run citrineos -- sync`: registers the stations that CitrineOS has and the edge lacks, and sees that each has
 * exactly one subscription to the edge. Running it again changes only what differs.
 */
import { parseArgs } from 'node:util';
import { citrineosAt } from './api.ts';
import { edgeAt } from './edge.ts';
import { changesOf, isWanted, subscriptionFor, type Change } from './subscriptions.ts';

const HELP = `npm run citrineos -- sync --url <edge> --citrineos <URL> --graphql <URL> [--tenant 1] [--dry-run]

  --url        the edge, as CitrineOS reaches it
  --citrineos  CitrineOS's API, such as http://localhost:8080
  --graphql    the GraphQL API of its database (…/v1/graphql), which lists the stations
  --tenant     CitrineOS's tenant                                  (default: 1)
  --protocol   of stations that never said theirs: ocpp1.6 or ocpp2.0.1  (default: ocpp1.6)
  --dry-run    says what would be done, and does nothing

The token of the edge is in CSMS_TOKEN, that of CitrineOS's API, where it asks for one, in CITRINEOS_TOKEN, and the
secret of the GraphQL API in HASURA_ADMIN_SECRET.`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      url: { type: 'string' },
      citrineos: { type: 'string' },
      graphql: { type: 'string' },
      tenant: { type: 'string', default: '1' },
      protocol: { type: 'string', default: 'ocpp1.6' },
      'dry-run': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { url, citrineos: base, graphql, tenant, protocol } = values;
  const isWrong = positionals.join(' ') !== 'sync' || !/^\d+$/.test(tenant) || !/^ocpp(?:1\.6|2\.0\.1)$/.test(protocol);
  if (values.help || isWrong || url === undefined || base === undefined || graphql === undefined) {
    console.log(HELP);
    return values.help ? 0 : 2;
  }
  const { CSMS_TOKEN: token = '', CITRINEOS_TOKEN, HASURA_ADMIN_SECRET } = process.env;
  const citrineos = citrineosAt({ base, graphql, tenant, token: CITRINEOS_TOKEN, secret: HASURA_ADMIN_SECRET });
  const edge = edgeAt(url, token);
  const isDry = values['dry-run'];
  let [faults, done] = [0, 0];
  const say = (station: string, what: string) => console.log(`${station}: ${what}`);

  const known = await edge.identities();
  const stations = await citrineos.stations();
  for (const { id, protocol: said } of stations) {
    if (!known.has(id)) {
      const fault = isDry ? undefined : await edge.register(id, said ?? protocol);
      if (fault !== undefined) faults += 1;
      else done += 1;
      say(
        id,
        fault ?? `${isDry ? 'would be' : 'is'} registered, with one EVSE of one connector: send its true details`,
      );
      // Without a charger its events would be ignored.
      if (fault !== undefined) continue;
    }
    const wanted = subscriptionFor(id, url, token);
    for (const change of changesOf(await citrineos.subscriptions(id), wanted, url)) {
      if (!isDry) await citrineos.apply(change, wanted);
      done += 1;
      say(id, wordsOf(change, isDry));
    }
  }
  console.log(`${stations.length} stations; ${done} changes${isDry ? ' to make' : ''}; ${faults} refused`);
  return faults === 0 ? 0 : 1;
}

function wordsOf(change: Change, isDry: boolean): string {
  const verb = isDry ? 'would be' : 'is';
  if (change.kind === 'add') return `a subscription ${verb} made`;
  const why = isWanted(change.subscription, change.wanted)
    ? 'there is another one'
    : 'it has other settings or another token';
  return `subscription ${change.subscription.id} ${verb} removed: ${why}`;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
