// A strict stand-in of Stekker's API over HTTP; it refuses everything that Stekker's guide does not describe.
import { startHttpServer, type FaultPlan, type SandboxRequest } from './http-server.ts';
import { createJournal, parseJson, saysJson } from './journal.ts';
import type { Counts, Received, Refusal, Verdict } from './journal.ts';
import { isRefusal, readDetails, readSessionEvent, type CoordinateOrder } from './stekker-messages.ts';
import { createTransactionOrder } from './stekker-order.ts';

/** How the stand-in is set up. `coordinates` is checked only when given, and only right for chargers in the Netherlands. */
export type StekkerOptions = {
  token: string;
  authScheme?: string;
  pairingCodes?: readonly string[];
  coordinates?: CoordinateOrder;
  port?: number;
  faults?: FaultPlan;
  now?: () => Date;
};

/** A profile that Stekker's side posts to the edge. Source: Stekker guide, charging profiles. */
export type StekkerProfileCall = { edgeUrl: string; key: string; chargePointId: string; body: unknown };

/** The running stand-in. */
export type Stekker = {
  readonly url: string;
  readonly received: Received[];
  readonly counts: Readonly<Counts>;
  readonly pairedChargers: ReadonlySet<string>;
  addPairingCode: (code: string) => void;
  /** The accepted session messages of one charger, duplicates included. */
  sessionMessages: (chargePointId: string) => Received[];
  setChargingProfile: (call: StekkerProfileCall) => Promise<{ status: number; body: unknown }>;
  setFaults: (faults?: FaultPlan) => void;
  /** Forgets pairings, transactions, counts and faults; the configured codes work again. */
  reset: () => void;
  close: () => Promise<void>;
};

/** Starts the stand-in. */
export async function startStekker(options: StekkerOptions): Promise<Stekker> {
  const journal = createJournal(options.now ?? (() => new Date()));
  const state = createState(options.pairingCodes ?? []);
  const server = await startHttpServer({
    port: options.port,
    faults: options.faults,
    onFault: journal.noteFault,
    handle(request) {
      const verdict = judge(request, options, state);
      journal.note(request, verdict);
      return verdict;
    },
  });
  return {
    url: server.url,
    received: journal.received,
    counts: journal.counts,
    pairedChargers: state.paired,
    addPairingCode: (code) => void state.codes.set(code, undefined),
    sessionMessages: (chargePointId) => journal.received.filter((entry) => isSessionMessageOf(entry, chargePointId)),
    setChargingProfile,
    setFaults: server.setFaults,
    reset() {
      journal.clear();
      state.clear();
      server.setFaults();
    },
    close: server.close,
  };
}

type State = ReturnType<typeof createState>;

/** `codes` maps a code to the charger that used it. */
function createState(pairingCodes: readonly string[]) {
  const unused = () => pairingCodes.map((code): [string, string | undefined] => [code, undefined]);
  return {
    codes: new Map(unused()),
    paired: new Set<string>(),
    order: createTransactionOrder(),
    clear() {
      this.codes = new Map(unused());
      this.paired.clear();
      this.order.clear();
    },
  };
}

function judge(request: SandboxRequest, options: StekkerOptions, state: State): Verdict {
  if (request.path !== '/api/v1/events') return toVerdict({ status: 404, reason: 'path-unknown' });
  if (request.method !== 'PUT' && request.method !== 'POST') return toVerdict({ status: 405, reason: 'method-wrong' });
  const expected = `${options.authScheme ?? 'Token'} ${options.token}`;
  if (request.headers['authorization'] !== expected) return toVerdict({ status: 401, reason: 'authorization-wrong' });
  if (!saysJson(request)) return toVerdict({ status: 415, reason: 'content-type-wrong' });
  const body = parseJson(request.bodyText);
  if (body === undefined) return toVerdict({ status: 400, reason: 'json-invalid' });
  return request.method === 'PUT' ? pair(body, options, state) : take(body, request.bodyText, state);
}

function pair(body: unknown, options: StekkerOptions, state: State): Verdict {
  const details = readDetails(body, options.coordinates);
  if (isRefusal(details)) return toVerdict(details);
  const { chargePointId, pairingCode } = details;
  if (pairingCode === undefined) {
    return state.paired.has(chargePointId) ? { status: 200 } : toVerdict({ status: 404, reason: 'charger-not-paired' });
  }
  if (!state.codes.has(pairingCode)) return toVerdict({ status: 404, reason: 'pairing-code-unknown' });
  const usedBy = state.codes.get(pairingCode) ?? chargePointId;
  if (usedBy !== chargePointId) return toVerdict({ status: 404, reason: 'pairing-code-used' });
  state.codes.set(pairingCode, chargePointId);
  state.paired.add(chargePointId);
  return { status: 200 };
}

function take(body: unknown, bodyText: string, state: State): Verdict {
  const event = readSessionEvent(body);
  if (isRefusal(event)) return toVerdict(event);
  if (!state.paired.has(event.chargePointId)) return toVerdict({ status: 404, reason: 'charger-not-paired' });
  const place = state.order.judge(event, bodyText);
  if (place === 'accepted') return { status: 200 };
  if (place === 'duplicate') return { status: 200, countsAs: 'duplicates' };
  return place.status === 409 ? { ...toVerdict(place), countsAs: 'outOfOrder' } : toVerdict(place);
}

function toVerdict({ status, reason, details }: Refusal): Verdict {
  return { status, reason, body: { error: reason, details: details ?? [] } };
}

function isSessionMessageOf({ method, body, status }: Received, chargePointId: string): boolean {
  const isAccepted = method === 'POST' && status === 200;
  if (!isAccepted || typeof body !== 'object' || body === null || !('chargePointId' in body)) return false;
  return String(body.chargePointId) === chargePointId;
}

async function setChargingProfile({ edgeUrl, key, chargePointId, body }: StekkerProfileCall) {
  const path = `/stekker/chargers/${encodeURIComponent(chargePointId)}/set-charging-profile`;
  const response = await fetch(new URL(path, edgeUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json', secret: key, 'x-functions-key': key },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: parseJson(await response.text()) };
}
