/** The tables of the mapping document that say what the code does: compared with what it does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  CONNECTOR_STATES,
  STOP_REASONS,
  type ChargeEvent,
  type ConnectorState,
} from '../../src/charging/charge-event.ts';
import { stateOfStatus } from '../../src/charging/charging-state.ts';
import { ANONYMOUS_ID_TAG } from '../../src/charging/id-token.ts';
import { chargingStateAfterStop, triggerOfStop } from '../../src/charging/stop-reason.ts';
import { triggerOfReadings } from '../../src/ocpp/reading-context.ts';
import * as words16 from '../../src/ocpp/v16/meter-words.ts';
import { readStopReason, writeStopTransaction } from '../../src/ocpp/v16/stop-transaction.ts';
import * as words201 from '../../src/ocpp/v201/meter-words.ts';
import { writeTransactionEvent } from '../../src/ocpp/v201/write-transaction-event.ts';
import type { KeptReason } from '../../src/sessions/book.ts';
import { LONG_WAIT_MS, WAIT_MS, WAITING_LIMIT } from '../../src/sessions/waiting.ts';
import { IDLE_MS } from '../../src/sessions/running-session.ts';
import { BookDriver, status, transaction } from '../station/book-driver.ts';
import { AT, ended } from './messages.ts';

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../docs/ocpp-mapping.md'), 'utf8');

/** The cells of the table whose header row begins like this, without its header; "–" and "none" are nothing. */
function table(header: string): (string | undefined)[][] {
  const [, body = ''] = DOCUMENT.split(`\n| ${header}`);
  const [, , ...rows] = (body.split('\n\n')[0] ?? '').split('\n');
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', ''))
      .map((cell) => (cell === '–' || cell === 'none' ? undefined : cell)),
  );
}

test('stop reasons, 1.6 to 2.0.1', () => {
  const rows = table('row | 1.6 | `stoppedReason`');
  expect(rows).toHaveLength(12);
  for (const [, said, stoppedReason, trigger, chargingState] of rows) {
    const stopReason = readStopReason(said);
    const event = ended({ trigger: triggerOfStop(stopReason), ...(stopReason && { stopReason }) });
    expect(writeTransactionEvent(event, 0).transactionInfo.stoppedReason).toBe(stoppedReason);
    expect(triggerOfStop(stopReason)).toBe(trigger);
    expect(chargingStateAfterStop(stopReason)).toBe(chargingState);
  }
});

test('stop reasons, 2.0.1 to 1.6', () => {
  const rows = table('row | `stoppedReason` | 1.6');
  const written = (said: string) => {
    const isTrigger = said === 'trigger UnlockCommand';
    const stopReason = isTrigger ? 'Other' : readStopReason(said === 'none' ? undefined : said);
    const trigger = isTrigger ? ('UnlockCommand' as const) : triggerOfStop(stopReason);
    return writeStopTransaction(ended({ trigger, ...(stopReason && { stopReason }) })).reason;
  };
  const listed = rows.flatMap(([, reasons = '', becomes]) => reasons.split(', ').map((said) => ({ said, becomes })));
  for (const { said, becomes } of listed) {
    const same = said === 'none' ? undefined : said;
    expect([said, written(said)]).toEqual([said, becomes === 'the same' ? same : becomes]);
  }
  const only16 = new Set(['HardReset', 'SoftReset', 'UnlockCommand']);
  const all = STOP_REASONS.filter((reason) => !only16.has(reason));
  expect(listed.map(({ said }) => said).toSorted()).toEqual([...all, 'none', 'trigger UnlockCommand'].toSorted());
});

test('a 1.6 status in a session', () => {
  const rows = table('1.6 status | trigger');
  const all = CONNECTOR_STATES.filter((state) => state !== 'Occupied');
  expect(new Set(rows.map(([state]) => state))).toEqual(new Set(all));
  for (const [state, trigger, chargingState] of rows) {
    const change = stateOfStatus(CONNECTOR_STATES.find((known) => known === state) ?? 'Occupied');
    expect([state, change?.trigger, change?.chargingState]).toEqual([state, trigger, chargingState]);
  }
});

test('why readings were taken', () => {
  const rows = table('context | trigger');
  expect(rows.map(([context]) => context)).toEqual(expect.arrayContaining([undefined, ...words16.CONTEXTS]));
  for (const [context, trigger] of rows) {
    const sample = { text: '1', value: 1, ...(context && { context }) };
    expect([context, triggerOfReadings([{ at: AT, samples: [sample] }])]).toEqual([context, trigger]);
  }
});

test('measurands of one version only', () => {
  const [row] = table('only in OCPP 1.6');
  const listed = (cell = '') => cell.split(', ').toSorted();
  const only = (some: readonly string[], others: readonly string[]) =>
    some.filter((word) => !others.includes(word)).toSorted();
  expect(listed(row?.[0])).toEqual(only(words16.MEASURANDS, words201.MEASURANDS));
  expect(listed(row?.[1])).toEqual(only(words201.MEASURANDS, words16.MEASURANDS));
});

test('Occupied by the charging state of the session', () => {
  const evse = { evseId: 1, connectorId: 1 };
  const occupied = (driver: BookDriver): ConnectorState | undefined => {
    const [event] = driver.say(status(9, 'Occupied'));
    return event?.kind === 'connector-status-changed' ? event.status.state : undefined;
  };
  const stateOf = (event: ChargeEvent | undefined) =>
    event?.kind === 'session-updated' ? event.connectorStatus?.state : undefined;
  const during = (...states: ('Charging' | 'EVConnected' | 'Idle' | 'SuspendedEV' | 'SuspendedEVSE')[]) => {
    const driver = new BookDriver();
    driver.say(transaction(0, 'started', { evse }));
    for (const chargingState of states) driver.say(transaction(1, 'updated', { chargingState }));
    return driver;
  };
  const over = during('Charging');
  over.say(transaction(2, 'ended', { chargingState: 'EVConnected' }));
  const [idle] = during().say(transaction(1, 'updated', { chargingState: 'Idle' }));
  const shown = [
    ['no session yet', occupied(new BookDriver())],
    ['EVConnected, before it charged', occupied(during('EVConnected'))],
    ['Charging', occupied(during('Charging'))],
    ['SuspendedEVSE', occupied(during('SuspendedEVSE'))],
    ['SuspendedEV', occupied(during('SuspendedEV'))],
    ['EVConnected, after it charged', occupied(during('Charging', 'EVConnected'))],
    ['Idle', stateOf(idle)],
    ['Idle, and then Occupied', occupied(during('Idle'))],
    ['session over, not yet Available', occupied(over)],
  ];
  expect(table('charging state | 1.6 status')).toEqual(shown);
});

test('reasons for which a message is kept', () => {
  const all = {
    'start-refused': true,
    'start-failed': true,
    'start-repeated': true,
    'start-late': true,
    'start-unanswered': true,
    'session-ended': true,
    'session-unknown': true,
    'stop-repeated': true,
    'other-connector': true,
    'status-old': true,
  } satisfies Record<KeptReason, true>;
  expect(table('reason | meaning').map(([reason]) => reason)).toEqual(Object.keys(all));
});

test('limits, and the placeholder for no token', () => {
  expect(table('limit ✔ | value').map(([, value]) => value)).toEqual([
    `${LONG_WAIT_MS / 3_600_000} h`,
    `${WAIT_MS / 60_000} min`,
    `${WAIT_MS / 60_000} min`,
    `${IDLE_MS / 60_000} min`,
    String(WAITING_LIMIT),
  ]);
  expect(DOCUMENT).toContain(`\`${ANONYMOUS_ID_TAG}\``);
});
