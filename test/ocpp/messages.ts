/** Short ways to read a frame and to make charge events of what was read, for the tests of the OCPP grammar. */
import type { SessionEnded, SessionStarted, SessionUpdated } from '../../src/charging/charge-event.ts';
import type { OcppVersion } from '../../src/charging/charger.ts';
import type { SessionRef } from '../../src/charging/session.ts';
import type { StationMessage, TransactionStep } from '../../src/charging/station-message.ts';
import { meaningOf, type Direction } from '../../src/ocpp/index.ts';

/** When the webhook saw the frame, in all these tests. */
export const SEEN_AT = '2026-03-31T12:00:30.000Z';
export const AT = '2026-03-31T12:00:00Z';

type Sent = { readonly protocol?: OcppVersion; readonly direction?: Direction; readonly response?: unknown };

/** Reads a CALL; a refusal comes as its detail. */
export function read(
  action: string,
  payload: Readonly<Record<string, unknown>>,
  { protocol = 'ocpp1.6', direction = 'cs', response }: Sent = {},
): readonly StationMessage[] | 'no-interest' | { readonly refused: string } {
  const frame = { type: 'call', messageId: 'm-1', action, payload } as const;
  const meaning = meaningOf({ protocol, direction, frame, seenAt: SEEN_AT, response });
  if (!meaning.ok) return { refused: meaning.error.detail };
  return meaning.value.interest ? meaning.value.messages : 'no-interest';
}

/** Reads a CALL that must mean exactly one message of this kind. */
export function readOne<Kind extends StationMessage['kind']>(
  kind: Kind,
  action: string,
  payload: Readonly<Record<string, unknown>>,
  sent: Sent = {},
): Extract<StationMessage, { kind: Kind }> {
  const messages = read(action, payload, sent);
  const [message] = Array.isArray(messages) ? messages : [];
  if (!isOfKind(message, kind)) throw new Error(`${action} does not mean ${kind}: ${JSON.stringify(messages)}`);
  return message;
}

function isOfKind<Kind extends StationMessage['kind']>(
  message: StationMessage | undefined,
  kind: Kind,
): message is Extract<StationMessage, { kind: Kind }> {
  return message?.kind === kind;
}

/** The session all written messages of these tests belong to. */
export const SESSION: SessionRef = {
  transactionId: { ocpp16: 123_885_164, ocpp201: '123885164' },
  evse: { evseId: 1, connectorId: 1 },
  startedAt: AT,
  idToken: { value: '04A3C1F2B95E80', type: 'ISO14443' },
};

export const started = (said: Partial<SessionStarted> = {}): SessionStarted => ({
  kind: 'session-started',
  session: SESSION,
  sequence: 0,
  at: AT,
  trigger: 'Authorized',
  meterStartWh: 579_130,
  meterValues: [],
  authorization: { status: 'Accepted' },
  ...said,
});

export const updated = (said: Partial<SessionUpdated> = {}): SessionUpdated => ({
  kind: 'session-updated',
  session: SESSION,
  sequence: 1,
  at: AT,
  trigger: 'MeterValuePeriodic',
  meterValues: [],
  ...said,
});

export const ended = (said: Partial<SessionEnded> = {}): SessionEnded => ({
  kind: 'session-ended',
  session: SESSION,
  sequence: 2,
  at: AT,
  trigger: 'StopAuthorized',
  meterStopWh: 581_000,
  meterValues: [],
  ...said,
});

/** The charge event of an OCPP 2.0.1 station's step, as the session book makes it: the station states registers in samples only. */
export function eventOfStep(message: TransactionStep) {
  const { kind: _, step, transactionId, evse, ...said } = message;
  const session = { ...SESSION, transactionId: { ocpp16: 7, ocpp201: transactionId }, evse: evse ?? { evseId: 0 } };
  const { stopReason, reservationId, ...change } = said;
  if (step === 'updated') return updated({ ...change, session });
  if (step === 'ended')
    return ended({ ...change, session, isRegisterInferred: true, ...(stopReason && { stopReason }) });
  const reservation = reservationId !== undefined && { reservationId };
  return started({ ...change, session, isRegisterInferred: true, ...reservation });
}
