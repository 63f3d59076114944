/** The chargers of a crash test, and who is paired with which of them. Pure. */

/** The providers, and whether each is told of statuses outside sessions. */
export const PROVIDERS = { stekker: { wantsStatus: true }, jedlix: { wantsStatus: false } } as const;
export type ProviderName = keyof typeof PROVIDERS;
export const PROVIDER_NAMES: readonly ProviderName[] = ['stekker', 'jedlix'];

/** Who is owed something: the providers, and the CSMS its notifications. */
export const RECIPIENTS = { ...PROVIDERS, csms: { wantsStatus: false } } as const;
export type RecipientName = keyof typeof RECIPIENTS;
export const RECIPIENT_NAMES: readonly RecipientName[] = [...PROVIDER_NAMES, 'csms'];

export type FleetCharger = {
  readonly chargePointId: string;
  readonly ocppIdentity: string;
  readonly connectors: number;
  readonly providers: readonly ProviderName[];
};

/** The most that each EVSE of the fleet can give: three phases of 230 V and 32 A. */
export const MAX_POWER_W = 3 * 230 * 32;

/** Every fifth charger is paired with both providers, the others by turns with one of them; connectors: one to three. */
export function fleetOf(size: number): readonly FleetCharger[] {
  return Array.from({ length: size }, (_, index) => ({
    chargePointId: `cp-${String(index).padStart(5, '0')}`,
    ocppIdentity: `CHAOS_${String(index).padStart(5, '0')}`,
    connectors: 1 + (index % 3),
    providers: pairingOf(index),
  }));
}

function pairingOf(index: number): readonly ProviderName[] {
  if (index % 5 === 4) return ['stekker', 'jedlix'];
  return index % 2 === 0 ? ['stekker'] : ['jedlix'];
}

/** The body of `PUT /api/chargers/{chargePointId}`. */
export function registrationOf({ ocppIdentity, connectors }: FleetCharger): unknown {
  return {
    ocppIdentity,
    protocol: 'ocpp1.6',
    name: ocppIdentity,
    country: 'NLD',
    geometry: { type: 'Point', coordinates: [5.365, 52.583] },
    evses: Array.from({ length: connectors }, (_, index) => ({
      evseId: index + 1,
      connectors: [{ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 }],
    })),
  };
}
