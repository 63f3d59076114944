// The two providers as planners: each asks in the words of its own guide, and says what it was told; they plan nothing by themselves.
import type { Received } from '../journal.ts';
import type { OutsideWorld } from '../outside-world.ts';
import { sandboxSettings } from '../settings.ts';
import { readJedlixDelivery, readStekkerDelivery, type Delivery } from './deliveries.ts';
import { numberAt, textAt } from './json.ts';

/** At most `limitW` for an hour from `from` on, then whatever the charger can give (`thenW`). */
export type Plan = { readonly id: number; readonly from: Date; readonly limitW: number; readonly thenW: number };

/** What the edge answered a plan with. `heard` is OCPP's word for it, or the status code when the answer has none. */
export type PlanAnswer = { readonly heard: string; readonly status: number; readonly body: unknown };

/** Where a plan goes to. `received` is what the provider knows of the charger's session by now. */
export type PlanCall = {
  readonly edgeUrl: string;
  readonly chargePointId: string;
  readonly plan: Plan;
  readonly received: readonly Received[];
};

/** A provider. `asks` says in which form it sends a plan. */
export type Planner = {
  readonly name: string;
  readonly provider: 'stekker' | 'jedlix';
  readonly version: string;
  readonly asks: (received: readonly Received[]) => string;
  /** Every session message about one charger that it received, refused ones included. */
  readonly receivedOf: (chargePointId: string) => Received[];
  readonly read: (entry: Received) => Delivery;
  readonly addPairingCode: (code: string) => void;
  readonly send: (call: PlanCall) => Promise<PlanAnswer>;
};

/** Stekker: OCPP 1.6, with the connector and the transaction as Stekker was told it. Source: Stekker guide, charging profiles. */
export function stekkerPlanner({ stekker }: OutsideWorld): Planner {
  return {
    name: 'Stekker',
    provider: 'stekker',
    version: 'OCPP 1.6',
    asks: (received) => `connector 1, transaction ${stekkerTransaction(received) ?? 'unknown'}`,
    receivedOf: (chargePointId) =>
      stekker.received.filter(
        ({ method, body }) => method === 'POST' && textAt(body, 'chargePointId') === chargePointId,
      ),
    read: readStekkerDelivery,
    addPairingCode: stekker.addPairingCode,
    async send({ edgeUrl, chargePointId, plan, received }) {
      const csChargingProfiles = { chargingProfileId: plan.id, stackLevel: 0, ...kind, chargingSchedule: timed(plan) };
      const transactionId = stekkerTransaction(received);
      const body = { connectorId: 1, csChargingProfiles: { ...csChargingProfiles, transactionId } };
      const key = sandboxSettings.STEKKER_INBOUND_KEY;
      const answer = await stekker.setChargingProfile({ edgeUrl, key, chargePointId, body });
      const heard = answer.status === 200 ? textAt(answer.body, 'status') : String(answer.status);
      return { ...answer, heard };
    },
  };
}

/** Jedlix: OCPP 2.0.1, the whole station, at once. Source: Jedlix guide, charging profiles. */
export function jedlixPlanner({ jedlix }: OutsideWorld): Planner {
  return {
    name: 'Jedlix',
    provider: 'jedlix',
    version: 'OCPP 2.0.1',
    asks: () => 'EVSE 0, no transaction',
    receivedOf: (chargePointId) =>
      jedlix.received.filter(({ path }) => path.includes(`/${encodeURIComponent(chargePointId)}/events/`)),
    read: readJedlixDelivery,
    addPairingCode: jedlix.addPairingCode,
    async send({ edgeUrl, chargePointId, plan }) {
      const chargingSchedule = [{ id: 1, ...schedule(plan) }];
      const profile = { evseId: 0, chargingProfile: { id: plan.id, stackLevel: 1, ...kind, chargingSchedule } };
      const token = sandboxSettings.JEDLIX_INBOUND_TOKENS;
      const { status, body } = await jedlix.setChargingProfile({ edgeUrl, token, uid: chargePointId, profile });
      return { status, body, heard: jedlixHeard(status, textAt(body, 'message')) };
    },
  };
}

const kind = { chargingProfilePurpose: 'TxProfile', chargingProfileKind: 'Absolute' } as const;

/** The limits in W, in both versions' words. */
function schedule({ limitW, thenW }: Plan) {
  const chargingSchedulePeriod = [
    { startPeriod: 0, limit: limitW },
    { startPeriod: 3600, limit: thenW },
  ];
  return { chargingRateUnit: 'W', chargingSchedulePeriod };
}

function timed(plan: Plan) {
  return { startSchedule: plan.from.toISOString(), ...schedule(plan) };
}

function stekkerTransaction(received: readonly Received[]): number | undefined {
  return received.map(({ body }) => numberAt(body, 'response', 'transactionId')).find((id) => id !== undefined);
}

/** Jedlix's guide has 200 for what was executed, and 400 with a message for what was not. */
function jedlixHeard(status: number, message: string): string {
  if (status === 200) return 'Accepted';
  return status === 400 && message.includes('rejected') ? 'Rejected' : String(status);
}
