/** The central system's answer to an idTag (OCPP 1.6 IdTagInfo). Reads any status; writes the five of OCPP 1.6. */
import * as z from 'zod';
import type { Authorization } from '../../charging/id-token.ts';
import { defined } from '../../defined.ts';
import { instant, object, oneOf, text, tokenText, vocabulary } from '../tolerant.ts';

const STATUSES = ['Accepted', 'Blocked', 'Expired', 'Invalid', 'ConcurrentTx'] as const;
const STATUS_WORDS = vocabulary(STATUSES);

export const IdTagInfo = z.strictObject({
  status: z.enum(STATUSES),
  expiryDate: z.iso.datetime({ offset: true }).optional(),
  parentIdTag: z.string().max(20).optional(),
});
export type IdTagInfo = z.infer<typeof IdTagInfo>;

/** The `idTagInfo` of an answer, or undefined when there is none. One without a status counts as Accepted. */
export function readIdTagInfo(value: unknown): Authorization | undefined {
  const info = object(value);
  if (info === undefined) return undefined;
  const status = oneOf(STATUS_WORDS, info['status']) ?? text(info['status']) ?? 'Accepted';
  return defined({ status, expiryDate: instant(info['expiryDate']), parentIdTag: tokenText(info['parentIdTag']) });
}

/** Writes an authorization. A status that OCPP 1.6 does not have is a refusal, so it becomes Invalid. */
export function writeIdTagInfo({ status, expiryDate, parentIdTag }: Authorization): IdTagInfo {
  const word = oneOf(STATUS_WORDS, status) ?? 'Invalid';
  return defined({ status: word, expiryDate, parentIdTag: parentIdTag?.slice(0, 20) });
}
