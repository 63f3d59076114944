/**
 * What it costs to read a message, place it in its session and write it for a provider, beside `JSON.parse` and `JSON.stringify` of the
 * same payload in the same run. Both versions of OCPP, both providers, ten samples.
 */
import type { Charger, OcppVersion } from '../src/charging/charger.ts';
import { readFrame } from '../src/ocpp/envelope.ts';
import { meaningOf } from '../src/ocpp/index.ts';
import { PROVIDERS } from '../src/providers/index.ts';
import type { ConfiguredProvider } from '../src/providers/provider.ts';
import { EMPTY_BOOK, type SessionBook, type Step } from '../src/sessions/book.ts';
import { record } from '../src/sessions/session-book.ts';
import { settingsOf } from '../sandbox/settings.ts';
import { medianOf, tableOf } from './table.ts';

/** At most this many times the cost of JSON alone. */
const GOAL = 3;
const ROUNDS = 21;
const ITERATIONS = 4000;
const SEEN_AT = '2026-05-12T16:10:01.000Z';
const NOW = Date.parse(SEEN_AT);

const CHARGER: Charger = {
  chargePointId: '37b0002a4f05651178f415e4',
  ocppIdentity: 'KEBA-P30-17619300',
  protocol: 'ocpp1.6',
  evses: [{ evseId: 1, emi3Id: 'NL*STK*E000002', capabilities: [], connectors: [{ connectorId: '1' }] }],
};

const PHASES = ['L1', 'L2', 'L3'] as const;

/** Voltage, current and power of three phases, and the register: ten samples. */
const SAMPLES = [
  ...PHASES.map((phase) => ({ measurand: 'Voltage', phase: `${phase}-N`, unit: 'V', number: 230.4 })),
  ...PHASES.map((phase) => ({ measurand: 'Current.Import', phase, unit: 'A', number: 15.93 })),
  ...PHASES.map((phase) => ({ measurand: 'Power.Active.Import', phase: `${phase}-N`, unit: 'W', number: 3670.3 })),
  { measurand: 'Energy.Active.Import.Register', unit: 'Wh', number: 165_333 },
];

const sampled16 = SAMPLES.map(({ number, ...sample }) => ({
  value: String(number),
  context: 'Sample.Periodic',
  ...sample,
}));
const sampled201 = SAMPLES.map(({ number, unit, ...sample }) => ({
  value: number,
  context: 'Sample.Periodic',
  ...sample,
  unitOfMeasure: { unit },
}));

/** For each version: what starts a session, and the message that is measured. */
const MESSAGES: Readonly<
  Record<OcppVersion, { readonly start: unknown; readonly response?: unknown; readonly message: unknown }>
> = {
  'ocpp1.6': {
    start: [2, 's', 'StartTransaction', { connectorId: 1, idTag: '04A3C1F2B95E80', meterStart: 0, timestamp: SEEN_AT }],
    response: { transactionId: 48120079, idTagInfo: { status: 'Accepted' } },
    message: [
      2,
      '43f7ed2e-9636-4916-bff3-eb96402fd58d',
      'MeterValues',
      { connectorId: 1, transactionId: 48120079, meterValue: [{ timestamp: SEEN_AT, sampledValue: sampled16 }] },
    ],
  },
  'ocpp2.0.1': {
    start: [
      2,
      's',
      'TransactionEvent',
      {
        eventType: 'Started',
        timestamp: SEEN_AT,
        triggerReason: 'Authorized',
        seqNo: 0,
        transactionInfo: { transactionId: 'e4b21105-9636-4916-bff3-eb96402fd58d' },
        evse: { id: 1, connectorId: 1 },
      },
    ],
    message: [
      2,
      '43f7ed2e-9636-4916-bff3-eb96402fd58d',
      'TransactionEvent',
      {
        eventType: 'Updated',
        timestamp: SEEN_AT,
        triggerReason: 'MeterValuePeriodic',
        seqNo: 1,
        transactionInfo: { transactionId: 'e4b21105-9636-4916-bff3-eb96402fd58d', chargingState: 'Charging' },
        meterValue: [{ timestamp: SEEN_AT, sampledValue: sampled201 }],
      },
    ],
  },
};

function recordFrame(book: SessionBook, protocol: OcppVersion, raw: unknown, response?: unknown): Step {
  const frame = readFrame(raw);
  if (!frame.ok) throw new Error(frame.error);
  const meaning = meaningOf({ protocol, direction: 'cs', frame: frame.value, seenAt: SEEN_AT, response });
  if (!meaning.ok || !meaning.value.interest) throw new Error('the message means nothing');
  let step: Step = { book, events: [], kept: [] };
  for (const message of meaning.value.messages) {
    const next = record(step.book, message, { chargePointId: CHARGER.chargePointId, seq: 1, nowMs: NOW });
    step = { ...next, events: [...step.events, ...next.events] };
  }
  return step;
}

/** Nanoseconds that one call takes, over many. */
function timeOf(work: () => unknown): number {
  const startedAt = process.hrtime.bigint();
  for (let iteration = 0; iteration < ITERATIONS; iteration += 1) sink = work();
  return Number(process.hrtime.bigint() - startedAt) / ITERATIONS;
}

/** Keeps results alive, so that nothing is optimised away. */
let sink: unknown;

function compare(protocol: OcppVersion, provider: ConfiguredProvider): readonly [baseNs: number, ourNs: number] {
  const { start, response, message } = MESSAGES[protocol];
  const { book } = recordFrame(EMPTY_BOOK, protocol, start, response);
  const text = JSON.stringify(message);
  const base = () => JSON.stringify(JSON.parse(text));
  const ours = () =>
    recordFrame(book, protocol, JSON.parse(text)).events.map((event) =>
      provider.translate(event, { charger: CHARGER, seqNo: 1 }).map(({ body }) => JSON.stringify(body)),
    );
  const written = ours().flat();
  if (written.length === 0) throw new Error('nothing was written');
  const rounds = Array.from({ length: ROUNDS }, () => [timeOf(base), timeOf(ours)] as const).slice(1);
  return [medianOf(rounds.map(([ns]) => ns)), medianOf(rounds.map(([, ns]) => ns))];
}

const settings = settingsOf({
  stekkerUrl: 'http://a.invalid',
  jedlixUrl: 'http://b.invalid',
  csmsUrl: 'http://c.invalid',
});
const rows = (['ocpp1.6', 'ocpp2.0.1'] as const).flatMap((protocol) =>
  PROVIDERS.flatMap(({ name, configure }) => {
    const provider = configure(settings);
    if (!provider.ok || provider.value === undefined) throw new Error(`${name} is not configured`);
    const [baseNs, ourNs] = compare(protocol, provider.value);
    return [[`${protocol} → ${name}`, baseNs / 1000, ourNs / 1000, ourNs / baseNs] as const];
  }),
);

console.log(
  'Reading, session book and writing of a 10-sample meter reading, beside JSON.parse + JSON.stringify of it\n',
);
console.log(tableOf(['charger → provider', 'JSON µs', 'ours µs', 'ratio'], rows));
const isGood = rows.every(([, , , ratio]) => ratio <= GOAL);
console.log(`\ngoal: ratio at most ${GOAL}: ${isGood ? 'reached' : 'missed'}${sink === undefined ? '' : ''}`);
process.exitCode = isGood ? 0 : 1;
