/** What a turn shows of sessions that the CSMS or its operator should know: readings that look wrong, lost webhooks. Pure. */
import { maxPowerAt, type Charger } from '../../charging/charger.ts';
import type { ChargerFact } from '../../notification.ts';
import type { EndedSession, RunningSession, SessionBook } from '../../sessions/book.ts';
import { warningsOf, type Warning } from '../../sessions/plausibility.ts';

/** The facts that are new in `after`: each warning of a session once. */
export function sessionFacts(before: SessionBook, after: SessionBook, charger: Charger | undefined): ChargerFact[] {
  if (before.running === after.running && before.ended === after.ended) return [];
  const known = new Map([
    ...before.ended.map(
      (session) => [session.ref.transactionId.ocpp201, codesOf(warningsAtEnd(session, charger))] as const,
    ),
    ...before.running.map((session) => [session.ref.transactionId.ocpp201, codesOf(session.warnings)] as const),
  ]);
  const sessions = [
    ...after.running.map((session) => ({ session, warnings: session.warnings ?? [] })),
    ...after.ended
      .filter((session) => !before.ended.includes(session))
      .map((session) => ({ session, warnings: warningsAtEnd(session, charger) })),
  ];
  return sessions.flatMap(({ session, warnings }) => {
    const transactionId = session.ref.transactionId.ocpp201;
    const told = known.get(transactionId) ?? [];
    return warnings.filter(({ code }) => !told.includes(code)).map((warning) => factOf(transactionId, warning));
  });
}

const codesOf = (warnings: readonly Warning[] = []) => warnings.map(({ code }) => code);

/** What took more than its EVSE can give is known when it is over. */
function warningsAtEnd(session: EndedSession, charger: Charger | undefined): readonly Warning[] {
  const { ref, endedAt, registerWh, meterStartWh = registerWh, warnings } = session;
  const taken = { startedAt: ref.startedAt, readAt: endedAt, meterStartWh, registerWh };
  return warningsOf(warnings, taken, maxPowerAt(charger, ref.evse.evseId));
}

function factOf(transactionId: RunningSession['stationId'], warning: Warning): ChargerFact {
  if (warning.code === 'events-missing') {
    const evidence = 'a transaction went on of which no start had come';
    return { type: 'webhooks.lost', data: { transactionId, evidence } };
  }
  const { code, ...figures } = warning;
  return { type: 'session.implausible', data: { transactionId, code, ...figures } };
}
