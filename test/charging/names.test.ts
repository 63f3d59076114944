/** The names a session goes by: its id token and its transaction's two ids. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idTagOf, idTokenFromTag } from '../../src/charging/id-token.ts';
import { nameFromInteger, nameFromString } from '../../src/charging/transaction-id.ts';

const ORIGIN = { chargePointId: '61409f9bad616b6c64c31704', evseId: 1, startedAt: '2026-03-31T12:00:00Z' };
const never = () => false;

describe('an idTag', () => {
  it.each([
    ['04A3C1F2', 'ISO14443'],
    ['04a3c1f2b95e80', 'ISO14443'],
    ['04A3C1F2B9', 'Central'],
    ['FLEET-0017', 'Central'],
    ['VID:00155DABCDEF', 'Central'],
    ['', 'Central'],
  ])('%s is of type %s', (idTag, type) => {
    expect(idTokenFromTag(idTag)).toEqual({ value: idTag, type });
  });

  it('is the first 20 characters of a token, or a placeholder', () => {
    expect(idTagOf({ value: 'x'.repeat(36), type: 'eMAID' })).toBe('x'.repeat(20));
    expect([idTagOf(undefined), idTagOf({ value: '', type: 'NoAuthorization' })]).toEqual(['ANONYMOUS', 'ANONYMOUS']);
  });
});

describe('a transaction id', () => {
  it('of OCPP 1.6 is its own decimal text', () => {
    expect(nameFromInteger(123_885_164, ORIGIN, never)).toEqual({ ocpp16: 123_885_164, ocpp201: '123885164' });
  });

  it('that recurs gets a text of its own, the same each time, another for another session', () => {
    for (const id of [0, -1]) {
      const { ocpp16, ocpp201 } = nameFromInteger(id, ORIGIN, never);
      expect(ocpp16).toBe(id);
      expect(nameFromInteger(id, ORIGIN, never).ocpp201).toBe(ocpp201);
      expect(nameFromInteger(id, { ...ORIGIN, startedAt: '2026-03-31T13:00:00Z' }, never).ocpp201).not.toBe(ocpp201);
    }
    expect(nameFromInteger(7, ORIGIN, (text) => text === '7').ocpp201).not.toBe('7');
  });

  it('of OCPP 2.0.1 gets a positive int32, free and the same each time, and keeps its text when that fits', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 60 }), (id) => {
        const first = nameFromString(id, ORIGIN, never);
        expect(first.ocpp16).toBeGreaterThan(0);
        expect(first.ocpp16).toBeLessThanOrEqual(0x7fff_ffff);
        expect(nameFromString(id, ORIGIN, never)).toEqual(first);
        expect(first.ocpp201.length).toBeLessThanOrEqual(36);
        expect(first.ocpp201 === id).toBe(id.length <= 36);
        const again = nameFromString(id, ORIGIN, (is) => is(first));
        expect(again.ocpp16).not.toBe(first.ocpp16);
        expect(again.ocpp201 === first.ocpp201).toBe(id.length > 36);
        expect(again.ocpp201.length).toBeLessThanOrEqual(36);
      }),
    );
    expect(nameFromString('4711', ORIGIN, never)).toEqual({ ocpp16: 4711, ocpp201: '4711' });
  });
});
