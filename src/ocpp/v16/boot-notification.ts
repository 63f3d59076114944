/** BootNotification (OCPP 1.6 §6.3): the station has started. Read only; no field of it is needed. */
import { ok } from '../../result.ts';
import type { Reader } from '../reader.ts';

/** Reads the request. It has no time of its own. */
export const readBootNotification: Reader = (_payload, { seenAt }) => ok([{ kind: 'station-booted', at: seenAt }]);
