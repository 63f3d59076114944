/**
 * Notes the station's sessions in D1, so that they can be searched: when one starts, changes its provider, is flagged,
 * and ends. What is noted is remembered, so that nothing is written twice and nothing is forgotten while D1 is down.
 */
import { noteSessions, type NotedSession, type SessionNote } from '../storage/sessions.ts';
import { tokenHmac } from '../storage/token-hmac.ts';
import type { Ledger } from './journal/ledger.ts';
import { concerns, isPaired } from './journal/recipients.ts';
import type { Registration } from './journal/pairings/stored-registration.ts';
import type { StationHome } from './station-home.ts';
import { endedSessionViews, sessionViews, type Known } from './steering/profile-view.ts';

/** What the notes need of their station object. */
export type NotesHome = Pick<StationHome, 'sql' | 'env' | 'aside' | 'wake' | 'log' | 'config'> & {
  readonly ledger: Pick<Ledger, 'book' | 'registration' | 'tokens'>;
};

const FACT = 'noted-sessions';
const AGAIN_MS = 60_000;

/** What was noted of a session that the station still knows. */
type Mark = Pick<NotedSession, 'state' | 'providers' | 'flags' | 'startedAt'> & { readonly hasToken: boolean };

/** A session that is to be noted, and what will have been noted then. */
type Due = { readonly note: SessionNote; readonly mark: Mark };

export class SessionNotes {
  readonly #home: NotesHome;
  #noted: Readonly<Record<string, Mark>> | undefined;
  #isBusy = false;
  #failedAt: number | undefined;

  constructor(home: NotesHome) {
    this.#home = home;
  }

  /** Notes what has changed. Costs nothing while nothing has. */
  tend(now: number): void {
    if (this.#isBusy || now < this.#againAt) return;
    const due = this.#due(now);
    if (due.length === 0) return;
    this.#isBusy = true;
    this.#home.aside(this.#save(due, now));
  }

  /** When what could not be noted is tried again (ms). */
  get nextDueAt(): number | undefined {
    return this.#failedAt === undefined ? undefined : this.#againAt;
  }

  get #againAt(): number {
    return this.#failedAt === undefined ? 0 : this.#failedAt + AGAIN_MS;
  }

  async #save(due: readonly Due[], now: number): Promise<void> {
    const { env, log, wake } = this.#home;
    try {
      await noteSessions(
        env.DB,
        due.map(({ note }) => note),
      );
      this.#failedAt = undefined;
      this.#remember(due);
    } catch (error) {
      this.#failedAt = now;
      log('warn', 'session-notes.fault', { error: String(error) });
      wake(this.#againAt);
      return;
    } finally {
      this.#isBusy = false;
    }
    // Something may have changed while it was noted.
    this.tend(Date.now());
  }

  #remember(due: readonly Due[]): void {
    const { running, ended } = this.#home.ledger.book;
    const isKnown = new Set([...running, ...ended].map(({ ref }) => ref.transactionId.ocpp201));
    const marks = due.map(({ note, mark }) => [note.session.transactionId, mark] as const);
    const all = { ...this.#before(), ...Object.fromEntries(marks) };
    this.#noted = Object.fromEntries(Object.entries(all).filter(([id]) => isKnown.has(id)));
    const save = 'INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)';
    this.#home.sql.exec(save, FACT, JSON.stringify(this.#noted));
  }

  /** What this object wrote itself is trusted to be what it wrote. */
  #before(): Readonly<Record<string, Mark>> {
    if (this.#noted !== undefined) return this.#noted;
    const [fact] = this.#home.sql.exec<{ value: string }>('SELECT value FROM facts WHERE name = ?', FACT);
    return (this.#noted = fact === undefined ? {} : (JSON.parse(fact.value) as Readonly<Record<string, Mark>>));
  }

  #due(now: number): Due[] {
    const { config, ledger } = this.#home;
    const { book, registration, tokens } = ledger;
    if (registration === undefined) return [];
    const noted = this.#before();
    const station: Known = { book, slots: [], charger: registration.charger };
    const { pairingCodePepper, payloadRetentionMs } = config();
    return [...runningIn(station, now), ...endedIn(station)].flatMap(({ token = '', ...view }): Due[] => {
      const before = noted[view.transactionId];
      if (before === undefined && view.endedAt !== null && view.endedAt < now - payloadRetentionMs) return [];
      const isOver = view.state !== 'running' && before !== undefined;
      // Who is paired when it ends had nothing of it before.
      const providers = isOver ? before.providers : pairedWith(registration, view);
      const session = { ...view, chargePointId: registration.charger.chargePointId, providers };
      const said = token || tokens.get(view.transactionId);
      const hasToken = before?.hasToken === true || said !== undefined;
      const { state, flags, startedAt } = view;
      const mark = { state, providers, flags, startedAt, hasToken };
      if (before === undefined || before.startedAt !== startedAt || before.hasToken !== hasToken)
        return [{ note: { kind: 'new', session, tokenHmac: tokenHmac(pairingCodePepper, said) }, mark }];
      const names = ['providers', 'flags', 'state'] as const;
      const changes = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(mark[name]));
      return changes.length === 0 ? [] : [{ note: { kind: 'changed', session, changes }, mark }];
    });
  }
}

type View = Omit<NotedSession, 'chargePointId' | 'providers'> & { readonly token: string | undefined };

function runningIn(known: Known, now: number): View[] {
  const tokens = new Map(known.book.running.map(({ ref }) => [ref.transactionId.ocpp201, ref.idToken?.value]));
  return sessionViews(known, now).map(({ transactionId, evseId, startedAt, warnings }) => ({
    transactionId,
    evseId,
    state: 'running',
    startedAt: Date.parse(startedAt),
    endedAt: null,
    energyWh: null,
    flags: warnings.map(({ code }) => code),
    token: tokens.get(transactionId),
  }));
}

function endedIn(known: Known): View[] {
  return endedSessionViews(known).map(({ transactionId, evseId, state, startedAt, endedAt, energyWh, warnings }) => ({
    transactionId,
    evseId,
    state,
    startedAt: Date.parse(startedAt),
    endedAt: Date.parse(endedAt),
    energyWh: state === 'ended' ? energyWh : null,
    flags: warnings.map(({ code }) => code),
    token: undefined,
  }));
}

function pairedWith(registration: Registration, evse: { readonly evseId: number }): readonly string[] {
  return Object.keys(registration.pairings)
    .filter((name) => isPaired(registration, name) && concerns(registration, name, evse))
    .toSorted();
}
