/** The identifier of whoever charges (OCPP 2.0.1 IdTokenType). Needs a value; reads any type, writes the known ones. */
import * as z from 'zod';
import { ID_TOKEN_TYPES, type IdToken as HubIdToken } from '../../charging/id-token.ts';
import { array, object, oneOf, text, tokenText, vocabulary } from '../tolerant.ts';
import { CustomData, readCustomData } from './custom-data.ts';
import { defined } from '../../defined.ts';

const MAX_TOKEN_LENGTH = 36;
const MAX_ADDITIONAL_TYPE_LENGTH = 50;
const TYPE_WORDS = vocabulary(ID_TOKEN_TYPES);

const AdditionalInfo = z.strictObject({
  customData: CustomData.optional(),
  additionalIdToken: z.string().max(MAX_TOKEN_LENGTH),
  type: z.string().max(MAX_ADDITIONAL_TYPE_LENGTH),
});

export const IdToken = z.strictObject({
  customData: CustomData.optional(),
  additionalInfo: z.array(AdditionalInfo).min(1).optional(),
  idToken: z.string().max(MAX_TOKEN_LENGTH),
  type: z.enum(ID_TOKEN_TYPES),
});
export type IdToken = z.infer<typeof IdToken>;

/** Reads an `idToken` object. Without a type that OCPP knows it is `Central`: all we know is that a CSMS knows it. */
export function readIdToken(value: unknown): HubIdToken | undefined {
  const wire = object(value);
  const token = wire && tokenText(wire['idToken']);
  if (wire === undefined || token === undefined) return undefined;
  const additional = array(wire['additionalInfo']).flatMap(readAdditional);
  return defined({
    value: token,
    type: oneOf(TYPE_WORDS, wire['type']) ?? 'Central',
    additional: additional.length > 0 ? additional : undefined,
    vendorData: readCustomData(wire['customData']),
  });
}

function readAdditional(item: unknown): NonNullable<HubIdToken['additional']> {
  const wire = object(item);
  const value = text(wire?.['additionalIdToken']);
  const type = text(wire?.['type']);
  if (value === undefined || type === undefined) return [];
  return [defined({ value, type, vendorData: readCustomData(wire?.['customData']) })];
}

/** Writes a token, each text cut to the length OCPP 2.0.1 allows. */
export function writeIdToken({ value, type, additional = [], vendorData }: HubIdToken): IdToken {
  const idToken: IdToken = { idToken: value.slice(0, MAX_TOKEN_LENGTH), type };
  if (vendorData !== undefined) idToken.customData = vendorData;
  if (additional.length > 0) {
    idToken.additionalInfo = additional.map((info) => ({
      additionalIdToken: info.value.slice(0, MAX_TOKEN_LENGTH),
      type: info.type.slice(0, MAX_ADDITIONAL_TYPE_LENGTH),
      ...defined({ customData: info.vendorData }),
    }));
  }
  return idToken;
}
