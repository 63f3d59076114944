/** The answers that the console reads, as far as it reads them. test/reference/console.test.ts holds them to the reference. */

export type Page = { readonly cursor?: string | undefined };

export type Alert = {
  readonly type: string;
  readonly since: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
};

export type Provider = {
  readonly provider: string;
  readonly state: 'on' | 'off' | 'half-configured';
  readonly badSettings?: readonly string[] | undefined;
  readonly paused: boolean;
  readonly breaker: string;
  readonly backlog: number;
  readonly chargersWaiting: number;
  readonly oldestUndeliveredAgeSeconds: number | null;
  readonly lastError: { readonly reason: string; readonly at: string } | null;
  readonly delivered: number;
  readonly rejected: number;
  readonly retried: number;
  readonly countsFrom: string | null;
  readonly countsUntil: string | null;
};

export type Connector = { readonly connectorId: string; readonly maxPower?: number | undefined };

export type Evse = {
  readonly evseId: number;
  readonly uid?: string | undefined;
  readonly emi3Id?: string | undefined;
  readonly connectors: readonly Connector[];
};

export type Charger = {
  readonly chargePointId: string;
  readonly ocppIdentity: string;
  readonly protocol: string;
  readonly name?: string | undefined;
  readonly evses: readonly Evse[];
  readonly warnings: readonly string[];
};

export type Pairing = {
  readonly provider: string;
  readonly status: 'pending' | 'paired';
  readonly pairedAt?: string | undefined;
  readonly evseUid?: string | undefined;
};

export type Profile = {
  readonly provider: string;
  readonly status: string;
  readonly requestedAt: string;
  readonly limit: number | null;
  readonly unit: 'W' | 'A' | null;
  readonly notes: readonly string[];
};

export type Explanation = {
  readonly code: string;
  readonly text: string;
  readonly since: string;
  readonly until?: string | undefined;
};

/** A running session has more to tell than one that is over. */
export type Session = {
  readonly state: string;
  readonly transactionId: string;
  readonly evseId: number;
  readonly startedAt: string;
  readonly endedAt?: string | null | undefined;
  readonly registerWh: number | null;
  readonly energyWh?: number | undefined;
  readonly chargingState?: string | null | undefined;
  readonly powerW?: number | null | undefined;
  readonly powerAt?: string | null | undefined;
  readonly profile?: Profile | null | undefined;
  readonly explanation?: Explanation | undefined;
  readonly warnings: readonly { readonly code: string; readonly since: string }[];
};

export type ChargerDetail = Charger & {
  readonly pairings: readonly Pairing[];
  readonly sessions: readonly Session[];
};

/** What the timeline shows of one thing that happened. Inside of `entry`, `events` and `attempts`, everything may lack. */
export type TimelineItem = {
  readonly seq: number;
  readonly at: string;
  readonly requestId: string;
  readonly entry: { readonly kind: string; readonly [field: string]: unknown };
  readonly events: readonly unknown[];
  readonly kept: readonly unknown[];
  readonly owed: readonly string[];
  readonly deliveries: Readonly<
    Record<string, { readonly outcome: string; readonly at: string; readonly attempts: number }>
  >;
  readonly attempts: readonly { readonly provider: string; readonly at: string }[];
};

export type DeadLetter = {
  readonly deliveryId: string;
  readonly provider: string;
  readonly chargePointId: string;
  readonly reason: string;
  readonly attempts: number;
  readonly receivedAt: string;
  readonly parkedAt: string;
  readonly lastAnswer?: unknown;
  readonly payload: readonly unknown[];
};

export type ParkedGroup = {
  readonly provider: string;
  readonly reason: string;
  readonly messages: number;
  readonly chargers: number;
  readonly oldestParkedAt: string;
};

export type ParkedSummary = {
  readonly groups: readonly ParkedGroup[];
  readonly chargers: readonly { readonly chargePointId: string; readonly messages: number }[];
  readonly keptElsewhere: number;
};

export type Check = { readonly name: string; readonly ok: boolean; readonly detail?: string | undefined };

export type UnknownCharger = {
  readonly identity: string;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly events: number;
};

/** A session as it is found across chargers. */
export type FoundSession = {
  readonly chargePointId: string;
  readonly transactionId: string;
  readonly evseId: number;
  readonly providers: readonly string[];
  readonly state: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly energyWh: number | null;
  readonly flags: readonly string[];
};
