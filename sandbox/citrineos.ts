// A stand-in of CitrineOS's message API for charging profiles: confirms at once, in an array, and posts the charger's verdict to
// the callback URL. It refuses payloads that the official schema or CitrineOS's own rules refuse, the latter with HTTP 200.
import type { ActiveProfile, ProfileAction } from './citrineos-rules.ts';
import { CitrineosStation } from './citrineos-station.ts';
import { chargerStatus, type ChargerVerdict } from './csms-commands.ts';
import { startHttpServer, type FaultPlan, type SandboxRequest } from './http-server.ts';
import { createJournal, parseJson, saysJson, type Counts, type Received, type Verdict } from './journal.ts';
import { schemaErrors, type OcppVersion } from './ocpp-schema.ts';

/**
 * When and how often the verdict is posted. `early`: before the command is confirmed. `held`: not before `releaseCallbacks`.
 * `elsewhere`: first the opposite verdict to the URL of the command before, then the right one. `garbled`: something that is no verdict.
 */
export type CallbackManner = 'prompt' | 'early' | 'held' | 'never' | 'twice' | 'elsewhere' | 'garbled' | 'call-error';

/** How the stand-in is set up. `reach` turns our public URL into one that can be reached from here. */
export type CitrineosOptions = {
  token?: string;
  tenantId?: string;
  verdict?: ChargerVerdict;
  reach?: (callbackUrl: string) => string;
  port?: number;
  faults?: FaultPlan;
  now?: () => Date;
  /** How long an unanswered call keeps the station's other calls waiting; 30 s, as in CitrineOS. */
  callTimeoutMs?: number;
  /** Whether a schedule's id may be used once only for a station, as in CitrineOS and unless told otherwise. */
  isScheduleUnique?: boolean;
};

/** A command that passed every check. */
export type CitrineosCommand = {
  at: string;
  ocppIdentity: string;
  version: OcppVersion;
  action: ProfileAction;
  payload: unknown;
  callbackUrl: string;
};

/** What the edge answered to a callback. */
export type CallbackAnswer = { url: string; body: unknown; status: number };

/** The running stand-in. */
export type Citrineos = {
  readonly url: string;
  readonly received: Received[];
  readonly counts: Readonly<Counts>;
  readonly commands: CitrineosCommand[];
  readonly callbacks: CallbackAnswer[];
  commandsFor: (ocppIdentity: string) => CitrineosCommand[];
  activeProfiles: (ocppIdentity: string) => readonly ActiveProfile[];
  /** What CitrineOS believes of a station, and what the station holds. */
  station: (ocppIdentity: string) => CitrineosStation;
  setVerdict: (ocppIdentity: string, verdict: ChargerVerdict) => void;
  setCallbacks: (ocppIdentity: string, manner: CallbackManner) => void;
  /** Posts every verdict that was held back, and waits for the edge's answers. */
  releaseCallbacks: () => Promise<void>;
  /** Waits until every callback that was begun has been answered. */
  settled: () => Promise<void>;
  setFaults: (faults?: FaultPlan) => void;
  reset: () => void;
  close: () => Promise<void>;
};

