import { describe, expect, it } from 'vitest';
import { expectAtJedlix, expectAtStekker, findCharge } from '../../sandbox/demo/expectation.ts';
import { demoEvents } from '../../sandbox/demo/session.ts';
import type { RecordedEvent } from '../../sandbox/recordings.ts';

const events = demoEvents();
const names = { chargePointId: 'charger-1', emi3Id: 'NL*STK*E000002' };
const requests = events.flatMap(({ frame }) => (frame[0] === 2 ? [frame[2]] : []));
const countOf = (action: string) => requests.filter((request) => request === action).length;

describe('the demo session', () => {
  it('has one transaction with its registers', () => {
    expect(findCharge(events)).toMatchObject({ transactionId: 48120091, meterStartWh: 2501, meterStopWh: 4884 });
  });

  it('is refused without a stop', () => {
    const { stopIndex } = findCharge(events);
    expect(() => findCharge(events.slice(0, stopIndex))).toThrow('the session has no end');
  });

  it('is refused when something happens before the start is answered', () => {
    const { startReplyIndex } = findCharge(events);
    const late = [...events];
    late.splice(startReplyIndex + 1, 0, ...late.splice(startReplyIndex, 1));
    expect(() => findCharge(late)).toThrow('answered at once');
  });
});

describe('what Stekker must receive', () => {
  const expected = expectAtStekker(events, names);

  it('is every status, every reading, one start and one stop, in the recorded order', () => {
    const count = (method: string) => expected.filter(({ name }) => name.split(' ')[0] === method).length;
    expect([count('StatusNotification'), count('MeterValues')]).toEqual([8, 18]);
    expect([countOf('StatusNotification'), countOf('MeterValues')]).toEqual([8, 18]);
    expect([count('StartTransaction'), count('StopTransaction'), expected.length]).toEqual([1, 1, 28]);
    expect(expected.map(({ eventIndex }) => eventIndex)).toEqual(
      expected.map((e) => e.eventIndex).toSorted((a, b) => a - b),
    );
  });

  it("starts with the CSMS's transaction id, after the reply", () => {
    const start = expected.find(({ name }) => name === 'StartTransaction');
    expect(start).toEqual({
      name: 'StartTransaction',
      eventIndex: findCharge(events).startReplyIndex,
      facts: {
        charger: 'charger-1',
        evse: 'NL*STK*E000002',
        connector: '1',
        transaction: '48120091',
        card: 'FLEET-0017',
        cardStatus: 'Accepted',
        meterStartWh: '2501',
        at: '2026-05-12T16:33:02.528Z',
      },
    });
  });

  it('has one fact for each sampled value', () => {
    const [reading] = expected.filter(({ name }) => name.startsWith('MeterValues'));
    expect(reading?.name).toBe('MeterValues 16:34:03.057');
    expect(reading?.facts).toMatchObject({
      '2026-05-12T16:34:03.057Z Energy.Active.Import.Register Outlet Sample.Periodic': '2684.33 Wh',
      '2026-05-12T16:34:03.057Z Voltage L2-N Outlet Sample.Periodic': '229.72 V',
    });
  });
});

describe('what Jedlix must receive', () => {
  const expected = expectAtJedlix(events, names);

  it('is Started, the statuses and readings within the session, Ended', () => {
    const all = expected.map(({ name }) => name);
    expect([all[0], all.at(-1), all.length]).toEqual(['Started', 'Ended', 25]);
    expect(all.filter((name) => /Updated [A-Z]/.test(name))).toEqual([
      'Updated Charging',
      'Updated Charging',
      'Updated SuspendedEVSE',
      'Updated Charging',
      'Updated EVConnected',
    ]);
  });

  it('starts remotely with the register at the start', () => {
    expect(expected[0]?.facts).toEqual({
      charger: 'charger-1',
      transaction: '48120091',
      evse: '1',
      connector: '1',
      trigger: 'RemoteStart',
      chargingState: 'EVConnected',
      card: 'FLEET-0017 Central',
      at: '2026-05-12T16:33:02.528Z',
      '2026-05-12T16:33:02.528Z Energy.Active.Import.Register Outlet Transaction.Begin': '2501 Wh',
    });
  });

  it('starts by authorization when nobody started it remotely', () => {
    const local = events.filter(({ frame }) => frame[2] !== 'RemoteStartTransaction');
    expect(expectAtJedlix(local, names)[0]?.facts['trigger']).toBe('Authorized');
  });

  it('ends for the reason of the stop, with the register at the stop', () => {
    expect(expected.at(-1)?.facts).toMatchObject({
      trigger: 'RemoteStop',
      stoppedReason: 'Remote',
      '2026-05-12T16:50:04.347Z Energy.Active.Import.Register Outlet Transaction.End': '4884 Wh',
    });
  });

  it.each([
    ['DeAuthorized', 'DeAuthorized', 'Deauthorized', 'EVConnected'],
    ['EVDisconnected', 'EVDisconnected', 'EVCommunicationLost', 'Idle'],
    ['SoftReset', 'ImmediateReset', 'ResetCommand', 'EVConnected'],
    ['UnlockCommand', 'Other', 'UnlockCommand', 'EVConnected'],
  ])('ends by %s as %s', (reason, stoppedReason, trigger, chargingState) => {
    const ended = expectAtJedlix(
      events.map((event) => withStop(event, { reason })),
      names,
    ).at(-1);
    expect(ended?.facts).toMatchObject({ stoppedReason, trigger, chargingState });
  });

  it('has the register of the stop when the station lists no values', () => {
    const ended = expectAtJedlix(
      events.map((event) => withStop(event, { transactionData: [] })),
      names,
    ).at(-1);
    const key = '2026-05-12T16:50:04.348Z Energy.Active.Import.Register Outlet Transaction.End';
    expect(ended?.facts[key]).toBe('4884 Wh');
  });
});

function withStop(event: RecordedEvent, changes: Record<string, unknown>): RecordedEvent {
  const { frame } = event;
  if (frame[0] !== 2 || frame[2] !== 'StopTransaction') return event;
  return { ...event, frame: [2, frame[1], frame[2], { ...frame[3], ...changes }] };
}
