/** How much power a connector can give, and what the operator is warned of. */
import { describe, expect, it } from 'vitest';
import {
  evseOf,
  isSafeInPath,
  maxPowerOf,
  warningsOf,
  type Charger,
  type Connector,
} from '../../src/charging/charger.ts';

const connector = (said: Partial<Connector>): Connector => ({ connectorId: '1', ...said });
const charger = (...connectors: Connector[]): Charger => ({
  chargePointId: '6',
  ocppIdentity: 'SOLAR_0213',
  protocol: 'ocpp1.6',
  evses: [{ evseId: 1, capabilities: [], connectors }],
});

describe('the max power of a connector', () => {
  it.each([
    ['AC_3_PHASE', 230, 32, 22_080],
    ['AC_2_PHASE', 230, 16, 7360],
    ['AC_2_PHASE_SPLIT', 120, 40, 9600],
    ['AC_1_PHASE', 230, 16, 3680],
    ['DC', 920, 500, 460_000],
    [undefined, 230, 16, 3680],
  ] as const)('of %s at %d V and %d A is %d W', (powerType, maxVoltage, maxAmperage, maxPowerW) => {
    expect(maxPowerOf(connector({ powerType, maxVoltage, maxAmperage }))).toEqual({ maxPowerW, isLineToLine: false });
  });

  it('takes a three-phase voltage from 380 V on as line-to-line', () => {
    const at400 = connector({ powerType: 'AC_3_PHASE', maxVoltage: 400, maxAmperage: 32 });
    expect(maxPowerOf(at400)).toEqual({ maxPowerW: 22_170, isLineToLine: true });
    expect(warningsOf(charger(at400))).toEqual([expect.stringContaining('line-to-line')]);
  });

  it('is the stated one only when it cannot be computed', () => {
    expect(maxPowerOf(connector({ maxPower: 11_000 }))).toEqual({ maxPowerW: 11_000, isLineToLine: false });
    const both = connector({ maxPower: 11_000, maxVoltage: 230, maxAmperage: 16 });
    expect(maxPowerOf(both).maxPowerW).toBe(3680);
    expect(warningsOf(charger(both))).toEqual([expect.stringContaining('disregarded')]);
  });

  it('is unknown without voltage, amperage and power, and the operator is told', () => {
    expect(maxPowerOf(connector({ maxVoltage: 230 }))).toEqual({ isLineToLine: false });
    expect(warningsOf(charger(connector({})))).toEqual([expect.stringContaining('no max power')]);
  });

  it('that is as stated is nothing to warn of', () => {
    expect(warningsOf(charger(connector({ maxPower: 3680, maxVoltage: 230, maxAmperage: 16 })))).toEqual([]);
  });
});

it('an EVSE is found by its number, or not at all', () => {
  expect(evseOf(charger(), 1)?.evseId).toBe(1);
  expect(evseOf(charger(), 2)).toBeUndefined();
});

describe('an id in a URL', () => {
  it.each(['.', '..', 'a/b', '/', 'a\nb', 'a\u0000', '\u007f'])('is not safe as %j', (id) => {
    expect(isSafeInPath(id)).toBe(false);
  });

  it.each(['a', '...', '.a', 'a.', 'constructor', '__proto__', '%2e', 'ë', 'a b'])('is safe as %j', (id) => {
    expect(isSafeInPath(id)).toBe(true);
  });
});
