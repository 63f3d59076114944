/** The answers about chargers, their pairings and their sessions. */
import * as z from 'zod';
import { WARNING_CODES } from '../../src/sessions/plausibility.ts';
import { OCPP_VERSIONS, POWER_TYPES, RATE_UNITS } from '../../src/charging/charger.ts';
import { EXPLANATION_CODES } from '../../src/station/steering/explanation.ts';
import { cursor, instant, named } from './named.ts';

const Connector = z.strictObject({
  connectorId: z.string(),
  physicalReference: z.string().optional(),
  powerType: z.enum(POWER_TYPES).optional(),
  maxVoltage: z.number().optional().meta({ description: 'V' }),
  maxAmperage: z.number().optional().meta({ description: 'A' }),
  maxPower: z
    .number()
    .optional()
    .meta({ description: 'W; computed from voltage, current and phases when they are known' }),
});

const CHARGER = {
  chargePointId: z.string(),
  ocppIdentity: z.string(),
  protocol: z.enum(OCPP_VERSIONS),
  name: z.string().optional(),
  locationId: z.union([z.string(), z.number()]).optional(),
  country: z.string().optional(),
  geometry: z
    .strictObject({ type: z.literal('Point'), coordinates: z.tuple([z.number(), z.number()]) })
    .optional()
    .meta({ description: 'GeoJSON: longitude first' }),
  evses: z.array(
    z.strictObject({
      evseId: z.int(),
      uid: z.string().optional(),
      emi3Id: z.string().optional(),
      capabilities: z.array(z.string()),
      rateUnit: z.enum(RATE_UNITS).optional(),
      minAmperage: z.number().optional(),
      connectors: z.array(Connector),
    }),
  ),
  warnings: z.array(z.string()),
};

export const Charger = named('Charger', 'A charger as it is registered.', z.strictObject(CHARGER));

export const Pairing = named(
  'Pairing',
  '`pending` while the provider is being asked. `evseUid` when one EVSE is paired, not the charger.',
  z.strictObject({
    provider: z.string(),
    status: z.enum(['pending', 'paired']),
    pairedAt: instant.optional(),
    format: z.enum(['ocpp', 'ocpi']),
    evseUid: z.string().optional(),
  }),
);

const Explanation = named(
  'Explanation',
  'Why a session charges, or does not, in one sentence.',
  z.strictObject({ code: z.enum(EXPLANATION_CODES), text: z.string(), since: instant, until: instant.optional() }),
);

const Profile = z.strictObject({
  provider: z.string(),
  status: z.string(),
  requestedAt: instant,
  limit: z.number().nullable(),
  unit: z.enum(['W', 'A']).nullable(),
  followed: z.enum(['yes', 'no', 'unknown']),
  notes: z.array(z.string()),
  lastRequest: z.strictObject({ provider: z.string(), status: z.string(), requestedAt: instant }),
});

const OtherProfile = named(
  'OtherProfile',
  'A charging profile for an EVSE, or for the whole station (`evseId` 0), whatever session runs.',
  Profile.extend({ evseId: z.int(), purpose: z.string(), stackLevel: z.int() }),
);

const Learned = named(
  'Learned',
  'What the charger said of itself, or showed by what it refused. `phases`: how many the last car used, by EVSE.',
  z.strictObject({
    rateUnit: z.enum(['W', 'A', 'any']).optional(),
    worksIn: z.enum(['W', 'A']).optional(),
    maxPeriods: z.int().optional(),
    maxStackLevel: z.int().optional(),
    refusesBelowMinimum: z.literal(true).optional(),
    phases: z.record(z.string(), z.int()).optional(),
    firmware: z.string().optional(),
  }),
);

const Warning = named(
  'Warning',
  'What looks wrong in the readings of a session, with the figures. Nothing is put right.',
  z.looseObject({
    code: z.enum(WARNING_CODES),
    since: instant,
  }),
);

const RunningSession = named(
  'RunningSession',
  'A session that is going on. `registerWh` is its newest register.',
  z.strictObject({
    state: z.literal('running'),
    transactionId: z.string(),
    evseId: z.int(),
    startedAt: instant,
    chargingState: z.string().nullable(),
    registerWh: z.number(),
    energyWh: z.number(),
    powerW: z.number().nullable(),
    powerAt: instant.nullable(),
    profile: Profile.nullable(),
    explanation: Explanation,
    warnings: z.array(Warning),
  }),
);

const EndedSession = named(
  'EndedSession',
  'A session that is over, or whose start was refused.',
  z.strictObject({
    state: z.enum(['ended', 'refused']),
    transactionId: z.string(),
    evseId: z.int(),
    startedAt: instant,
    endedAt: instant,
    registerWh: z.number(),
    energyWh: z.number(),
    warnings: z.array(Warning),
  }),
);

export const ChargerDetail = named(
  'ChargerDetail',
  'A charger with its pairings, its running sessions, the profiles that are for none, and what was learned of it.',
  z.strictObject({
    ...CHARGER,
    pairings: z.array(Pairing),
    sessions: z.array(RunningSession),
    profiles: z.array(OtherProfile),
    learned: Learned,
  }),
);

export const Chargers = named(
  'Chargers',
  'A page of chargers.',
  z.strictObject({ chargers: z.array(Charger), cursor }),
);

export const ChargerSessions = named(
  'ChargerSessions',
  'A page of the sessions of a charger, newest first.',
  z.strictObject({ sessions: z.array(z.union([RunningSession, EndedSession])), cursor }),
);

export const Pairings = named('Pairings', 'The pairings of a charger.', z.strictObject({ pairings: z.array(Pairing) }));

export const PairingCode = named(
  'PairingCode',
  'A code for a user to type into the app of the provider. `display` has it in groups.',
  z.strictObject({
    code: z.string(),
    display: z.string(),
    provider: z.string(),
    chargePointId: z.string(),
    expiresAt: instant,
  }),
);
