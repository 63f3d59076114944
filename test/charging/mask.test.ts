/** Id tokens in what operators are shown: masked under every name both OCPP versions and our own events give them. */
import { describe, expect, test } from 'vitest';
import { idTokensIn, maskIdTokens, maskTokensInText } from '../../src/charging/mask.ts';

const HOLDING = {
  frame: { payload: { idTag: '04A3C1F2B95E80', idTagInfo: { parentIdTag: 'FLEET-0017' } } },
  request: {
    idToken: { idToken: 'AABBCCDD', type: 'ISO14443', additionalInfo: [{ additionalIdToken: 'MORE-1', type: 'x' }] },
    groupIdToken: { idToken: 'GROUP-9', type: 'Central' },
  },
  event: {
    session: { idToken: { value: 'EVENT-TOKEN', type: 'Central', additional: [{ value: 'EXTRA', type: 'y' }] } },
  },
  digits: { idTag: 12345678 },
  value: 'not a token',
};
const TOKENS = ['04A3C1F2B95E80', 'FLEET-0017', 'AABBCCDD', 'MORE-1', 'GROUP-9', 'EVENT-TOKEN', 'EXTRA', '12345678'];

describe('masking', () => {
  test('leaves nothing of a token but its end, and everything else as it was', () => {
    const masked = maskIdTokens(HOLDING);
    const text = JSON.stringify(masked);
    for (const token of TOKENS) expect(text).not.toContain(token);
    expect(masked).toMatchObject({
      frame: { payload: { idTag: '***E80' } },
      request: { idToken: { idToken: '***CDD', type: 'ISO14443' } },
      digits: { idTag: '***678' },
      value: 'not a token',
    });
  });

  test('finds every token that it masks', () => {
    expect(idTokensIn(HOLDING)).toEqual(TOKENS);
    expect(idTokensIn(maskIdTokens(HOLDING)).every((token) => token.startsWith('***'))).toBe(true);
  });

  test('of text masks each token wherever it stands, longer ones first', () => {
    const text = 'no AABBCCDD, no AABBCCDD0011 and no $& here';
    expect(maskTokensInText(text, ['AABBCCDD', 'AABBCCDD0011', '$&'])).toBe('no ***CDD, no ***011 and no ***& here');
    expect(maskTokensInText(text, [])).toBe(text);
  });
});
