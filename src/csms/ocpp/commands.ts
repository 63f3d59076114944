/** Commands in our own format: one POST, signed by Standard Webhooks, which is answered with the charger's verdict. */
import * as z from 'zod';
import { exchange, type HttpExchange } from '../../outgoing.ts';
import { ok } from '../../result.ts';
import { parseJsonObject } from '../../json.ts';
import { parseSettings } from '../../settings.ts';
import { signedHeaders, webhookSecret } from '../../standard-webhooks.ts';
import type { CommandChannelKind, CommandOutcome } from '../command.ts';

const Settings = z.object({ CSMS_COMMAND_URL: z.url(), CSMS_COMMAND_SECRET: webhookSecret });

export const ocppCommands = {
  name: 'ocpp',
  configure: (source) => {
    const settings = parseSettings(Settings, source);
    if (!settings.ok) return settings;
    const { CSMS_COMMAND_URL: url, CSMS_COMMAND_SECRET: secret } = settings.value;
    return ok({
      name: 'ocpp',
      send: async (command, { timeoutMs, now }) => {
        const body = JSON.stringify(command);
        const signed = signedHeaders(secret, { id: command.id, timestampS: Math.floor(now / 1000), body });
        const headers = { 'content-type': 'application/json', ...signed };
        return outcomeOf(await exchange(url, { method: 'POST', headers, body }, timeoutMs));
      },
    });
  },
} satisfies CommandChannelKind;

/** A gateway's 504 and a 408 mean the same as our own timeout. A 200 must have the charger's answer. */
function outcomeOf(exchanged: HttpExchange): CommandOutcome {
  if (exchanged.kind === 'no-answer') {
    return exchanged.cause === 'timeout' ? { kind: 'no-answer' } : { kind: 'failed', reason: exchanged.cause };
  }
  const { status, body } = exchanged;
  if (status === 404) return { kind: 'unknown' };
  if (status === 503) return { kind: 'offline' };
  if (status === 408 || status === 504) return { kind: 'no-answer' };
  if (status !== 200) return { kind: 'failed', reason: `http-${status}` };
  const payload = parseJsonObject(body);
  return payload === undefined ? { kind: 'failed', reason: 'answer-unreadable' } : { kind: 'answered', payload };
}
