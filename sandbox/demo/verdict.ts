// Compares what a provider received with what it must have received; every difference is one sentence, and none means all is well.
import type { Counts, Received } from '../journal.ts';
import type { Delivery, Facts } from './deliveries.ts';
import { numberAt } from './json.ts';
import type { Tally } from './replay.ts';

/** Everything one provider received of a session, how it judged it, and what it must have received. */
export type Observation = {
  readonly provider: string;
  readonly expected: readonly Delivery[];
  readonly received: readonly Received[];
  readonly counts: Readonly<Counts>;
  readonly read: (entry: Received) => Delivery;
};

/** Registers in Wh: as a recording has them, or as a provider was told. */
export type Registers = { readonly startWh: number | undefined; readonly stopWh: number | undefined };

/** What is wrong at one provider: refused, missing, more than once, unexpected, out of order, or different in content. */
export function findFaults({ provider, expected, received, counts, read }: Observation): string[] {
  const refused = received.filter(({ status }) => status !== 200);
  const accepted = received.filter(({ status }) => status === 200).map(read);
  const faults = [
    ...refused.map((entry) => `refused: ${read(entry).name} (${entry.status} ${entry.reason ?? 'without a reason'})`),
    ...countFaults(counts, refused.length),
    ...differences(expected, accepted),
  ];
  return faults.map((fault) => `${provider}: ${fault}`);
}

/** What is missing, what is there too often or for no reason, and which of the rest came too early or says something else. */
export function differences(expected: readonly Delivery[], received: readonly Delivery[]): string[] {
  const arrived = paired(expected, received);
  const matched = paired(received, expected);
  const missing = expected.filter((delivery) => !arrived.has(delivery));
  const surplus = received.filter((delivery) => !matched.has(delivery));
  const names = new Set(expected.map(({ name }) => name));
  return [
    ...missing.map(({ name }) => `missing: ${name}`),
    ...surplus.map(({ name }) => (names.has(name) ? `more than once: ${name}` : `unexpected: ${name}`)),
    ...orderFaults(
      expected.filter((delivery) => arrived.has(delivery)),
      received.filter((delivery) => matched.has(delivery)),
    ),
    ...expected.flatMap((delivery) => factFaults(delivery, arrived.get(delivery))),
  ];
}

/** Whether TransactionEvents are numbered 0, 1, 2 … in the order in which they were accepted. */
export function findSeqNoFaults(received: readonly Received[]): string[] {
  const seqNos = received.filter(({ status }) => status === 200).map(({ body }) => numberAt(body, 'seqNo'));
  const wrong = seqNos.findIndex((seqNo, index) => seqNo !== index);
  return wrong < 0 ? [] : [`Jedlix: event ${wrong + 1} has seqNo ${seqNos[wrong] ?? 'missing'} instead of ${wrong}`];
}

/** Whether the edge accounts for every webhook. */
export function findTallyFaults({ posted, received, duplicates, ignored, rejected }: Tally): string[] {
  const told = received + duplicates + ignored + rejected;
  return told === posted ? [] : [`of ${posted} webhooks the edge accounts for ${told}`];
}

/** Whether a provider was told the registers of the recording. */
export function findRegisterFaults(provider: string, recorded: Registers, told: Registers): string[] {
  return (['startWh', 'stopWh'] as const)
    .filter((end) => told[end] !== recorded[end])
    .map((end) => `${provider}: ${end} is ${told[end] ?? 'missing'} instead of ${recorded[end] ?? 'missing'}`);
}

function countFaults({ refused, duplicates, outOfOrder }: Readonly<Counts>, refusedEntries: number): string[] {
  return [
    ...(refused <= refusedEntries ? [] : [`counts ${refused} refused`]),
    ...(duplicates === 0 ? [] : [`counts ${duplicates} duplicates`]),
    ...(outOfOrder === 0 ? [] : [`counts ${outOfOrder} out of order`]),
  ];
}

/** Each delivery of one list with its counterpart in the other: of several with the same name, the first with the first. */
function paired(from: readonly Delivery[], to: readonly Delivery[]): Map<Delivery, Delivery> {
  const left = new Map<string, Delivery[]>();
  for (const delivery of to) left.set(delivery.name, [...(left.get(delivery.name) ?? []), delivery]);
  const pairs = new Map<Delivery, Delivery>();
  for (const delivery of from) {
    const counterpart = left.get(delivery.name)?.shift();
    if (counterpart) pairs.set(delivery, counterpart);
  }
  return pairs;
}

/** Both lists hold the same names, in whatever order; only the first place is told, since all that follows is off as well. */
function orderFaults(expected: readonly Delivery[], received: readonly Delivery[]): string[] {
  const place = expected.findIndex(({ name }, index) => received[index]?.name !== name);
  const [due, came] = [expected[place], received[place]];
  return due && came ? [`out of order: ${came.name} came where ${due.name} was due`] : [];
}

function factFaults({ name, facts: expected }: Delivery, received: Delivery | undefined): string[] {
  const found: Facts = received?.facts ?? expected;
  return [...new Set([...Object.keys(expected), ...Object.keys(found)])]
    .filter((fact) => expected[fact] !== found[fact])
    .map((fact) => `${name}: ${fact} is ${found[fact] ?? 'absent'} instead of ${expected[fact] ?? 'absent'}`);
}
