/** Stekker's settings. It is off when none of them are there, and misconfigured when only some are. */
import * as z from 'zod';
import type { Problem } from '../../problem.ts';
import { ok, type Result } from '../../result.ts';
import { commaList, parseSettings } from '../../settings.ts';
import type { SettingsSource } from '../provider.ts';

const StekkerSettings = z.object({
  STEKKER_BASE_URL: z.url().default('https://api.stekker.app'),
  STEKKER_TOKEN: z.string().min(1),
  /** Stekker's guide says both. Its examples say Token. */
  STEKKER_AUTH_SCHEME: z.enum(['Token', 'Bearer']).default('Token'),
  /** Comma-separated keys that Stekker shows us. */
  STEKKER_INBOUND_KEY: commaList,
  /** Stekker's example puts latitude first, the reverse of GeoJSON. */
  STEKKER_COORDINATES: z.enum(['lat-lon', 'lon-lat']).default('lat-lon'),
});
export type StekkerSettings = z.infer<typeof StekkerSettings>;

/** The settings that turn Stekker on. The others only change how it works. */
const TELLING = ['STEKKER_BASE_URL', 'STEKKER_TOKEN', 'STEKKER_INBOUND_KEY'];

/** Reads the settings: undefined when Stekker is off; `misconfigured` names what is missing. */
export function readSettings(source: SettingsSource): Result<StekkerSettings | undefined, Problem> {
  if (TELLING.every((name) => source[name] === undefined || source[name] === '')) return ok(undefined);
  return parseSettings(StekkerSettings, source);
}
