import { afterEach, describe, expect, it, vi } from 'vitest';
import { freshId, registered } from '../http/client.ts';
import { accepting, BY, OURS, pair, read, start, stop, toJedlix, unpair, verify } from './sessions.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const CONNECTORS = [{ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 }];
/** Two EVSEs, with uids that begin so. */
const evsesOf = (prefix: string) =>
  [1, 2].map((evseId) => ({
    evseId,
    uid: `${prefix}-E${evseId}`,
    emi3Id: `NL*STK*E${evseId}`,
    connectors: CONNECTORS,
  }));

describe('a charger of which one EVSE was paired', () => {
  it.each(BY)('tells of the sessions on that EVSE only, running ones and later ones, by %s', async (by) => {
    const { calls } = accepting();
    const prefix = freshId();
    const id = await registered({ evses: evsesOf(prefix) });
    await start(id, 1, 1);
    await start(id, 2, 2);
    const target = { format: 'ocpi', evseUid: `${prefix}-E2` } as const;
    await (by === OURS ? verify(id, target) : pair(id, 'jedlix', target));
    await read(id, 1, [10, 1600], 1);
    await read(id, 2, [10, 1600], 2);
    await stop(id, 1, 20, 2000);
    await stop(id, 2, 20, 2000);
    await start(id, 3, 1);
    await start(id, 4, 2);
    const all = await toJedlix(calls, 4);
    expect(all.map(({ eventType, seqNo, evse }) => [eventType, seqNo, evse])).toEqual([
      ['Started', 0, { id: 2, connectorId: 1 }],
      ['Updated', 1, { id: 2, connectorId: 1 }],
      ['Ended', 2, { id: 2, connectorId: 1 }],
      ['Started', 0, { id: 2, connectorId: 1 }],
    ]);
  });
});

describe('a charger that is paired as a whole after one EVSE was', () => {
  it('begins at 0 with a session that was none of the earlier pairing’s business', async () => {
    const { calls } = accepting();
    const prefix = freshId();
    const id = await registered({ evses: evsesOf(prefix) });
    await pair(id, 'jedlix', { format: 'ocpi', evseUid: `${prefix}-E2` });
    await start(id, 1, 1);
    await read(id, 1, [5, 500], 1);
    await read(id, 1, [10, 1600], 1);
    await unpair(id, 'jedlix');
    await pair(id, 'jedlix');
    const all = await toJedlix(calls, 2);
    expect(all.map(({ eventType, seqNo }) => [eventType, seqNo])).toEqual([
      ['Started', 0],
      ['Updated', 1],
    ]);
  });
});
