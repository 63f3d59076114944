/**
 * How long a charging profile takes from the provider's request to the command at the CSMS, beside a bare Worker that forwards one
 * request: both under `wrangler dev`, one request at a time, in turns, in the same run. `--samples` is how many of each.
 */
import { createServer, type Server } from 'node:http';
import { parseArgs } from 'node:util';
import { startEdgeProcess } from '../sandbox/edge-process.ts';
import { sandboxSettings } from '../sandbox/settings.ts';
import { startStekker } from '../sandbox/stekker.ts';
import { startBare } from './bare.ts';
import { buildEdge } from './built-edge.ts';
import { must } from './driver.ts';
import { tellStorage } from './storage.ts';
import { medianOf, tableOf } from './table.ts';

/** At most this many times the bare Worker's latency, in the middle. */
const GOAL_P50 = 2;
const CHARGERS = 25;
const WARM_UPS = 100;

const { values } = parseArgs({ options: { samples: { type: 'string', default: '1000' } } });
const samples = Number(values.samples);

/** A CSMS that accepts everything and knows when it was asked. */
function startClockedCsms(): Promise<{ url: string; server: Server; nextArrival: () => Promise<number> }> {
  const waiting: ((at: number) => void)[] = [];
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      waiting.shift()?.(performance.now());
      response.setHeader('content-type', 'application/json');
      response.end('{"status":"Accepted"}');
    });
  });
  const nextArrival = () => new Promise<number>((resolve) => void waiting.push(resolve));
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      resolve({ url: `http://127.0.0.1:${port}`, server, nextArrival });
    });
  });
}

const json = { 'content-type': 'application/json' };
const csms = { ...json, authorization: `Bearer ${sandboxSettings.CSMS_TOKENS}` };
const stekkerKey = { ...json, secret: sandboxSettings.STEKKER_INBOUND_KEY };

/** Registers, pairs and plugs in one charger. */
async function plugIn(edgeUrl: string, index: number): Promise<void> {
  const path = `${edgeUrl}/api/chargers/bench-${index}`;
  const connectors = [{ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 }];
  const evses = [{ evseId: 1, emi3Id: `NL*STK*E${String(index).padStart(6, '0')}`, connectors }];
  const charger = { ocppIdentity: `BENCH-${index}`, protocol: 'ocpp1.6', evses };
  await must(201, path, { method: 'PUT', headers: csms, body: JSON.stringify(charger) });
  const pairing = { provider: 'stekker', code: `CODE-${index}` };
  await must(201, `${path}/pairings`, { method: 'POST', headers: csms, body: JSON.stringify(pairing) });
  const timestamp = new Date().toISOString();
  const start = { connectorId: 1, idTag: '04A1B2C3', meterStart: 0, timestamp };
  const event = {
    chargePointId: `bench-${index}`,
    protocol: 'ocpp1.6',
    timestamp,
    frame: [2, `start-${index}`, 'StartTransaction', start],
    response: { transactionId: 1000 + index, idTagInfo: { status: 'Accepted' } },
  };
  await must(202, `${edgeUrl}/webhooks/ocpp`, { method: 'POST', headers: csms, body: JSON.stringify(event) });
}

/** A day's plan in quarters of an hour, as Stekker sends it. */
function profileFor(index: number): string {
  const chargingSchedulePeriod = Array.from({ length: 96 }, (_, quarter) => ({
    startPeriod: quarter * 900,
    limit: (quarter % 12) * 1000,
  }));
  const startSchedule = new Date().toISOString();
  return JSON.stringify({
    connectorId: 1,
    csChargingProfiles: {
      chargingProfileId: 1,
      transactionId: 1000 + index,
      stackLevel: 0,
      chargingProfilePurpose: 'TxProfile',
      chargingProfileKind: 'Absolute',
      chargingSchedule: { startSchedule, chargingRateUnit: 'W', chargingSchedulePeriod },
    },
  });
}

tellStorage();
const clocked = await startClockedCsms();
const stekker = await startStekker({
  token: sandboxSettings.STEKKER_TOKEN,
  pairingCodes: Array.from({ length: CHARGERS }, (_, index) => `CODE-${index}`),
});
const built = await buildEdge();
const surroundings = { stekkerUrl: stekker.url, jedlixUrl: stekker.url, csmsUrl: clocked.url };
const edge = await startEdgeProcess({ ...surroundings, ...built });
const bare = await startBare('bare-forward', surroundings);

/** From the first byte out of here to the last byte of the command at the CSMS, in ms. */
async function measure(url: string, body: string): Promise<number> {
  const startedAt = performance.now();
  const arrival = clocked.nextArrival();
  const done = must(200, url, { method: 'POST', headers: stekkerKey, body });
  const [arrivedAt] = await Promise.all([arrival, done]);
  return arrivedAt - startedAt;
}

const percentile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

try {
  for (let index = 0; index < CHARGERS; index += 1) await plugIn(edge.url, index);
  const sides = {
    'direct call': { urlOf: () => `${clocked.url}/commands`, taken: [] as number[] },
    'bare Worker': { urlOf: () => bare.url, taken: [] as number[] },
    'the edge': {
      urlOf: (index: number) => `${edge.url}/stekker/chargers/bench-${index}/set-charging-profile`,
      taken: [] as number[],
    },
  };
  for (let round = -WARM_UPS; round < samples; round += 1) {
    const index = Math.abs(round) % CHARGERS;
    const body = profileFor(index);
    for (const { urlOf, taken } of Object.values(sides)) {
      const tookMs = await measure(urlOf(index), body);
      if (round >= 0) taken.push(tookMs);
    }
  }
  const p50 = (taken: readonly number[]) => medianOf(taken);
  const p99 = (taken: readonly number[]) =>
    percentile(
      taken.toSorted((a, b) => a - b),
      0.99,
    );
  const base = sides['bare Worker'].taken;
  const rows = Object.entries(sides).map(([name, { taken }]) => [
    name,
    p50(taken),
    p99(taken),
    p50(taken) / p50(base),
    p99(taken) / p99(base),
  ]);
  console.log(`From the provider's request to the command at the CSMS, ${samples} of each, in ms:\n`);
  console.log(tableOf(['', 'p50', 'p99', 'p50 / bare', 'p99 / bare'], rows));
  const direct = p50(sides['direct call'].taken);
  const added = (p50(sides['the edge'].taken) - direct) / (p50(base) - direct);
  console.log(`\nOf what each adds to a direct call, the edge adds ${added.toFixed(2)} times as much at p50.`);
  const ratio = p50(sides['the edge'].taken) / p50(base);
  console.log(
    `\nGoal: at most ${GOAL_P50} times the bare Worker at p50: ${ratio.toFixed(2)}, ${ratio <= GOAL_P50 ? 'met' : 'MISSED'}.`,
  );
  process.exitCode = ratio <= GOAL_P50 ? 0 : 1;
} finally {
  await Promise.all([edge.kill(), bare.end(), stekker.close()]);
  clocked.server.closeAllConnections();
  clocked.server.close();
  await built.remove();
}
