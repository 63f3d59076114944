// A strict stand-in of Jedlix's token endpoint, OCPP-formatted API and app; it refuses everything that Jedlix's guide does not describe.
import { startHttpServer, type FaultPlan, type HttpServerOptions, type SandboxRequest } from './http-server.ts';
import { setProfile, unpairAtEdge, verifyCode } from './jedlix-app.ts';
import type { AppAnswer, CodeVerification, JedlixProfileCall, UnpairCall } from './jedlix-app.ts';
import { incorrectCodeMessage, readPairingRequest, unknownStationMessage, unpairedMessage } from './jedlix-messages.ts';
import type { PairedKind, PairingProtocol } from './jedlix-messages.ts';
import { createSequenceOrder, readTransactionEvent } from './jedlix-order.ts';
import { createTokenIssuer, type TokenOptions } from './jedlix-tokens.ts';
import { createJournal, parseJson, saysJson } from './journal.ts';
import type { Counts, Journal, Received, Verdict } from './journal.ts';

/** How the stand-in is set up. Tokens live an hour unless `tokenLifetimeS` says otherwise. */
export type JedlixOptions = TokenOptions & {
  apiKey: string;
  pairingCodes?: readonly string[];
  port?: number;
  faults?: FaultPlan;
  now?: () => Date;
};

/** The running stand-in. Token requests are counted in `tokensIssued` and stand in no journal. */
export type Jedlix = {
  readonly url: string;
  readonly tokenUrl: string;
  readonly received: Received[];
  readonly counts: Readonly<Counts>;
  readonly tokensIssued: number;
  readonly paired: ReadonlyMap<string, PairedKind>;
  addPairingCode: (code: string) => void;
  /** The accepted TransactionEvents of one station, duplicates included. */
  transactionEvents: (uid: string) => Received[];
  revokeTokens: () => void;
  verifyPairing: (call: CodeVerification) => Promise<AppAnswer>;
  setChargingProfile: (call: JedlixProfileCall) => Promise<AppAnswer>;
  unpair: (call: UnpairCall) => Promise<AppAnswer>;
  setFaults: (faults?: FaultPlan) => void;
  /** Forgets tokens, pairings, transactions, counts and faults; the configured codes work again. */
  reset: () => void;
  close: () => Promise<void>;
};

const tokenPath = '/oauth/token';

