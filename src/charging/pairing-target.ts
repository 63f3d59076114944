/** What a pairing is for: a whole station, or one of its EVSEs. */

/** The whole station ("ocpp"), or the EVSE with this uid ("ocpi"). */
export type PairingTarget = { readonly format: 'ocpp' } | { readonly format: 'ocpi'; readonly evseUid: string };
