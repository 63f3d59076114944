/** Jedlix: OCPP 2.0.1 TransactionEvents behind OAuth, paired by a code of its app or by one of ours. Wiring only. */
import { problem } from '../../problem.ts';
import { err, ok } from '../../result.ts';
import { classifyByHttp } from '../exchange.ts';
import { readPairingAnswer } from '../pairing-answer.ts';
import type { ConfiguredProvider, PairingTarget, Provider, ProviderMessage } from '../provider.ts';
import { send } from './client.ts';
import { inboundRoutes } from './inbound.ts';
import { readSettings, type JedlixSettings } from './settings.ts';
import { pairingBody } from './station.ts';
import { translate } from './translate.ts';

const configured = (settings: JedlixSettings): ConfiguredProvider => ({
  name: 'jedlix',
  translate: (event, context) => translate(event, context, settings),
  send: (message, io) => send(message, settings, io),
  classify: classifyByHttp,
  pair: async ({ code, charger, target }, io) => {
    const details = pairingBody(charger, target);
    if (details === undefined) return err(problem('pairing-invalid', 'The charger has no EVSE with this uid.'));
    const protocol = target.format === 'ocpp' ? settings.JEDLIX_PAYLOAD_PROTOCOL : 'ocpi2.2';
    const message = post('Pair', `/v1/scsp/${protocol}/pair`, { code, ...details });
    return readPairingAnswer(await send(message, settings, io), io.now);
  },
  unpair: (charger, target, io) => send(post('Unpair', unpairPath(charger.chargePointId, target), {}), settings, io),
  issuedCodeFormats: ['ocpp', 'ocpi'],
});

const post = (name: string, path: string, body: unknown): ProviderMessage => ({ name, method: 'POST', path, body });

function unpairPath(chargePointId: string, target: PairingTarget): string {
  return target.format === 'ocpp'
    ? `/v1/scsp/chargingstations/${encodeURIComponent(chargePointId)}/unpair`
    : `/v1/scsp/evse/${encodeURIComponent(target.evseUid)}/unpair`;
}

export const jedlix = {
  name: 'jedlix',
  wants: ({ kind }) => kind === 'session-started' || kind === 'session-updated' || kind === 'session-ended',
  configure: (source) => {
    const settings = readSettings(source);
    return settings.ok ? ok(settings.value && configured(settings.value)) : settings;
  },
  routes: inboundRoutes,
} satisfies Provider;
