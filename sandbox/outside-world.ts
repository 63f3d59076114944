// Both providers and the CSMS at once, set up so that the sandbox's settings fit; it adds nothing to the stand-ins.
import { startCsms, type Csms } from './csms.ts';
import { startJedlix, type Jedlix } from './jedlix.ts';
import { EVENTS_SECRET, sandboxSettings } from './settings.ts';
import { startStekker, type Stekker } from './stekker.ts';

/** Codes that the providers' apps have given out. */
export type OutsideWorldOptions = { stekkerCodes?: readonly string[]; jedlixCodes?: readonly string[] };

/** The running stand-ins, and their URLs as the edge takes them. */
export type OutsideWorld = {
  stekker: Stekker;
  jedlix: Jedlix;
  csms: Csms;
  urls: { stekkerUrl: string; jedlixUrl: string; csmsUrl: string };
  reset: () => void;
  close: () => Promise<void>;
};

/** Starts the three stand-ins. */
export async function startOutsideWorld(options: OutsideWorldOptions = {}): Promise<OutsideWorld> {
  const settings = sandboxSettings;
  const [stekker, jedlix, csms] = await Promise.all([
    startStekker({ token: settings.STEKKER_TOKEN, coordinates: 'lat-lon', pairingCodes: options.stekkerCodes ?? [] }),
    startJedlix({
      clientId: settings.JEDLIX_CLIENT_ID,
      clientSecret: settings.JEDLIX_CLIENT_SECRET,
      audience: settings.JEDLIX_AUDIENCE,
      apiKey: settings.JEDLIX_API_KEY,
      pairingCodes: options.jedlixCodes ?? [],
    }),
    startCsms({ commandSecret: settings.CSMS_COMMAND_SECRET, eventsSecret: EVENTS_SECRET }),
  ]);
  const all = [stekker, jedlix, csms];
  return {
    stekker,
    jedlix,
    csms,
    urls: { stekkerUrl: stekker.url, jedlixUrl: jedlix.url, csmsUrl: csms.url },
    reset: () => all.forEach((standIn) => standIn.reset()),
    close: async () => void (await Promise.all(all.map((standIn) => standIn.close()))),
  };
}
