/**
 * Commands through CitrineOS's message API: the POST is confirmed at once, the charger's verdict is posted to a
 * one-time URL of ours (CitrineOS, SmartCharging message API). Refuses no command itself; says what CitrineOS refuses.
 */
import * as z from 'zod';
import { exchange, type HttpExchange } from '../../outgoing.ts';
import { ok } from '../../result.ts';
import { parseSettings } from '../../settings.ts';
import { parseJson } from '../../json.ts';
import type { Command, CommandChannelKind, CommandIo, CommandOutcome } from '../command.ts';
import { acceptable } from './profile-form.ts';

const Settings = z.object({
  CITRINEOS_BASE_URL: z.url(),
  CITRINEOS_TENANT_ID: z.coerce.number().int().positive().default(1),
  /** Without it no Authorization header is sent: the default set-up of CitrineOS has no authentication. */
  CITRINEOS_TOKEN: z.string().min(1).optional(),
  PUBLIC_BASE_URL: z.url(),
  /** CitrineOS waits 30 s for a charger's answer, and sends what came meanwhile after that. */
  CITRINEOS_QUIET_MS: z.coerce.number().int().nonnegative().default(35_000),
});
type Settings = z.infer<typeof Settings>;

export const citrineosCommands = {
  name: 'citrineos',
  configure: (source) => {
    const settings = parseSettings(Settings, source);
    if (!settings.ok) return settings;
    return ok({
      name: 'citrineos',
      send: (command, io) => send(command, settings.value, io),
      late: { quietMs: settings.value.CITRINEOS_QUIET_MS, read: readVerdict },
      // OCPP 1.6 payloads are passed on unchecked; of OCPP 2.0.1 it enforces K01.FR.39: one profile per stack level.
      clearsFirst: (protocol) => protocol === 'ocpp2.0.1',
    });
  },
} satisfies CommandChannelKind;

/** The verdict counts whenever it comes in time, even before the confirmation, or without one. */
async function send(command: Command, settings: Settings, io: CommandIo): Promise<CommandOutcome> {
  const payload = acceptable(command, io.now);
  if (!payload.ok) return { kind: 'failed', reason: payload.error };
  const callback = io.expectCallback();
  const { promise: deadline, resolve } = Promise.withResolvers<CommandOutcome>();
  const timer = setTimeout(() => resolve({ kind: 'no-answer' }), io.timeoutMs);
  try {
    const url = urlOf(command, settings, callback.path);
    const confirmed = post(url, payload.value, settings, io.timeoutMs).then(readConfirmation);
    const verdict = callback.answer.then(readVerdict);
    return (await Promise.race([verdict, confirmed, deadline])) ?? (await Promise.race([verdict, deadline]));
  } finally {
    clearTimeout(timer);
  }
}

function urlOf({ protocol, action, ocppIdentity }: Command, settings: Settings, callbackPath: string): string {
  const query = new URLSearchParams({
    identifier: ocppIdentity,
    tenantId: String(settings.CITRINEOS_TENANT_ID),
    callbackUrl: `${withoutSlash(settings.PUBLIC_BASE_URL)}${callbackPath}`,
  });
  const method = `${action.charAt(0).toLowerCase()}${action.slice(1)}`;
  const version = protocol.slice('ocpp'.length);
  return `${withoutSlash(settings.CITRINEOS_BASE_URL)}/ocpp/${version}/smartcharging/${method}?${query.toString()}`;
}

const withoutSlash = (url: string) => url.replace(/\/+$/, '');

function post(url: string, payload: object, settings: Settings, timeoutMs: number): Promise<HttpExchange> {
  const { CITRINEOS_TOKEN: token } = settings;
  const headers = {
    'content-type': 'application/json',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  return exchange(url, { method: 'POST', headers, body: JSON.stringify(payload) }, timeoutMs);
}

/** One entry for each identifier; we name one. `payload` says in words why not. */
const Confirmation = z.object({ success: z.boolean(), payload: z.unknown().optional() });
const Confirmations = z.tuple([Confirmation], z.unknown());

/** Undefined when the command is on its way. */
function readConfirmation(exchanged: HttpExchange): CommandOutcome | undefined {
  if (exchanged.kind === 'no-answer') {
    return exchanged.cause === 'timeout' ? { kind: 'no-answer' } : { kind: 'failed', reason: exchanged.cause };
  }
  const { status, body } = exchanged;
  if (status < 200 || status >= 300) {
    // Its words are for the operator: such as an EVSE whose device model it does not know.
    return { kind: 'failed', reason: `http-${status}`, ...(body !== '' && { detail: body.slice(0, 200) }) };
  }
  const confirmations = Confirmations.safeParse(parseJson(body));
  if (!confirmations.success) return { kind: 'failed', reason: 'answer-unreadable' };
  const [{ success, payload }] = confirmations.data;
  return success ? undefined : refusalOf(typeof payload === 'string' ? payload : '');
}

/** CitrineOS says why in words only. A charger it never heard of has no connection either, so it counts as offline. */
function refusalOf(words: string): CommandOutcome {
  if (words === '' || /\bno connection\b|\bnot connected\b|\boffline\b/i.test(words)) return { kind: 'offline' };
  if (/already exists|no two charging profiles/i.test(words)) return { kind: 'occupied' };
  return { kind: 'failed', reason: `refused: ${words.slice(0, 200)}` };
}

/** A charger's CALLERROR comes under the names of CitrineOS's own error object. */
const CallError = z.looseObject({ _errorCode: z.string().optional(), errorCode: z.string().optional() });
const NOT_SUPPORTED = new Set(['NotImplemented', 'NotSupported']);

function readVerdict(payload: unknown): CommandOutcome {
  const error = CallError.safeParse(payload);
  const code = error.success ? (error.data['_errorCode'] ?? error.data.errorCode) : undefined;
  if (code === undefined) return { kind: 'answered', payload };
  return NOT_SUPPORTED.has(code)
    ? { kind: 'answered', payload: { status: 'NotSupported' } }
    : { kind: 'failed', reason: `call-error: ${code.slice(0, 50)}` };
}
