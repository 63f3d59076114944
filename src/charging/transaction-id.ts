/** Gives a transaction both its names, the OCPP 1.6 integer and the OCPP 2.0.1 string. Pure; the same input gives the same name. */
import type { TransactionId } from './session.ts';

const MAX_INT32 = 0x7fff_ffff;

/** FNV-1a, 32 bit: small, stable, spread well enough for names; collisions are looked for by the callers. */
function hash32(text: string): number {
  let hash = 0x811c_9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193) >>> 0;
  }
  return hash;
}

const hex = (value: number) => value.toString(16).padStart(8, '0');

/** What a minted name is made of: where and when the transaction began. `chargePointId` makes it unique beyond the charger. */
export type TransactionOrigin = {
  readonly chargePointId: string;
  readonly evseId: number;
  readonly startedAt: string;
};

/**
 * Names a transaction whose CSMS chose the integer `id` (OCPP 1.6). The string is its decimal form; for an id of 0 or less, or
 * one that `isTaken` says another session of this charger had, a string is minted from charger, connector and start time.
 */
export function nameFromInteger(
  id: number,
  origin: TransactionOrigin,
  isTaken: (ocpp201: string) => boolean,
): TransactionId {
  const decimal = String(id);
  return { ocpp16: id, ocpp201: id > 0 && !isTaken(decimal) ? decimal : mint(origin, decimal) };
}

/**
 * Names a transaction whose station chose the string `id` (OCPP 2.0.1). The integer is minted, positive, and free by `isTaken`;
 * a text that is a positive int32 anyway keeps its value. A string that is over 36 characters, or another session's, is replaced
 * by a minted one.
 */
export function nameFromString(
  id: string,
  origin: TransactionOrigin,
  isTaken: (is: (known: TransactionId) => boolean) => boolean,
): TransactionId {
  const isUsable = id.length <= 36 && !isTaken(({ ocpp201 }) => ocpp201 === id);
  const own = /^[1-9]\d{0,9}$/.test(id) ? Number(id) : 0;
  let ocpp16 = own > 0 && own <= MAX_INT32 ? own : hash32(`${origin.chargePointId}|${id}`) & MAX_INT32;
  const isFree = () => ocpp16 > 0 && !isTaken((known) => known.ocpp16 === ocpp16);
  while (!isFree()) ocpp16 = (ocpp16 + 1) & MAX_INT32;
  return { ocpp16, ocpp201: isUsable ? id : mint(origin, id) };
}

function mint({ chargePointId, evseId, startedAt }: TransactionOrigin, id: string): string {
  const seed = `${chargePointId}|${evseId}|${startedAt}|${id}`;
  return `tx-${hex(hash32(seed))}${hex(hash32(`${seed}#`))}`;
}
