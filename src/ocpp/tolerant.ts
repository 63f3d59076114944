/**
 * Reads single JSON values as real chargers write them: numbers as text, text as numbers, null for absent, odd
 * timestamps. Pure; never throws; a value that cannot be read is undefined. Hand-written, because every meter sample is
 * read by it.
 */
import { decimalText } from '../charging/quantity.ts';

export type Json = Readonly<Record<string, unknown>>;

/** An object while it is built: the same fields, still writable. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** The words of an enumeration, by their own spelling and by their lower-case spelling. */
export type Vocabulary<T extends string> = ReadonlyMap<string, T>;

const DECIMAL = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;
const RFC3339 =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const NEARLY_RFC3339 = /^\s*(\d{4}-\d\d-\d\d)(?:T|\s+)(\d\d:\d\d)(:\d\d)?([.,]\d+)?\s*(Z|[+-]\d\d(?::?\d\d)?)?\s*$/i;

/** A JSON object; undefined for anything else, such as an array or null. */
export function object(value: unknown): Json | undefined {
  return isObject(value) ? value : undefined;
}

/** Whether the value is a JSON object. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A JSON array; anything else counts as an empty one. */
export function array(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A JSON array. One object where a list belongs is a list of one: a Huawei wallbox writes `meterValue` so. */
export function list(value: unknown): readonly unknown[] {
  return isObject(value) ? [value] : array(value);
}

/** A token's text without blanks and NUL characters around it; undefined when nothing is left. */
export function tokenText(value: unknown): string | undefined {
  return text(value)?.replace(/^[\s\0]+|[\s\0]+$/g, '') || undefined;
}

/** Text as it is; a finite number as its plain decimal text. */
export function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isFinite(value) ? decimalText(value) : undefined;
}

/** A finite number, also as decimal text ("165333.00"). Not: hexadecimal, empty text, "1,5". -0 counts as 0. */
export function number(value: unknown): number | undefined {
  const parsed = typeof value === 'string' && DECIMAL.test(value) ? Number(value) : value;
  if (typeof parsed !== 'number' || !Number.isFinite(parsed)) return undefined;
  return parsed === 0 ? 0 : parsed;
}

/** A whole number that JavaScript can represent exactly, also as text ("17", "17.0"). */
export function integer(value: unknown): number | undefined {
  const parsed = number(value);
  return parsed !== undefined && Number.isSafeInteger(parsed) ? parsed : undefined;
}

/** What we read an OCPP 1.6 transaction id as when it is no int32: an id that names no session by itself. */
const UNUSABLE_ID = -1;

/** An OCPP 1.6 transaction id. One too large to be exact counts as -1 (Alfen writes 2^63 - 1 for "unknown"). */
export function transactionNumber(value: unknown): number | undefined {
  const parsed = number(value);
  return parsed !== undefined && Number.isInteger(parsed) && !Number.isSafeInteger(parsed)
    ? UNUSABLE_ID
    : integer(parsed);
}

/** A boolean, also as the text "true" or "false". */
export function flag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 'true') return true;
  return value === 'false' ? false : undefined;
}

/** The vocabulary of an enumeration's words. */
export function vocabulary<T extends string>(words: readonly T[]): Vocabulary<T> {
  return new Map([
    ...words.map((word) => [word.toLowerCase(), word] as const),
    ...words.map((word) => [word, word] as const),
  ]);
}

/** The word, in its proper spelling, whatever its case was; undefined for an unknown word. */
export function oneOf<T extends string>(words: Vocabulary<T>, value: unknown): T | undefined {
  if (typeof value !== 'string') return undefined;
  return words.get(value) ?? words.get(value.trim().toLowerCase());
}

/**
 * An instant in RFC 3339. It is kept verbatim if its form is right, and repaired if only its form is wrong: no zone
 * counts as UTC, a space for the T, no seconds, a comma, "+0200". Undefined for no real date ("2026-02-30") and for a
 * leap second, which no clock here has.
 */
export function instant(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (RFC3339.test(value)) return hasRealDay(value) ? value : undefined;
  const parts = NEARLY_RFC3339.exec(value);
  if (parts === null) return undefined;
  const [, day = '', minutes = '', seconds = ':00', fraction = '', zone = 'Z'] = parts;
  const repaired = `${day}T${minutes}${seconds}${fraction.replace(',', '.')}${fullZone(zone)}`;
  return RFC3339.test(repaired) && hasRealDay(repaired) ? repaired : undefined;
}

/** "z" → "Z", "+02" and "+0200" → "+02:00". */
function fullZone(zone: string): string {
  return zone.length === 1 ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`;
}

/** Whether the month has that day. Only days from the 29th on need to be checked. */
function hasRealDay(timestamp: string): boolean {
  const day = Number(timestamp.slice(8, 10));
  if (day < 29) return true;
  return day <= new Date(Date.UTC(Number(timestamp.slice(0, 4)), Number(timestamp.slice(5, 7)), 0)).getUTCDate();
}
