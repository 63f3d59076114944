/** What a station does with what it tells: one line in the log for each notification. */
import { configOf } from '../config.ts';
import type { LogLevel } from '../log.ts';
import type { NoticesHome } from './journal/notices.ts';
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

/** The notices of one object. */
export function noticesHome({ env, log }: Pick<StationHome, 'env' | 'log'>): NoticesHome {
  return {
    isOn: () => configOf(env).isNotifying,
    raised: ({ type, data }) => {
      const level = LEVELS[type];
      const { chargePointId: _, ...facts } = data;
      const fields = Object.entries(facts).map(([name, value]) => [`scsp.${snake(name)}`, value]);
      if (level !== undefined) log(level, type, Object.fromEntries(fields));
    },
  };
}

const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
