/** The settings of notifications: both or none, and never our own address. */
import { expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { EVENTS_SETTINGS } from '../settings.ts';

const read = (changes: Record<string, string>) => {
  const { notifications, isNotifying, badSettings } = readConfig({ ...EVENTS_SETTINGS, ...changes });
  return { isOn: notifications !== undefined, isNotifying, badSettings };
};

test('notifications are on when both settings are there, and off when none is', () => {
  expect(read({})).toEqual({ isOn: true, isNotifying: true, badSettings: [] });
  const none = { CSMS_EVENTS_URL: '', CSMS_EVENTS_SECRET: '' };
  expect(read(none)).toEqual({ isOn: false, isNotifying: false, badSettings: [] });
});

test.each([
  ['the secret is missing', { CSMS_EVENTS_SECRET: '' }, 'CSMS_EVENTS_SECRET'],
  ['the secret is none', { CSMS_EVENTS_SECRET: 'secret' }, 'CSMS_EVENTS_SECRET'],
  ['the URL is missing', { CSMS_EVENTS_URL: '' }, 'CSMS_EVENTS_URL'],
  ['the URL is none', { CSMS_EVENTS_URL: 'csms.test/events' }, 'CSMS_EVENTS_URL'],
  ['the URL is no web address', { CSMS_EVENTS_URL: 'ftp://csms.test/events' }, 'CSMS_EVENTS_URL'],
  [
    'the URL is our own',
    { CSMS_EVENTS_URL: 'https://edge.test/webhooks/ocpp', PUBLIC_BASE_URL: 'https://EDGE.test:443' },
    'CSMS_EVENTS_URL',
  ],
])('when %s, what the CSMS is owed waits, and the operator is told which setting', (_, changes, setting) => {
  expect(read(changes)).toEqual({ isOn: false, isNotifying: true, badSettings: [setting] });
});
