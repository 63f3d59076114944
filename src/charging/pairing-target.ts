/** How a pairing addresses its charger. */

/** As a station of EVSEs ("ocpp"), or as one EVSE ("ocpi", with its `evseUid`). */
export type PairingTarget = { readonly format: 'ocpp' } | { readonly format: 'ocpi'; readonly evseUid: string };
