// Posts a recorded session to the edge as a CSMS does: signed, frame by frame, in the recorded order and in less time.
import { setTimeout as sleep } from 'node:timers/promises';
import { postWebhook } from '../csms-webhook.ts';
import type { RecordedEvent } from '../recordings.ts';
import { sandboxSettings } from '../settings.ts';
import { listAt, numberAt, textAt } from './json.ts';

/** What the edge made of the webhooks. */
export type Tally = { posted: number; received: number; duplicates: number; ignored: number; rejected: number };

/** A replay as it goes on. `postedEvents` counts the recorded ones; `remarks` tell of the others, by the event they follow. */
export type Replay = {
  readonly tally: Readonly<Tally>;
  readonly postedEvents: number;
  readonly faults: readonly string[];
  readonly remarks: ReadonlyMap<number, readonly string[]>;
  readonly isOver: boolean;
  readonly done: Promise<void>;
};

/** What to replay. After the event `repeatAfter`, the one at `repeated` is posted again, and one that is broken. */
export type ReplayOptions = {
  readonly edgeUrl: string;
  readonly events: readonly RecordedEvent[];
  readonly repeated: number;
  readonly repeatAfter: number;
  readonly isPaced: boolean;
};

type State = { tally: Tally; postedEvents: number; faults: string[]; remarks: Map<number, string[]>; isOver: boolean };

/** The longest pause between two events, for a person who watches. */
const longestGapMs = 200;
/** How much faster than recorded. */
const speed = 150;

/** Starts to post. */
export function startReplay(options: ReplayOptions): Replay {
  const tally = { posted: 0, received: 0, duplicates: 0, ignored: 0, rejected: 0 };
  const state: State = { tally, postedEvents: 0, faults: [], remarks: new Map(), isOver: false };
  const done = postAll(options, state).finally(() => {
    state.isOver = true;
  });
  return Object.assign(state, { done });
}

async function postAll(
  { edgeUrl, events, repeated, repeatAfter, isPaced }: ReplayOptions,
  state: State,
): Promise<void> {
  for (const [index, event] of events.entries()) {
    if (isPaced) await sleep(gapMs(events[index - 1], event));
    const { status, body } = await post(edgeUrl, event, state.tally);
    const isTaken = status === 202 && listAt(body, 'rejected').length === 0 && numberAt(body, 'duplicates') === 0;
    if (!isTaken) state.faults.push(`webhook ${index + 1} was answered ${status} ${JSON.stringify(body)}`);
    if (index === repeatAfter) state.remarks.set(index, await postOddities(edgeUrl, events[repeated], state));
    state.postedEvents += 1;
  }
}

/** One event that came before, under a new webhook id, and one that no station can have sent. */
async function postOddities(edgeUrl: string, event: RecordedEvent | undefined, state: State): Promise<string[]> {
  if (!event) return [];
  const again = await post(edgeUrl, event, state.tally);
  const duplicates = numberAt(again.body, 'duplicates') ?? 0;
  if (duplicates !== 1) state.faults.push(`the repeated event was answered ${JSON.stringify(again.body)}`);
  const bad = await post(edgeUrl, { ...event, frame: [2, 'bad-frame'] }, state.tally);
  const { status } = bad;
  const reason = textAt(bad.body, 'rejected', 0, 'reason');
  if (status !== 400 || reason === '')
    state.faults.push(`the broken event was answered ${status} ${JSON.stringify(bad.body)}`);
  return [
    `the same StopTransaction posted again → ${again.status} duplicates ${duplicates}`,
    `a frame without action and payload → ${status} ${reason}: ${textAt(bad.body, 'rejected', 0, 'detail')}`,
  ];
}

async function post(edgeUrl: string, events: unknown, tally: Tally): Promise<{ status: number; body: unknown }> {
  const answer = await postWebhook({ edgeUrl, events, auth: { secret: sandboxSettings.CSMS_WEBHOOK_SECRETS } });
  tally.posted += 1;
  for (const kind of ['received', 'duplicates', 'ignored'] as const) tally[kind] += numberAt(answer.body, kind) ?? 0;
  tally.rejected += listAt(answer.body, 'rejected').length;
  return answer;
}

function gapMs(before: RecordedEvent | undefined, event: RecordedEvent): number {
  if (!before) return 0;
  const recordedMs = Date.parse(event.timestamp) - Date.parse(before.timestamp);
  return Math.min(Math.max(recordedMs / speed, 0), longestGapMs);
}
