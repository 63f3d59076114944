/** Vendor data anywhere in OCPP 2.0.1 (CustomDataType). It is ignored without a `vendorId`, which is required. */
import * as z from 'zod';
import type { VendorData } from '../../charging/meter.ts';
import { isObject } from '../tolerant.ts';

const MAX_VENDOR_ID_LENGTH = 255;

export const CustomData = z.looseObject({ vendorId: z.string().max(MAX_VENDOR_ID_LENGTH) });
export type CustomData = z.infer<typeof CustomData>;

/** Reads a `customData`; undefined when it is absent or names no vendor. */
export function readCustomData(value: unknown): VendorData | undefined {
  return isVendorData(value) && value.vendorId.length <= MAX_VENDOR_ID_LENGTH ? value : undefined;
}

function isVendorData(value: unknown): value is VendorData {
  return isObject(value) && typeof value['vendorId'] === 'string';
}
