/** A meter's signed reading (OCPP 2.0.1 SignedMeterValueType). Never cut, because half a signature proves nothing. */
import * as z from 'zod';
import type { SignedMeterValue as HubSigned } from '../../charging/meter.ts';
import { object, text } from '../tolerant.ts';
import { CustomData, readCustomData } from './custom-data.ts';

const MAX_LENGTHS = { signedMeterData: 2500, signingMethod: 50, encodingMethod: 50, publicKey: 2500 } as const;

export const SignedMeterValue = z.strictObject({
  customData: CustomData.optional(),
  signedMeterData: z.string().max(MAX_LENGTHS.signedMeterData),
  signingMethod: z.string().max(MAX_LENGTHS.signingMethod),
  encodingMethod: z.string().max(MAX_LENGTHS.encodingMethod),
  publicKey: z.string().max(MAX_LENGTHS.publicKey),
});
export type SignedMeterValue = z.infer<typeof SignedMeterValue>;

/** Reads a signed reading; undefined when a field is missing. */
export function readSigned(value: unknown): HubSigned | undefined {
  const wire = object(value);
  if (wire === undefined) return undefined;
  const signedMeterData = text(wire['signedMeterData']);
  const signingMethod = text(wire['signingMethod']);
  const encodingMethod = text(wire['encodingMethod']);
  const publicKey = text(wire['publicKey']);
  if (signedMeterData === undefined || signingMethod === undefined) return undefined;
  if (encodingMethod === undefined || publicKey === undefined) return undefined;
  const signed = { signedMeterData, signingMethod, encodingMethod, publicKey };
  const vendorData = readCustomData(wire['customData']);
  return vendorData === undefined ? signed : { ...signed, vendorData };
}

/** Writes a signed reading; undefined when a field is longer than OCPP 2.0.1 allows. */
export function writeSigned({ vendorData, ...signed }: HubSigned): SignedMeterValue | undefined {
  const isTooLong =
    signed.signedMeterData.length > MAX_LENGTHS.signedMeterData ||
    signed.signingMethod.length > MAX_LENGTHS.signingMethod ||
    signed.encodingMethod.length > MAX_LENGTHS.encodingMethod ||
    signed.publicKey.length > MAX_LENGTHS.publicKey;
  if (isTooLong) return undefined;
  return vendorData === undefined ? signed : { ...signed, customData: vendorData };
}