/** Starts the stand-in. */
export async function startJedlix(options: JedlixOptions): Promise<Jedlix> {
  const now = options.now ?? (() => new Date());
  const journal = createJournal(now);
  const state = createState(options, now);
  const { port, faults, apiKey } = options;
  const server = await startHttpServer({ port, faults, ...handlersOf(apiKey, journal, state) });
  return {
    url: server.url,
    tokenUrl: `${server.url}${tokenPath}`,
    received: journal.received,
    counts: journal.counts,
    paired: state.paired,
    get tokensIssued() {
      return state.tokens.issued;
    },
    addPairingCode: (code) => void state.codes.set(code, undefined),
    transactionEvents: (uid) =>
      journal.received.filter(({ path, status }) => status === 200 && path === eventPath(uid)),
    revokeTokens: () => state.tokens.revokeAll(),
    verifyPairing: (call) => verifyPairing(call, state),
    setChargingProfile: setProfile,
    unpair: (call) => unpair(call, state),
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

/** `codes` maps a code to the uid that used it. */
function createState(options: JedlixOptions, now: () => Date) {
  const unused = () => (options.pairingCodes ?? []).map((code): [string, string | undefined] => [code, undefined]);
  return {
    tokens: createTokenIssuer(options, now),
    codes: new Map(unused()),
    paired: new Map<string, PairedKind>(),
    order: createSequenceOrder(),
    clear() {
      this.tokens.revokeAll();
      this.codes = new Map(unused());
      this.paired.clear();
      this.order.clear();
    },
  };
}

function handlersOf(apiKey: string, journal: Journal, state: State): Pick<HttpServerOptions, 'handle' | 'onFault'> {
  return {
    onFault(request, fault) {
      if (request.path !== tokenPath) journal.noteFault(request, fault);
    },
    handle(request) {
      if (request.path === tokenPath) return state.tokens.answer(request);
      const verdict = judge(request, apiKey, state);
      journal.note(request, verdict);
      return verdict;
    },
  };
}

type Route = { pattern: RegExp; answer: (match: string[], request: SandboxRequest, state: State) => Verdict };

const routes: Route[] = [
  { pattern: /^\/v1\/scsp\/(ocpp1\.6|ocpp2\.0\.1|ocpi2\.2)\/pair$/, answer: pair },
  { pattern: /^\/v1\/scsp\/(chargingstations|evse)\/([^/]+)\/unpair$/, answer: forget },
  { pattern: /^\/v1\/scsp\/(chargingstations)\/([^/]+)\/events\/ocpp2\.0\.1\/TransactionEvent$/, answer: takeEvent },
];

function eventPath(uid: string): string {
  return `/v1/scsp/chargingstations/${encodeURIComponent(uid)}/events/ocpp2.0.1/TransactionEvent`;
}

function judge(request: SandboxRequest, apiKey: string, state: State): Verdict {
  const route = routes.find(({ pattern }) => pattern.test(request.path));
  if (!route) return refuse(404, 'path-unknown');
  if (request.method !== 'POST') return refuse(405, 'method-wrong');
  if (!state.tokens.isValid(request.headers['authorization'])) return refuse(401, 'token-invalid');
  if (request.headers['apikey'] !== apiKey) return refuse(401, 'api-key-wrong');
  if (request.bodyText !== '' && !saysJson(request)) return refuse(415, 'content-type-wrong');
  const match = route.pattern.exec(request.path) ?? [];
  return route.answer(match.slice(1).map(decodeURIComponent), request, state);
}

function pair([protocol]: string[], { bodyText }: SandboxRequest, state: State): Verdict {
  const read = readPairingRequest(toProtocol(protocol), parseJson(bodyText));
  if ('errors' in read) return refuse(400, 'pairing-invalid', read.errors.join('; '));
  const { code = '', kind, uid } = read;
  if (!state.codes.has(code)) return refuse(404, 'pairing-code-unknown', incorrectCodeMessage);
  if (state.paired.has(uid)) return refuse(409, 'uid-exists');
  if (state.codes.get(code) !== undefined) return refuse(404, 'pairing-code-used', incorrectCodeMessage);
  state.codes.set(code, uid);
  state.paired.set(uid, kind);
  return { status: 200 };
}

function toProtocol(segment: string | undefined): PairingProtocol {
  return segment === 'ocpi2.2' || segment === 'ocpp1.6' ? segment : 'ocpp2.0.1';
}

function forget([kind, uid = '']: string[], _request: SandboxRequest, state: State): Verdict {
  if (state.paired.get(uid) !== kind) return refuse(404, 'uid-unknown', unknownStationMessage);
  state.paired.delete(uid);
  return { status: 200, body: { message: unpairedMessage } };
}

function takeEvent([kind, uid = '']: string[], { bodyText }: SandboxRequest, state: State): Verdict {
  if (state.paired.get(uid) !== kind) return refuse(404, 'uid-unknown', unknownStationMessage);
  const event = readTransactionEvent(parseJson(bodyText));
  if ('errors' in event) return refuse(400, 'ocpp-invalid', event.errors.join('; '));
  const place = state.order.judge(uid, event, bodyText);
  if (place === 'accepted') return { status: 200 };
  if (place === 'duplicate') return { status: 200, countsAs: 'duplicates' };
  return { ...refuse(place.status, place.reason), countsAs: 'outOfOrder' };
}

function refuse(status: number, reason: string, message: string = reason): Verdict {
  return { status, reason, body: { message } };
}

async function verifyPairing(call: CodeVerification, state: State): Promise<AppAnswer> {
  const { paired, ...answer } = await verifyCode(call);
  if (paired) state.paired.set(paired.uid, paired.kind);
  return answer;
}

async function unpair(call: UnpairCall, state: State): Promise<AppAnswer> {
  const answer = await unpairAtEdge(call);
  if (answer.status === 200) state.paired.delete(call.uid);
  return answer;
}
