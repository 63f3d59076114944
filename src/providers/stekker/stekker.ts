/** Stekker: takes OCPP 1.6 messages in an envelope of its own; paired by a code of its app. */
import type { ChargeEvent } from '../../charging/charge-event.ts';
import { ok } from '../../result.ts';
import { stepsOfProbe } from '../check.ts';
import { classifyByHttp } from '../../http-outcome.ts';
import { readPairingAnswer } from '../pairing-answer.ts';
import type { ConfiguredProvider, Provider } from '../provider.ts';
import { probe, send } from './client.ts';
import { chargePointDetails } from './details.ts';
import { inboundRoutes, recogniseKey } from './inbound.ts';
import { readSettings, type StekkerSettings } from './settings.ts';
import { EVENTS_PATH, translate } from './translate.ts';

const WANTED: ReadonlySet<ChargeEvent['kind']> = new Set([
  'session-started',
  'session-updated',
  'session-ended',
  'connector-status-changed',
  'charger-details-changed',
]);

const configured = (settings: StekkerSettings): ConfiguredProvider => ({
  name: 'stekker',
  translate: (event, context) => translate(event, context, settings),
  details: (charger) => chargePointDetails(charger, settings),
  send: (message, io) => send(message, settings, io),
  classify: classifyByHttp,
  pair: async ({ code, charger }, io) => {
    const body = chargePointDetails(charger, settings, code);
    const exchanged = await send({ name: body.event, method: 'PUT', path: EVENTS_PATH, body }, settings, io);
    return readPairingAnswer(exchanged, io.now);
  },
  issuedCodeFormats: [],
  check: async (io) => stepsOfProbe(await probe(settings, io)),
  recognise: (headers) => recogniseKey(headers, settings.STEKKER_INBOUND_KEY),
});

export const stekker = {
  name: 'stekker',
  wants: ({ kind }) => WANTED.has(kind),
  isPairedByDetails: true,
  configure: (source) => {
    const settings = readSettings(source);
    return settings.ok ? ok(settings.value && configured(settings.value)) : settings;
  },
  inbound: inboundRoutes,
} satisfies Provider;
