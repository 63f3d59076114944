/** Seven recorded stations of both versions: every frame is read, and every session can be told in both versions. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { ChargeEvent } from '../../src/charging/charge-event.ts';
import type { EvseRef } from '../../src/charging/session.ts';
import { readFrame } from '../../src/ocpp/envelope.ts';
import { isOfInterest, meaningOf, type OcppMessage } from '../../src/ocpp/index.ts';
import { MeterValues, writeMeterValues } from '../../src/ocpp/v16/meter-values.ts';
import { StartTransaction, writeStartTransaction } from '../../src/ocpp/v16/start-transaction.ts';
import { StatusNotification, writeStatusNotification } from '../../src/ocpp/v16/status-notification.ts';
import { StopTransaction, writeStopTransaction } from '../../src/ocpp/v16/stop-transaction.ts';
import { TransactionEventRequest } from '../../src/ocpp/v201/transaction-event.ts';
import { writeTransactionEvent } from '../../src/ocpp/v201/write-transaction-event.ts';
import { BookDriver } from '../station/book-driver.ts';
import { ended, eventOfStep, SESSION, started } from './messages.ts';
import { expectDeclared, expectOfficial, expectOfficialResponse } from './official-schema.ts';

const RECORDINGS = join(import.meta.dirname, '../../sandbox/recordings');
const FILES = readdirSync(RECORDINGS).filter((name) => name.endsWith('.jsonl'));
const Recorded = z.object({
  protocol: z.enum(['ocpp1.6', 'ocpp2.0.1']),
  direction: z.enum(['cs', 'csms']),
  timestamp: z.string(),
  frame: z.unknown(),
});

function messagesOf(file: string): OcppMessage[] {
  const lines = readFileSync(join(RECORDINGS, file), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const { protocol, direction, timestamp, frame: raw } = Recorded.parse(JSON.parse(line));
    const frame = readFrame(raw);
    if (!frame.ok) throw new Error(`${frame.error}: ${line}`);
    return { protocol, direction, frame: frame.value, seenAt: timestamp };
  });
}

function meaningsOf(message: OcppMessage) {
  const meaning = meaningOf(message);
  if (!meaning.ok) throw new Error(meaning.error.detail);
  return meaning.value.interest ? meaning.value.messages : [];
}

it('are seven', () => {
  expect(FILES).toHaveLength(7);
});

describe.each(FILES)('%s', (file) => {
  const messages = messagesOf(file);

  it('is read to the last frame, and only what is of interest means something', () => {
    for (const message of messages) {
      const meaning = meaningOf(message);
      expect(meaning).toMatchObject({ ok: true });
      const { protocol, direction, frame } = message;
      expect(meaning.ok && meaning.value.interest).toBe(isOfInterest(protocol, direction, frame));
    }
  });

  it('comes out in its own version as it went in', () => {
    const pairs = messages.flatMap(inAndOut);
    expect(pairs.length).toBeGreaterThan(8);
    for (const [went, came] of pairs) expect(came).toEqual(went);
  });

  it('makes sessions that are valid in both versions', () => {
    const driver = new BookDriver();
    for (const message of messages) {
      for (const meaning of meaningsOf(message)) driver.say(meaning);
    }
    const sessions = driver.events.filter((event) => event.kind === 'session-started');
    expect(sessions.length).toBeGreaterThan(2);
    for (const [version, action, schema, payload] of driver.events.flatMap(outgoing)) {
      expectOfficial(version, action, payload);
      expectDeclared(schema, payload);
    }
    for (const start of sessions) {
      expectOfficialResponse('1.6', 'StartTransaction', writeStartTransaction(start).confirmation);
    }
  });
});

/** A recorded payload, and what it is when it was read and written again; nothing for what has no writer in its version. */
function inAndOut(message: OcppMessage): readonly (readonly [unknown, unknown])[] {
  const { frame } = message;
  const [meaning] = message.direction === 'cs' && frame.type === 'call' ? meaningsOf(message) : [];
  if (meaning === undefined || frame.type !== 'call') return [];
  const { payload } = frame;
  const transactionId = { ocpp16: Number(payload['transactionId']), ocpp201: '' };
  const sessionOn = (evse: EvseRef) => ({ ...SESSION, transactionId, evse });
  if (meaning.kind === 'start-requested') {
    const { kind: _, messageId: __, ...said } = meaning;
    return [[payload, writeStartTransaction(started({ ...said, session: sessionOn(said.evse) })).request]];
  }
  if (meaning.kind === 'stopped') {
    const { kind: _, transactionId: __, reason, ...said } = meaning;
    const stop = ended({ ...said, session: sessionOn(SESSION.evse), ...(reason && { stopReason: reason }) });
    return [[withoutEmptyReadings(payload), writeStopTransaction(stop)]];
  }
  if (meaning.kind === 'transaction-step') {
    const request = writeTransactionEvent(eventOfStep(meaning), Number(payload['seqNo']));
    return [[payload, request]];
  }
  if (message.protocol === 'ocpp2.0.1') return [];
  if (meaning.kind === 'status-reported') return [[payload, writeStatusNotification(meaning.evse, meaning.status)]];
  if (meaning.kind !== 'readings-reported') return [];
  return [[payload, writeMeterValues({ session: sessionOn(meaning.evse), meterValues: meaning.meterValues })]];
}

/** KEBA's transaction data begins with an empty list of samples, which says nothing. */
function withoutEmptyReadings(payload: Readonly<Record<string, unknown>>): unknown {
  const { transactionData } = payload;
  const isEmpty = (entry: unknown) =>
    z.object({ sampledValue: z.array(z.unknown()).length(0) }).safeParse(entry).success;
  return Array.isArray(transactionData)
    ? { ...payload, transactionData: transactionData.filter((entry) => !isEmpty(entry)) }
    : payload;
}

type Outgoing = readonly ['1.6' | '2.0.1', string, z.ZodType, unknown];

/** Everything that can be written of an event, in both versions. */
function outgoing(event: ChargeEvent): readonly Outgoing[] {
  if (event.kind !== 'session-started' && event.kind !== 'session-updated' && event.kind !== 'session-ended') return [];
  const { session, meterValues, connectorStatus } = event;
  const readings = writeMeterValues({ session, meterValues });
  const all: (Outgoing | false | undefined)[] = [
    ['2.0.1', 'TransactionEvent', TransactionEventRequest, writeTransactionEvent(event, event.sequence)],
    event.kind === 'session-started' && [
      '1.6',
      'StartTransaction',
      StartTransaction,
      writeStartTransaction(event).request,
    ],
    event.kind === 'session-ended' && ['1.6', 'StopTransaction', StopTransaction, writeStopTransaction(event)],
    readings && ['1.6', 'MeterValues', MeterValues, readings],
    connectorStatus && [
      '1.6',
      'StatusNotification',
      StatusNotification,
      writeStatusNotification(session.evse, connectorStatus),
    ],
  ];
  return all.filter((one) => one !== undefined && one !== false);
}
