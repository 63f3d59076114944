/**
 * How many pairing codes a second are verified, beside a bare Worker that does one D1 `UPDATE … RETURNING`: both under `wrangler dev`,
 * the same driver, in turns, in the same run.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEdgeProcess } from '../sandbox/edge-process.ts';
import { sandboxSettings } from '../sandbox/settings.ts';
import { buildEdge } from './built-edge.ts';
import { must, post, rateOf } from './driver.ts';
import { medianOf, tableOf } from './table.ts';

/** At least this share of the bare Worker's rate. */
const GOAL = 0.7;
const ROUNDS = 7;
/** All rounds together stay under the rate limit that fences the route. */
const CODES_PER_ROUND = 200;
/** Verifications in flight at once. */
const CONCURRENCY = 32;

const csms = { authorization: `Bearer ${sandboxSettings.CSMS_TOKENS}` };
const jedlix = { authorization: `Bearer ${sandboxSettings.JEDLIX_INBOUND_TOKENS}` };

const nowhere = 'http://127.0.0.1:9';
const surroundings = { stekkerUrl: nowhere, jedlixUrl: nowhere, csmsUrl: nowhere };
const built = await buildEdge();
const bareStorage = await mkdtemp(join(tmpdir(), 'scsp-edge-bare-'));
const edge = await startEdgeProcess({ ...surroundings, ...built });
const bareConfig = join(import.meta.dirname, 'bare-update/wrangler.toml');
const bare = await startEdgeProcess({ ...surroundings, storagePath: bareStorage, configPath: bareConfig });

/** Registers a charger and issues a code for it. */
async function issue(id: string): Promise<string> {
  const connectors = [{ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 }];
  const charger = { ocppIdentity: id, protocol: 'ocpp1.6', evses: [{ evseId: 1, connectors }] };
  await must(201, `${edge.url}/api/chargers/${id}`, { ...post(csms, charger), method: 'PUT' });
  const issued = await must(201, `${edge.url}/api/chargers/${id}/pairing-codes`, post(csms, { provider: 'jedlix' }));
  return Object(JSON.parse(issued)).code;
}

async function round(index: number): Promise<{ bare: number; edge: number }> {
  const ids = Array.from({ length: CODES_PER_ROUND }, (_, place) => `bench-${index}-${place}`);
  const codes: string[] = [];
  await rateOf(ids, 8, async (id) => void codes.push(await issue(id)));
  await rateOf(ids, CONCURRENCY, (id) => must(201, bare.url, post({}, { code: id })));
  const bareRate = await rateOf(ids, CONCURRENCY, (id) => must(200, bare.url, post({}, { code: id })));
  const edgeRate = await rateOf(codes, CONCURRENCY, (code) =>
    must(200, `${edge.url}/v1/cpo/ocpp2.0.1/pair`, post(jedlix, { code })),
  );
  return { bare: bareRate, edge: edgeRate };
}

try {
  const rounds: { bare: number; edge: number }[] = [];
  for (let index = 0; index <= ROUNDS; index += 1) {
    const rates = await round(index);
    if (index > 0) rounds.push(rates); // The first one warms up.
  }
  const ratio = medianOf(rounds.map((rates) => rates.edge / rates.bare));
  console.log(
    `Verifications a second, ${ROUNDS} rounds of ${CODES_PER_ROUND} codes, ${CONCURRENCY} at once, median:\n`,
  );
  console.log(
    tableOf(
      ['', 'per second', 'ratio'],
      [
        ['bare UPDATE … RETURNING', medianOf(rounds.map((rates) => rates.bare)), 1],
        ['verification', medianOf(rounds.map((rates) => rates.edge)), ratio],
      ],
    ),
  );
  console.log(`\nGoal: at least ${GOAL}: ${ratio.toFixed(2)}, ${ratio >= GOAL ? 'met' : 'MISSED'}.`);
  process.exitCode = ratio >= GOAL ? 0 : 1;
} finally {
  await Promise.all([edge.kill(), bare.kill()]);
  await Promise.all([built.remove(), rm(bareStorage, { recursive: true, force: true })]);
}
