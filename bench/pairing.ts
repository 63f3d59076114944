/**
 * How many pairing codes a second are verified, beside a bare Worker that does one D1 `UPDATE … RETURNING`: both under `wrangler dev`,
 * the same driver, in turns, in the same run. The rate limiter counts in memory, as the platform's does.
 */
import { join } from 'node:path';
import { startEdgeProcess, type EdgeProcess } from '../sandbox/edge-process.ts';
import { sandboxSettings } from '../sandbox/settings.ts';
import { startBare, type Bare } from './bare.ts';
import { buildEdge } from './built-edge.ts';
import { must, post, rateOf } from './driver.ts';
import { compare, isReached, overStarts, tellingOf, type Rates, type Ratio } from './ratio.ts';
import { tellStorage } from './storage.ts';

/** At least this share of the bare Worker's rate. */
const GOAL = { least: 0.7 };
const ROUNDS = 8;
const STARTS = 3;
const CHARGERS = 200;
/** Verifications in flight at once. */
const CONCURRENCY = 32;

const csms = { authorization: `Bearer ${sandboxSettings.CSMS_TOKENS}` };
const jedlix = { authorization: `Bearer ${sandboxSettings.JEDLIX_INBOUND_TOKENS}` };

const nowhere = 'http://127.0.0.1:9';
const surroundings = { stekkerUrl: nowhere, jedlixUrl: nowhere, csmsUrl: nowhere };

const ids = Array.from({ length: CHARGERS }, (_, place) => `bench-${place}`);

/** Registers the chargers that every round pairs anew. */
async function register(edge: EdgeProcess): Promise<void> {
  const connectors = [{ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 }];
  await rateOf(ids, 8, (id) => {
    const charger = { ocppIdentity: id, protocol: 'ocpp1.6', evses: [{ evseId: 1, connectors }] };
    return must(201, `${edge.url}/api/chargers/${id}`, { ...post(csms, charger), method: 'PUT' });
  });
}

async function issue(edge: EdgeProcess, id: string): Promise<string> {
  const issued = await must(201, `${edge.url}/api/chargers/${id}/pairing-codes`, post(csms, { provider: 'jedlix' }));
  return Object(JSON.parse(issued)).code;
}

async function bareRate(bare: Bare, round: number): Promise<number> {
  const redeem = (status: number) =>
    rateOf(ids, CONCURRENCY, (id) => must(status, bare.url, post({}, { code: `${id}-${round}` })));
  await redeem(201); // The first time makes the row.
  return redeem(200);
}

/** Only the verifications count. Jedlix ends the pairings again, so that nobody has to be told. */
async function edgeRate(edge: EdgeProcess): Promise<number> {
  const codes: string[] = [];
  await rateOf(ids, 8, async (id) => void codes.push(await issue(edge, id)));
  const rate = await rateOf(codes, CONCURRENCY, (code) =>
    must(200, `${edge.url}/v1/cpo/ocpp2.0.1/pair`, post(jedlix, { code })),
  );
  await rateOf(ids, 8, (id) => must(200, `${edge.url}/v1/cpo/chargingstations/${id}/unpair`, post(jedlix, {})));
  return rate;
}

async function measureOnce(): Promise<Rates> {
  const entry = join(import.meta.dirname, 'pairing/worker.ts');
  const [bare, built] = [await startBare('bare-update'), await buildEdge({ entry })];
  const edge = await startEdgeProcess({ ...surroundings, ...built });
  try {
    await register(edge);
    return await compare(
      ROUNDS,
      (round) => bareRate(bare, round),
      () => edgeRate(edge),
    );
  } finally {
    await Promise.all([edge.kill(), bare.end()]);
    await built.remove();
  }
}

tellStorage();
const rates = await overStarts(STARTS, measureOnce);
const ratio: Ratio = { name: 'verifications', unit: '1/s', ...rates, goal: GOAL };
console.log(tellingOf([ratio]));
process.exitCode = isReached(ratio) ? 0 : 1;