/** Starts the stand-in. */
export async function startCitrineos(options: CitrineosOptions = {}): Promise<Citrineos> {
  const now = options.now ?? (() => new Date());
  const journal = createJournal(now);
  const state = createState(options, now);
  const server = await startHttpServer({
    port: options.port,
    faults: options.faults,
    onFault: journal.noteFault,
    async handle(request) {
      const { verdict, after } = judge(request, options, state);
      journal.note(request, verdict);
      await after();
      return verdict;
    },
  });
  return {
    url: server.url,
    received: journal.received,
    counts: journal.counts,
    commands: state.commands,
    callbacks: state.callbacks,
    commandsFor: (identity) => state.commands.filter(({ ocppIdentity }) => ocppIdentity === identity),
    activeProfiles: (identity) => state.station(identity).active,
    station: (identity) => state.station(identity),
    setVerdict: (identity, verdict) => void state.verdicts.set(identity, verdict),
    setCallbacks: (identity, manner) => void state.manners.set(identity, manner),
    async releaseCallbacks() {
      await Promise.all(state.held.splice(0).map((post) => post()));
    },
    async settled() {
      await Promise.all(state.posting);
    },
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

function createState(options: CitrineosOptions, now: () => Date) {
  const commands: CitrineosCommand[] = [];
  const callbacks: CallbackAnswer[] = [];
  const posting: Promise<void>[] = [];
  const held: (() => Promise<void>)[] = [];
  const stations = new Map<string, CitrineosStation>();
  const verdicts = new Map<string, ChargerVerdict>();
  const manners = new Map<string, CallbackManner>();
  const reach = options.reach ?? ((url: string) => url);
  return {
    commands,
    callbacks,
    posting,
    held,
    verdicts,
    manners,
    now,
    callTimeoutMs: options.callTimeoutMs ?? 30_000,
    station(ocppIdentity: string): CitrineosStation {
      const station = stations.get(ocppIdentity) ?? new CitrineosStation();
      stations.set(ocppIdentity, station);
      return station;
    },
    post(url: string, body: unknown): Promise<void> {
      const posted = fetch(reach(url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }).then(
        ({ status }) => void callbacks.push({ url, body, status }),
        () => void callbacks.push({ url, body, status: 0 }),
      );
      posting.push(posted);
      return posted;
    },
    clear() {
      for (const list of [commands, callbacks, posting, held]) list.length = 0;
      for (const map of [stations, verdicts, manners]) map.clear();
    },
  };
}

type Judgement = { verdict: Verdict; after: () => Promise<void> };

const nothing = () => Promise.resolve();
const refuse = (status: number, reason: string, details: string[] = []): Judgement => {
  return { verdict: { status, reason, body: { error: reason, details } }, after: nothing };
};
/** HTTP 200 all the same. Source: CitrineOS, IMessageConfirmation. */
const unconfirmed = (reason: string, payload: string): Judgement => {
  return { verdict: { status: 200, reason, body: [{ success: false, payload }] }, after: nothing };
};

const PATH = /^\/ocpp\/(1\.6|2\.0\.1)\/smartcharging\/(set|clear)ChargingProfile$/;

function judge(request: SandboxRequest, options: CitrineosOptions, state: State): Judgement {
  const [, version, verb] = PATH.exec(request.path) ?? [];
  if (version !== '1.6' && version !== '2.0.1') return refuse(404, 'path-unknown');
  if (request.method !== 'POST') return refuse(405, 'method-wrong');
  const isAuthorized = options.token === undefined || request.headers['authorization'] === `Bearer ${options.token}`;
  if (!isAuthorized) return refuse(401, 'authorization-wrong');
  if (!saysJson(request)) return refuse(415, 'content-type-wrong');
  const ocppIdentity = request.query.get('identifier') ?? '';
  const tenantId = request.query.get('tenantId') ?? '1';
  if (ocppIdentity === '') return refuse(400, 'identifier-missing');
  const action: ProfileAction = verb === 'set' ? 'SetChargingProfile' : 'ClearChargingProfile';
  const payload = parseJson(request.bodyText);
  const details = schemaErrors(version, action, payload);
  if (details.length > 0) return refuse(400, 'payload-invalid', details);
  const callbackUrl = request.query.get('callbackUrl') ?? '';
  const command = { at: state.now().toISOString(), ocppIdentity, version, action, payload, callbackUrl } as const;
  const refusal = state.station(ocppIdentity).refuse(command, state.now(), options.isScheduleUnique ?? true);
  if (refusal?.status === 500) return refuse(500, 'refused', [refusal.words]);
  if (refusal !== undefined) return unconfirmed('refused', refusal.words);
  const verdict = state.verdicts.get(ocppIdentity) ?? options.verdict ?? 'Accepted';
  const isConnected = verdict !== 'offline' && verdict !== 'unknown' && tenantId === (options.tenantId ?? '1');
  if (!isConnected) return unconfirmed('offline', `No connection found for identifier: ${tenantId}:${ocppIdentity}`);
  state.commands.push(command);
  return { verdict: { status: 200, body: [{ success: true }] }, after: () => answer(command, verdict, state) };
}

/** The command on its way to the station. Only `early` keeps the confirmation waiting. */
async function answer(
  command: CitrineosCommand,
  verdict: Exclude<ChargerVerdict, 'offline' | 'unknown'>,
  state: State,
): Promise<void> {
  const station = state.station(command.ocppIdentity);
  const sent = new Promise<void>((resolve) => {
    station.send(() => {
      if (verdict === 'hang') station.occupy(state.callTimeoutMs);
      else resolve(deliver(command, verdict, state));
    });
  });
  if (state.manners.get(command.ocppIdentity) === 'early') await sent;
}

/** The station's answer, posted in the manner that was set. */
async function deliver(command: CitrineosCommand, willing: ChargerWord, state: State): Promise<void> {
  const { ocppIdentity, callbackUrl } = command;
  const manner = state.manners.get(ocppIdentity) ?? 'prompt';
  const taken = willing === 'Accepted' ? state.station(ocppIdentity).take(command) : willing;
  const body = bodyOf(command, taken === 'Unknown' ? 'Rejected' : taken, manner);
  const post = () => state.post(callbackUrl, body);
  switch (manner) {
    case 'early':
      return post();
    case 'held':
      return void state.held.push(post);
    case 'never':
      return;
    case 'twice':
      return void post().then(post);
    case 'elsewhere':
      return void postElsewhere(command, state).then(post);
    case 'prompt':
    case 'garbled':
    case 'call-error':
      return void post();
  }
}

type ChargerWord = 'Accepted' | 'Rejected' | 'NotSupported';

function bodyOf(command: CitrineosCommand, verdict: ChargerWord, manner: CallbackManner) {
  if (manner === 'garbled') return { chargers: [] };
  if (manner === 'call-error') return { _messageId: '1', _errorCode: 'NotImplemented', _errorDetails: {} };
  const { action, version } = command;
  const protocol = version === '1.6' ? 'ocpp1.6' : 'ocpp2.0.1';
  return { status: chargerStatus({ action, protocol }, verdict) };
}

async function postElsewhere({ ocppIdentity }: CitrineosCommand, state: State): Promise<void> {
  const before = state.commands.filter((command) => command.ocppIdentity === ocppIdentity).at(-2);
  if (before !== undefined) await state.post(before.callbackUrl, { status: 'Rejected' });
}
