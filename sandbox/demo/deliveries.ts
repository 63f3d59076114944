// What a session message at a provider says, as flat facts that can be compared with a recording; it judges nothing.
import type { Received } from '../journal.ts';
import { listAt, numberAt, textAt, valueAt } from './json.ts';

/** What must be right in a message: one entry per field, one per sampled value. A fact that is absent has no entry. */
export type Facts = Readonly<Record<string, string>>;

/** One message. `name` tells it from the others of its session, whatever is right or wrong in it. */
export type Delivery = { readonly name: string; readonly facts: Facts };

/** An OCPP 1.6 request with what was answered, and the charger it is about as Stekker knows it. */
export type StekkerMessage = {
  chargePointId: string;
  evseId: string;
  method: string;
  params: unknown;
  response: unknown;
};

/** Reads a request that Stekker received. */
export function readStekkerDelivery({ method, path, body }: Received): Delivery {
  if (method !== 'POST' || path !== '/api/v1/events') return { name: `${method} ${path}`, facts: {} };
  return stekkerDelivery({
    chargePointId: textAt(body, 'chargePointId'),
    evseId: textAt(body, 'evseId'),
    method: textAt(body, 'event', 'method'),
    params: valueAt(body, 'event', 'params'),
    response: valueAt(body, 'response') ?? valueAt(body, 'event', 'response'),
  });
}

/** The facts of an OCPP 1.6 message. A status has no time: OCPP 1.6 leaves it optional. */
export function stekkerDelivery({ chargePointId, evseId, method, params, response }: StekkerMessage): Delivery {
  const named = { charger: chargePointId, evse: evseId, connector: textAt(params, 'connectorId') };
  const started = method === 'StartTransaction';
  const transaction = textAt(started ? response : params, 'transactionId');
  const readings = [...listAt(params, 'meterValue'), ...listAt(params, 'transactionData')];
  const facts = {
    ...named,
    transaction,
    card: textAt(params, 'idTag'),
    cardStatus: started ? textAt(response, 'idTagInfo', 'status') : '',
    status: textAt(params, 'status'),
    errorCode: textAt(params, 'errorCode'),
    meterStartWh: textAt(params, 'meterStart'),
    meterStopWh: textAt(params, 'meterStop'),
    reason: textAt(params, 'reason'),
    at: method === 'StatusNotification' ? '' : instant(textAt(params, 'timestamp')),
    ...sampleFacts(readings),
  };
  return { name: [method, distinction(method, params)].filter(Boolean).join(' '), facts: present(facts) };
}

/** Reads a request that Jedlix received; `seqNo` is no fact, because one missing event would shift all that follow. */
export function readJedlixDelivery({ method, path, body }: Received): Delivery {
  const uid = /^\/v1\/scsp\/chargingstations\/([^/]+)\/events\/ocpp2\.0\.1\/TransactionEvent$/.exec(path)?.[1];
  if (method !== 'POST' || uid === undefined) return { name: `${method} ${path}`, facts: {} };
  const info = valueAt(body, 'transactionInfo');
  const facts = {
    charger: decodeURIComponent(uid),
    evse: textAt(body, 'evse', 'id'),
    connector: textAt(body, 'evse', 'connectorId'),
    transaction: textAt(info, 'transactionId'),
    trigger: textAt(body, 'triggerReason'),
    chargingState: textAt(info, 'chargingState'),
    stoppedReason: textAt(info, 'stoppedReason'),
    card: [textAt(body, 'idToken', 'idToken'), textAt(body, 'idToken', 'type')].filter(Boolean).join(' '),
    at: instant(textAt(body, 'timestamp')),
    ...sampleFacts(listAt(body, 'meterValue')),
  };
  return { name: jedlixName(textAt(body, 'eventType'), body), facts: present(facts) };
}

/** The name of a TransactionEvent: an update goes by the time of its reading or, without one, by its charging state. */
export function jedlixName(eventType: string, body: unknown): string {
  if (eventType !== 'Updated') return eventType;
  return `Updated ${clock(textAt(body, 'meterValue', 0, 'timestamp')) || textAt(body, 'transactionInfo', 'chargingState')}`;
}

/** One fact per sampled value of either OCPP version, with OCPP's defaults where the message leaves them out. */
export function sampleFacts(meterValues: readonly unknown[]): Facts {
  const facts: Record<string, string> = {};
  for (const meterValue of meterValues) {
    for (const sample of listAt(meterValue, 'sampledValue')) {
      const measurand = textAt(sample, 'measurand') || 'Energy.Active.Import.Register';
      const context = textAt(sample, 'context') || 'Sample.Periodic';
      const place = [textAt(sample, 'phase'), textAt(sample, 'location') || 'Outlet', context].filter(Boolean);
      const key = `${instant(textAt(meterValue, 'timestamp'))} ${measurand} ${place.join(' ')}`;
      const earlier = facts[key];
      facts[key] = earlier === undefined ? quantity(sample) : `${earlier} and ${quantity(sample)}`;
    }
  }
  return facts;
}

/** The same instant in one spelling. */
export function instant(text: string): string {
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? text : new Date(atMs).toISOString();
}

/** An entry for every fact that is there. */
export function present(facts: Record<string, string>): Facts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== ''));
}

function distinction(method: string, params: unknown): string {
  if (method === 'StatusNotification') return textAt(params, 'status');
  return method === 'MeterValues' ? clock(textAt(params, 'meterValue', 0, 'timestamp')) : '';
}

function clock(text: string): string {
  return instant(text).slice(11, 23);
}

/** 1.6 says `value` as text and `unit`, 2.0.1 a number and `unitOfMeasure` with a power of ten. */
function quantity(sample: unknown): string {
  const unit = textAt(sample, 'unit') || textAt(sample, 'unitOfMeasure', 'unit') || 'Wh';
  const value = Number(textAt(sample, 'value')) * 10 ** (numberAt(sample, 'unitOfMeasure', 'multiplier') ?? 0);
  return `${value} ${unit}`;
}
