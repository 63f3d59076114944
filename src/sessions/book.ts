/**
 * What a station remembers of its sessions: the session book's state, and the small look-ups in it. Pure; plain JSON.
 */
import type { ChargeEvent, ConnectorState, SessionStarted } from '../charging/charge-event.ts';
import type { IdToken } from '../charging/id-token.ts';
import type { MeterValue } from '../charging/meter.ts';
import type { PowerReading } from '../charging/power.ts';
import type { Noted, Warning } from './plausibility.ts';
import type { ChargingState, EvseRef, SessionRef } from '../charging/session.ts';
import type { StartAnswered, StartFailed, StartRequested, StationMessage } from '../charging/station-message.ts';

/** What a session has whose start, or the answer to it, was not heard of in time. */
export type Unheard = {
  /** It began with the first thing known of it. */
  readonly isInferred?: true;
  /** What its start said, which came later: it corrects what is shown, not what was sent. */
  readonly trueStart?: { readonly at: string; readonly meterStartWh?: number };
};

/**
 * A session that runs. `stationId` is the transaction id as the station itself says it (an OCPP 1.6 integer in
 * decimal).
 */
export type RunningSession = Noted &
  Unheard & {
    readonly ref: SessionRef;
    readonly stationId: string;
    /** Whose numbering the id is: the CSMS's (OCPP 1.6) or the station's own (OCPP 2.0.1). */
    readonly numberedBy: 'csms' | 'station';
    readonly started: SessionStarted;
    readonly nextSequence: number;
    /** The register that was read last by the meter's own time, whenever it came; readings may come late. */
    readonly lastRegisterWh: number;
    readonly lastRegisterAt: string;
    /** The best place where a register of it was read. */
    readonly registerLocation?: string;
    readonly lastMeterValues: readonly MeterValue[];
    /** The last one any message told; most messages of some chargers tell only one measurand. */
    readonly lastPower?: PowerReading;
    /** When the newest message was said. */
    readonly lastMessageAt: string;
    readonly chargingState?: ChargingState;
    readonly chargingStateAt?: string;
    readonly hasCharged: boolean;
    /**
     * Since when its connector reports Available although no stop came, and nothing came of it since; ms since the epoch.
     */
    readonly idleSince?: number;
    /** When its connector said Available, by the station's own time; absent again once the connector says otherwise. */
    readonly leftAt?: string;
    /** When it is ended if nothing more comes of it, because its connector reported Available; ms since the epoch. */
    readonly endsAt?: number;
    /** When the next start was said on its EVSE, of which no session came: then it was over, stop or no stop. */
    readonly followedAt?: string;
    /** When the CSMS told the station to stop it. */
    readonly remoteStopAt?: string;
    /** For a provider that joined in mid-session: how much its `seqNo` lags behind our `sequence`. */
    readonly seqOffsets: Readonly<Record<string, number>>;
    /** For a provider that was unpaired in mid-session: how many of its events it was owed until then. */
    readonly seqLeft?: Readonly<Record<string, number>>;
    /** The message id of its start, while the answer to that is not known. */
    readonly unansweredId?: string;
  };

/** A session that is over, or a start that was refused: what comes for it later is not sent. */
export type EndedSession = Unheard & {
  readonly stationId: string;
  readonly ref: SessionRef;
  /** When and at which register it ended; of a refused start, when and at which it began. */
  readonly endedAt: string;
  readonly registerWh: number;
  /** What its stop said, where that was no register of it: the same stop may come again. */
  readonly meterStopWh?: number;
  /** The register at which it began, and what looked wrong in it. */
  readonly meterStartWh?: number;
  readonly warnings?: readonly Warning[];
  readonly isRefused?: true;
  /** Whether it ended by its stop; one that was ended for want of a stop may still get it. */
  readonly isStopped?: true;
};

type Since = { readonly since: number; readonly seq: number };

/** A message that cannot be placed yet. `seq` is the log row it came in, `since` when, in ms since the epoch. */
export type Waiting = Since & { readonly message: StationMessage };

/**
 * A message that waits for longer: it is read again from its log row when its session, or the start on its EVSE, is
 * known.
 */
export type Shelved = Since & { readonly at: string; readonly stationId?: string; readonly evseId?: number };

/**
 * A start whose answer is not known. `isOverdue`: nothing else waits for it any more. `isFailed`: the CSMS answered it
 * with an error; the station says it again, and may be answered then. `leftAt`: when its connector said Available
 * since.
 */
export type PendingStart = Since & {
  readonly request: StartRequested;
  readonly isOverdue?: true;
  readonly isFailed?: true;
  readonly leftAt?: string;
};

