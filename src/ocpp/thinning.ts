/**
 * Makes a message that ends a session as short as it has to be, in the words of its own version. Readings go first:
 * those that say how the session went, not those that say how it began and ended. Pure.
 */
import type { OcppMessage } from './index.ts';
import { instant, isObject, list, text, type Json } from './tolerant.ts';

/** How many samples a message had, and how many are left. */
export type Thinned = { readonly samples: number; readonly kept: number };

/** What is left of a message. */
export type Shorter = { readonly payload: Json; readonly response?: unknown; readonly thinned: Thinned };

type Samples = { readonly entry: Json; readonly samples: readonly unknown[] };
type Keeps = (entry: number, sample: number) => boolean;

/** Contexts of the samples that say how a session began and ended. */
const ENDS = new Set(['Transaction.Begin', 'Transaction.End']);
/** Of the samples between, every 2nd, 4th … up to this one is tried before all of them are left out. */
const MAX_STRIDE = 65_536;

/**
 * What `fits` of a message that ends a session; undefined of any other. The first and last sample of each measurand,
 * phase, context and location are kept, and of the others as many as fit, evenly. What is too long without any of them
 * keeps only the fields that a session's end is read from.
 */
export function thinned(message: OcppMessage, fits: (shorter: Shorter) => boolean): Shorter | undefined {
  const payload = endOf(message);
  if (payload === undefined) return undefined;
  const field = READINGS[message.protocol];
  const entries = list(payload[field]).map((entry) => ({
    entry: isObject(entry) ? entry : {},
    samples: isObject(entry) ? list(entry['sampledValue']) : [],
  }));
  const samples = entries.reduce((sum, entry) => sum + entry.samples.length, 0);
  const { response } = message;
  for (const keeps of choices(entries)) {
    const left = keptOf(entries, keeps);
    const shorter = { payload: { ...payload, [field]: left.list }, response, thinned: { samples, kept: left.kept } };
    if (fits(shorter)) return shorter;
  }
  return { payload: bare(payload), response: isObject(response) && bare(response), thinned: { samples, kept: 0 } };
}

/** Which samples to keep, from many to none. */
function* choices(entries: readonly Samples[]): Generator<Keeps> {
  const edges = edgesOf(entries);
  const isEdge: Keeps = (entry, sample) => edges.has(`${entry}.${sample}`);
  const isEnd: Keeps = (entry, sample) => ENDS.has(textOf(entries[entry]?.samples[sample], 'context'));
  for (let stride = 2; stride <= MAX_STRIDE; stride *= 2) {
    yield (entry, sample) => entry % stride === 0 || isEdge(entry, sample) || isEnd(entry, sample);
  }
  yield (entry, sample) => isEdge(entry, sample) || isEnd(entry, sample);
  yield isEdge;
  yield () => false;
}

/**
 * The first and last sample, by time, of everything that is measured; by the order of the list where no time is said.
 */
function edgesOf(entries: readonly Samples[]): ReadonlySet<string> {
  const first = new Map<string, string>();
  const last = new Map<string, string>();
  for (const index of inOrderOfTime(entries)) {
    for (const [sample, value] of (entries[index]?.samples ?? []).entries()) {
      const key = ['measurand', 'phase', 'context', 'location'].map((name) => textOf(value, name)).join('|');
      if (!first.has(key)) first.set(key, `${index}.${sample}`);
      last.set(key, `${index}.${sample}`);
    }
  }
  return new Set([...first.values(), ...last.values()]);
}

function inOrderOfTime(entries: readonly Samples[]): readonly number[] {
  let lastMs = Number.NEGATIVE_INFINITY;
  const times = entries.map(({ entry }) => {
    const at = Date.parse(instant(entry['timestamp']) ?? '');
    lastMs = Number.isNaN(at) ? lastMs : at;
    return lastMs;
  });
  return times.map((_, index) => index).toSorted((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
}

function keptOf(entries: readonly Samples[], keeps: Keeps): { readonly list: readonly Json[]; readonly kept: number } {
  let kept = 0;
  const left = entries.flatMap(({ entry, samples }, index) => {
    const sampledValue = samples.filter((_, sample) => keeps(index, sample));
    kept += sampledValue.length;
    return sampledValue.length === 0 ? [] : [{ ...entry, sampledValue }];
  });
  return { list: left, kept };
}

const textOf = (value: unknown, field: string) => (isObject(value) ? (text(value[field]) ?? '') : '');

/** Where the readings stand in a message that ends a session. */
const READINGS = { 'ocpp1.6': 'transactionData', 'ocpp2.0.1': 'meterValue' } as const;

/** The payload of a message that ends a session. */
function endOf({ protocol, direction, frame }: OcppMessage): Json | undefined {
  if (direction !== 'cs' || frame.type !== 'call') return undefined;
  const { action, payload } = frame;
  const isEnd =
    protocol === 'ocpp1.6'
      ? action === 'StopTransaction'
      : action === 'TransactionEvent' && payload['eventType'] === 'Ended';
  return isEnd ? payload : undefined;
}

/** What a session's end is read from, beside its readings, in both versions. */
const END_FIELDS = new Set(
  (
    'transactionId meterStop timestamp idTag reason idTagInfo status eventType triggerReason seqNo offline ' +
    'transactionInfo chargingState stoppedReason evse id connectorId idToken type'
  ).split(' '),
);
/** No such field is longer. */
const MAX_FIELD_LENGTH = 255;

/** The end of a session and nothing else. */
function bare(fields: Json, levels = 1): Json {
  const left = Object.entries(fields).flatMap(([name, value]) => {
    if (!END_FIELDS.has(name)) return [];
    if (isObject(value)) return levels === 0 ? [] : [[name, bare(value, levels - 1)] as const];
    return JSON.stringify(value).length > MAX_FIELD_LENGTH ? [] : [[name, value] as const];
  });
  return Object.fromEntries(left);
}
