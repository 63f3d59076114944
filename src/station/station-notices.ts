/** What a station does with what it tells: one line in the log for each notification. */
import { configOf } from '../config.ts';
import type { LogLevel } from '../log.ts';
import { HAPPENED } from '../notification.ts';
import { openAlert } from '../storage/alerts.ts';
import { Notices } from './journal/notices.ts';
import type { StationHome } from './station-home.ts';

/** Those that are not here have a line of their own where they arise. */
const LEVELS: Readonly<Record<string, LogLevel>> = {
  'pairing.created': 'info',
  'pairing.ended': 'info',
  'profile.rejected': 'warn',
  'profile.not-followed': 'warn',
  'session.implausible': 'warn',
  'webhooks.lost': 'warn',
};

/**
 * The notices of one object. What is worth an alert is one for its charger; the CSMS is told by the charger's lane.
 * `deliver` starts the lanes: what raises a notice may have no other reason to.
 */
export function noticesOf(
  { env, log, aside }: Pick<StationHome, 'env' | 'log' | 'aside'>,
  deliver: () => void,
): Notices {
  return new Notices({
    isOn: () => configOf(env).isNotifying,
    raised: ({ type, data }) => {
      const level = LEVELS[type];
      const { chargePointId, ...facts } = data;
      const alert = { type, subject: String(chargePointId), detail: facts };
      if (HAPPENED.includes(type)) aside(openAlert(env.DB, alert, { now: Date.now() }));
      const fields = Object.entries(facts).map(([name, value]) => [`scsp.${snake(name)}`, value]);
      // Whatever raised it goes on first: it may write more in the same breath.
      if (configOf(env).isNotifying) aside(Promise.resolve().then(deliver));
      if (level !== undefined) log(level, type, Object.fromEntries(fields));
    },
  });
}

const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
