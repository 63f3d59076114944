// Shows a replay as it goes: what the CSMS posted, and beside it what each provider received because of it.
import type { Received } from '../journal.ts';
import type { RecordedEvent } from '../recordings.ts';
import { essentialsOf } from './essentials.ts';
import type { ExpectedDelivery } from './expectation.ts';
import { textAt } from './json.ts';
import { until } from './polling.ts';
import type { Replay } from './replay.ts';
import { bar, type Screen } from './screen.ts';

/** One provider's side of the timeline. */
export type Lane = {
  readonly name: string;
  readonly width: number;
  readonly expected: readonly ExpectedDelivery[];
  readonly received: readonly Received[];
  /** A message in few words. */
  readonly summary: (body: unknown) => string;
};

/** Everything the timeline is made of. */
export type Timeline = {
  readonly screen: Screen;
  readonly events: readonly RecordedEvent[];
  readonly replay: Replay;
  readonly lanes: readonly Lane[];
};

/** How long a delivery may take before the timeline goes on without it. */
const patienceMs = 20_000;
const inboundWidth = 48;

/** Shows every event that says something; resolves when all is posted and all expected messages came, or patience ended. */
export async function showTimeline(timeline: Timeline): Promise<void> {
  const { screen, events, replay, lanes } = timeline;
  const isWide = screen.columns > inboundWidth + lanes.reduce((sum, { width }) => sum + width + 2, 0);
  screen.line(headOf(timeline, isWide));
  const ticker = setInterval(() => screen.progress(progressOf(timeline)), 100);
  let remainingMs = patienceMs;
  for (const [index, event] of events.entries()) {
    await until(() => replay.postedEvents > index || replay.isOver, Number.POSITIVE_INFINITY);
    const hasArrived = await until(
      () => lanes.every((lane) => lane.received.length >= dueBy(lane, index)),
      remainingMs,
    );
    if (!hasArrived) remainingMs = 0;
    const cells = lanes.map((lane) => cellOf(screen, lane, index));
    const inbound = inboundOf(event, events);
    if (inbound) screen.line(rowOf(screen, inbound, cells, isWide));
    for (const remark of replay.remarks.get(index) ?? []) screen.line(screen.paint('yellow', `             ${remark}`));
  }
  clearInterval(ticker);
  screen.progress('');
  await replay.done;
}

type Cell = { readonly text: string; readonly painted: string; readonly lane: Lane };

/** How many messages a lane must have received once the event was posted. */
function dueBy({ expected }: Lane, index: number): number {
  return expected.filter(({ eventIndex }) => eventIndex <= index).length;
}

function cellOf(screen: Screen, lane: Lane, index: number): Cell {
  const [from, to] = [dueBy(lane, index - 1), dueBy(lane, index)];
  if (from === to) return { text: '', painted: '', lane };
  const arrived = lane.received.slice(from, to);
  const isFine = arrived.length === to - from && arrived.every(({ status }) => status === 200);
  const texts = arrived.map(({ status, reason, body }) => {
    return status === 200 ? lane.summary(body) : `✗ ${status} ${reason ?? ''}`;
  });
  const text = texts.length === 0 ? '✗ nothing arrived' : texts.join(', ');
  return { text, painted: screen.paint(isFine ? 'green' : 'red', text), lane };
}

function inboundOf(event: RecordedEvent, events: readonly RecordedEvent[]): string | undefined {
  const essentials = essentialsOf(event, events);
  if (essentials === undefined) return undefined;
  return `${event.timestamp.slice(11, 19)}  ${event.direction === 'cs' ? '→' : '←'} ${essentials}`;
}

function rowOf(screen: Screen, inbound: string, cells: readonly Cell[], isWide: boolean): string {
  if (!isWide) {
    const said = cells.filter(({ text }) => text !== '').map(({ lane, painted }) => `${lane.name}: ${painted}`);
    return [`  ${inbound}`, ...said.map((text) => `             ${text}`)].join('\n');
  }
  const beside = cells.map(({ text, painted, lane }) => painted + ' '.repeat(Math.max(lane.width - text.length, 0)));
  const isSilent = cells.every(({ text }) => text === '');
  const left = inbound.padEnd(inboundWidth - 2);
  return `  ${isSilent ? screen.paint('dim', left) : left}  ${beside.join('  ')}`.trimEnd();
}

function headOf({ screen, lanes }: Timeline, isWide: boolean): string {
  const inbound = '  recorded  → by the station, ← by the CSMS'.padEnd(inboundWidth);
  const beside = lanes.map(({ name, width }) => `${name} received`.padEnd(width));
  return screen.paint('dim', isWide ? `${inbound}  ${beside.join('  ')}`.trimEnd() : inbound.trimEnd());
}

function progressOf({ events, replay, lanes }: Timeline): string {
  const counts = lanes.map(({ name, received, expected }) => `${name} ${received.length}/${expected.length}`);
  const webhooks = `webhooks ${replay.postedEvents}/${events.length}`;
  return `  ${bar(replay.postedEvents, events.length)}  ${[webhooks, ...counts].join('  ')}`;
}

/** Stekker receives OCPP 1.6 messages: the method says it all. */
export function stekkerSummary(body: unknown): string {
  return textAt(body, 'event', 'method');
}

/** Jedlix receives OCPP 2.0.1 TransactionEvents. */
export function jedlixSummary(body: unknown): string {
  const said = [
    textAt(body, 'seqNo').padStart(2),
    textAt(body, 'eventType'),
    textAt(body, 'triggerReason'),
    textAt(body, 'transactionInfo', 'chargingState'),
  ];
  return said.filter(Boolean).join(' ');
}