/** What is known of an EVSE between sessions. */
export type EvseMemory = {
  readonly state?: ConnectorState;
  /** When its connector said so. */
  readonly stateAt?: string;
  /** The register that was read last. */
  readonly registerWh?: number;
  readonly registerAt?: string;
  readonly hasEndedSession?: boolean;
  /** When a start was said here last of which no session came. */
  readonly vacatedAt?: string;
};

/** `at` in RFC 3339. */
export type StationConnection = { readonly isConnected: boolean; readonly at: string };

/** What a station's clock said (`saidMs`) when its CSMS saw the message (`seenMs`); both in ms since the epoch. */
export type ClockReading = { readonly saidMs: number; readonly seenMs: number };

/** The last reading of a station's clock; `offMs` is by how much it is wrong, absent while it is right. */
export type Clock = ClockReading & { readonly offMs?: number };

export type RemoteStart = {
  readonly evseId?: number;
  readonly idToken: IdToken;
  readonly remoteStartId?: number;
  readonly at: number;
};

export type SessionBook = {
  readonly running: readonly RunningSession[];
  readonly ended: readonly EndedSession[];
  readonly starts: readonly PendingStart[];
  readonly answers: readonly (Since & { readonly answer: StartAnswered | StartFailed })[];
  readonly waiting: readonly Waiting[];
  readonly shelved?: readonly Shelved[];
  readonly remoteStarts: readonly RemoteStart[];
  readonly evses: Readonly<Record<string, EvseMemory>>;
  /** Whether the station was connected to its CSMS when that was said last; absent while it was never said. */
  readonly connection?: StationConnection;
  /** When the station said last that it had booted; it may use its message ids again since. */
  readonly bootedAt?: string;
  /** What the station's clock said last. */
  readonly clock?: Clock;
  /**
   * The highest id that a CSMS gave to a session we no longer remember: from there down an id may have been used
   * before.
   */
  readonly forgottenUpTo?: number;
};

export const EMPTY_BOOK: SessionBook = {
  running: [],
  ended: [],
  starts: [],
  answers: [],
  waiting: [],
  remoteStarts: [],
  evses: {},
};

/** Why a message was kept and not sent. A closed list; the timeline shows it. */
export type KeptReason =
  | 'start-refused'
  | 'start-failed'
  | 'start-repeated'
  /** The start of a session that was opened without it. */
  | 'start-late'
  | 'start-unanswered'
  | 'session-ended'
  | 'session-unknown'
  | 'stop-repeated'
  /** A status of a connector that was said before one that is known. */
  | 'status-old'
  /**
   * A status of an EVSE's other connector while a session runs there: to whom EVSEs are connectors it would be the
   * session's.
   */
  | 'other-connector';

/** `seq` is the log row the message came in. */
export type Kept = { readonly seq: number; readonly reason: KeptReason };

/** One turn of the book: its new state, what happened, and what could not be placed. */
export type Step = {
  readonly book: SessionBook;
  readonly events: readonly ChargeEvent[];
  readonly kept: readonly Kept[];
};

/** What the book needs to know beside what it remembers. */
export type Around = {
  readonly chargePointId: string;
  /** The EVSEs the charger has, as far as is known. */
  readonly evseIds?: readonly number[];
  /** What came in this log row, as far as the row is still there. */
  readonly recall?: (seq: number) => readonly StationMessage[];
};

/** What a turn needs to know beside the message. */
export type Turn = Moment & Around;

/** When a message came (ms since the epoch), and in which log row. */
export type Moment = { readonly seq: number; readonly nowMs: number };

/** How many EVSEs are remembered; a station that makes up numbers must not make the book grow. */
const EVSES_LIMIT = 64;

/** The same place, whatever connector of the EVSE is named. */
export function isSameEvse(a: EvseRef, b: EvseRef): boolean {
  return a.evseId === b.evseId;
}

/** The last `limit` of a list with `item` added: every list in the book is bounded. */
export function bounded<T>(list: readonly T[], item: T, limit: number): readonly T[] {
  return [...list, item].slice(-limit);
}

/** The same book with this EVSE's memory changed. */
export function remember(book: SessionBook, evse: EvseRef, memory: EvseMemory): SessionBook {
  const key = String(evse.evseId);
  const evses = { ...book.evses, [key]: { ...book.evses[key], ...memory } };
  const all = Object.entries(evses);
  // Numbers are in ascending order in an object, and the EVSEs there are have low ones.
  return { ...book, evses: all.length > EVSES_LIMIT ? Object.fromEntries(all.slice(0, EVSES_LIMIT)) : evses };
}

/** The same book with `session` in place of the one of the same transaction. */
export function replaceRunning(book: SessionBook, session: RunningSession): SessionBook {
  const id = session.ref.transactionId.ocpp201;
  return { ...book, running: book.running.map((old) => (old.ref.transactionId.ocpp201 === id ? session : old)) };
}
