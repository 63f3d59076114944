// A stand-in of a CSMS: its command endpoint, its webhooks and where it takes notifications; it refuses what is not signed, and payloads that no charger of that OCPP version would take.
import { Webhook } from 'standardwebhooks';
import * as z from 'zod';
import { chargerStatus, readCommand, type ChargerVerdict, type Command } from './csms-commands.ts';
import { startHttpServer, type FaultPlan, type SandboxRequest } from './http-server.ts';
import { createJournal, parseJson, saysJson, type Counts, type Received, type Verdict } from './journal.ts';

/** How the stand-in is set up. The secrets are the `whsec_…` under which the edge signs; without `eventsSecret` it takes no notifications. */
export type CsmsOptions = {
  commandSecret: string;
  eventsSecret?: string;
  verdict?: ChargerVerdict;
  port?: number;
  faults?: FaultPlan;
  now?: () => Date;
};

/** A command that passed every check, and what became of it. */
export type ReceivedCommand = Command & { at: string; verdict: ChargerVerdict };

/** A notification with a right signature, and its `webhook-id`. */
export type Notification = { id: string; type: string; timestamp: string; data: unknown };

/** A charger that reads what it is sent. */
export type ConnectedCharger = (command: Command) => ChargerVerdict;

/** The running stand-in. A command stands in `commands` when it is valid, whatever its charger said; one with a known id is a duplicate. */
export type Csms = {
  readonly url: string;
  readonly commandUrl: string;
  readonly eventsUrl: string;
  readonly received: Received[];
  readonly counts: Readonly<Counts>;
  readonly commands: ReceivedCommand[];
  /** In the order of arrival; a repeat is not kept again. */
  readonly notifications: Notification[];
  commandsFor: (chargePointId: string) => ReceivedCommand[];
  /** Decides what one charger answers from now on; the others answer `options.verdict`, by default Accepted. */
  setVerdict: (chargePointId: string, verdict: ChargerVerdict) => void;
  /** Hands the valid commands for one charger to it from now on; it decides for itself. */
  connect: (chargePointId: string, charger: ConnectedCharger) => void;
  setFaults: (faults?: FaultPlan) => void;
  reset: () => void;
  close: () => Promise<void>;
};

const Notified = z.strictObject({ type: z.string().min(1), timestamp: z.iso.datetime(), data: z.looseObject({}) });

type State = {
  commands: ReceivedCommand[];
  notifications: Notification[];
  chargers: Map<string, ConnectedCharger>;
  now: () => Date;
};

/** Starts the stand-in. */
export async function startCsms(options: CsmsOptions): Promise<Csms> {
  const now = options.now ?? (() => new Date());
  const journal = createJournal(now);
  const state: State = { commands: [], notifications: [], chargers: new Map(), now };
  const server = await startHttpServer({
    port: options.port,
    faults: options.faults,
    onFault: journal.noteFault,
    handle(request) {
      const verdict = judge(request, options, state);
      journal.note(request, verdict === 'hang' ? { status: 0, reason: 'charger-hangs' } : verdict);
      return verdict === 'hang' ? new Promise(() => undefined) : verdict;
    },
  });
  return {
    url: server.url,
    commandUrl: `${server.url}/commands`,
    eventsUrl: `${server.url}/events`,
    received: journal.received,
    counts: journal.counts,
    commands: state.commands,
    notifications: state.notifications,
    commandsFor: (chargePointId) => state.commands.filter((command) => command.chargePointId === chargePointId),
    setVerdict: (chargePointId, verdict) => void state.chargers.set(chargePointId, () => verdict),
    connect: (chargePointId, charger) => void state.chargers.set(chargePointId, charger),
    setFaults: server.setFaults,
    reset() {
      journal.clear();
      state.commands.length = 0;
      state.notifications.length = 0;
      state.chargers.clear();
      server.setFaults();
    },
    close: server.close,
  };
}

function judge(request: SandboxRequest, options: CsmsOptions, state: State): Verdict | 'hang' {
  const isNotification = request.path === '/events' && options.eventsSecret !== undefined;
  if (request.path !== '/commands' && !isNotification) return refuse(404, 'path-unknown');
  if (request.method !== 'POST') return refuse(405, 'method-wrong');
  if (!saysJson(request)) return refuse(415, 'content-type-wrong');
  const secret = isNotification ? options.eventsSecret : options.commandSecret;
  if (!isSigned(request, secret ?? '')) return refuse(401, 'signature-wrong');
  if (isNotification) return take(request, state);
  const command = readCommand(parseJson(request.bodyText));
  if ('reason' in command) return refuse(command.status, command.reason, command.details);
  const charger = state.chargers.get(command.chargePointId);
  const verdict = charger?.(command) ?? options.verdict ?? 'Accepted';
  const isRepeated = state.commands.some(({ id }) => id === command.id);
  state.commands.push({ ...command, at: state.now().toISOString(), verdict });
  if (verdict === 'hang') return verdict;
  return isRepeated ? { ...answerTo(command, verdict), countsAs: 'duplicates' } : answerTo(command, verdict);
}

function take({ headers, bodyText }: SandboxRequest, { notifications }: State): Verdict {
  const notification = Notified.safeParse(parseJson(bodyText));
  if (!notification.success) return refuse(400, 'notification-wrong');
  const id = headers['webhook-id'] ?? '';
  if (notifications.some((known) => known.id === id)) return { status: 204, countsAs: 'duplicates' };
  notifications.push({ id, ...notification.data });
  return { status: 204 };
}

function answerTo(command: Command, verdict: Exclude<ChargerVerdict, 'hang'>): Verdict {
  if (verdict === 'offline') return refuse(503, 'charger-offline');
  if (verdict === 'unknown') return refuse(404, 'charger-unknown');
  return { status: 200, body: { status: chargerStatus(command, verdict) } };
}

function isSigned({ headers, bodyText }: SandboxRequest, secret: string): boolean {
  try {
    new Webhook(secret).verify(bodyText, headers);
    return true;
  } catch {
    return false;
  }
}

function refuse(status: number, reason: string, details: string[] = []): Verdict {
  return { status, reason, body: { error: reason, details } };
}
