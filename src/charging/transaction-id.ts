/** Gives a transaction both its ids, OCPP 1.6's integer and OCPP 2.0.1's string. Equal inputs give equal ids. */
import type { TransactionId } from './session.ts';

const MAX_INT32 = 0x7fff_ffff;

/** The FNV-1a hash, 32 bit. It is small and stable. Collisions are possible, and the callers look for them. */
function hash32(text: string): number {
  let hash = 0x811c_9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193) >>> 0;
  }
  return hash;
}

const hex = (value: number) => value.toString(16).padStart(8, '0');

/** What a made-up id is computed from: where and when the transaction began. `chargePointId` makes it unique. */
export type TransactionOrigin = {
  readonly chargePointId: string;
  readonly evseId: number;
  readonly startedAt: string;
};

/**
 * The ids of a transaction whose CSMS chose the integer `id` (OCPP 1.6). The string is its decimal form. If `id` is 0
 * or less, or another session of this charger had it (`isTaken`), the string is made from charger, connector and start
 * time.
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
 * The ids of a transaction whose station chose the string `id` (OCPP 2.0.1). The integer is made up, positive, and not
 * taken by another session. A string that is a positive int32 keeps its value as the integer. A string of more than 36
 * characters, or of another session, is replaced by a made-up one.
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
