/** Jedlix: takes OCPP 2.0.1 TransactionEvents, authenticated by OAuth; paired by a code of its app or of ours. */
import type { ChargeEvent } from '../../charging/charge-event.ts';
import { problem } from '../../problem.ts';
import { err, ok } from '../../result.ts';
import { credentialOf, recognise } from '../../secret.ts';
import { readPairingAnswer } from '../pairing-answer.ts';
import type { ConfiguredProvider, Provider } from '../provider.ts';
import { check, send } from './client.ts';
import { pairingRoutes } from './inbound.ts';
import { profileRoutes } from './inbound-profile.ts';
import { readSettings, type JedlixSettings } from './settings.ts';
import { pairingBody } from './station.ts';
import { translate } from './translate.ts';
import { classify } from './unpair.ts';

const configured = (settings: JedlixSettings): ConfiguredProvider => ({
  name: 'jedlix',
  translate: (event, context) => translate(event, context, settings),
  send: (message, io) => send(message, settings, io),
  classify,
  pair: async ({ code, charger, target }, io) => {
    const details = pairingBody(charger, target);
    if (details === undefined) return err(problem('pairing-invalid', 'The charger has no EVSE with this uid.'));
    const protocol = target.format === 'ocpp' ? settings.JEDLIX_PAYLOAD_PROTOCOL : 'ocpi2.2';
    const path = `/v1/scsp/${protocol}/pair`;
    const message = { name: 'Pair', method: 'POST', path, body: { code, ...details } } as const;
    return readPairingAnswer(await send(message, settings, io), io.now);
  },
  issuedCodeFormats: ['ocpp', 'ocpi'],
  check: (io) => check(settings, io),
  recognise: (headers) =>
    recognise(credentialOf(headers.get('authorization') ?? undefined), settings.JEDLIX_INBOUND_TOKENS),
});

const WANTED: ReadonlySet<ChargeEvent['kind']> = new Set([
  'session-started',
  'session-updated',
  'session-ended',
  'unpaired',
]);

export const jedlix = {
  name: 'jedlix',
  wants: ({ kind }) => WANTED.has(kind),
  configure: (source) => {
    const settings = readSettings(source);
    return settings.ok ? ok(settings.value && configured(settings.value)) : settings;
  },
  inbound: [...pairingRoutes, ...profileRoutes],
} satisfies Provider;
