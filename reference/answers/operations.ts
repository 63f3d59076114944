/** The answers that an operator gets. */
import * as z from 'zod';
import { WARNING_CODES } from '../../src/sessions/plausibility.ts';
import { SESSION_STATES } from '../../src/storage/sessions.ts';
import { cursor, instant, named } from './named.ts';

export const Timeline = named(
  'Timeline',
  'What came in, what became of it for each recipient, and each attempt; newest first.',
  z.strictObject({
    timeline: z.array(
      z.strictObject({
        seq: z.int(),
        at: instant,
        requestId: z.string(),
        entry: z.looseObject({ kind: z.string() }),
        events: z.array(z.unknown()),
        kept: z.array(z.unknown()),
        owed: z.array(z.string()),
        deliveries: z.record(z.string(), z.looseObject({ outcome: z.string(), at: instant, attempts: z.int() })),
        attempts: z.array(z.looseObject({ provider: z.string(), at: instant })),
      }),
    ),
    cursor,
  }),
);

export const DeadLetters = named(
  'DeadLetters',
  'Messages that were given up, newest first.',
  z.strictObject({
    deadLetters: z.array(
      z.strictObject({
        deliveryId: z.string(),
        provider: z.string(),
        chargePointId: z.string(),
        reason: z.string(),
        attempts: z.int(),
        receivedAt: instant,
        parkedAt: instant,
        lastAnswer: z.unknown(),
        payload: z.array(z.unknown()),
      }),
    ),
    cursor,
  }),
);

export const DeadLetterSummary = named(
  'DeadLetterSummary',
  'Parked messages by recipient and reason, and the chargers with the most. `keptElsewhere`: chargers that keep more.',
  z.strictObject({
    groups: z.array(
      z.strictObject({
        provider: z.string(),
        reason: z.string(),
        messages: z.int(),
        chargers: z.int(),
        oldestParkedAt: instant,
      }),
    ),
    chargers: z.array(z.strictObject({ chargePointId: z.string(), messages: z.int() })),
    keptElsewhere: z.int(),
  }),
);

export const Replayed = named(
  'Replayed',
  'How many messages are owed again.',
  z.strictObject({ replayed: z.int(), cursor }),
);
export const Purged = named('Purged', 'How many messages were dropped.', z.strictObject({ purged: z.int(), cursor }));

export const Providers = named(
  'Providers',
  'How each provider is doing. `backlog` is of lanes that wait.',
  z.strictObject({
    providers: z.array(
      z.strictObject({
        provider: z.string(),
        state: z.enum(['on', 'off', 'half-configured']),
        badSettings: z.array(z.string()).optional(),
        paused: z.boolean(),
        breaker: z.string(),
        backlog: z.int(),
        chargersWaiting: z.int(),
        oldestUndeliveredAgeSeconds: z.number().nullable(),
        lastError: z.strictObject({ reason: z.string(), at: instant }).nullable(),
        delivered: z.int(),
        rejected: z.int(),
        retried: z.int(),
        countsFrom: instant.nullable(),
        countsUntil: instant.nullable(),
      }),
    ),
  }),
);

export const Alerts = named(
  'Alerts',
  'What is wrong now.',
  z.strictObject({
    alerts: z.array(
      z.strictObject({
        type: z.string(),
        since: instant,
        subject: z.string(),
        detail: z.record(z.string(), z.unknown()),
      }),
    ),
  }),
);

export const ProviderCheck = named(
  'ProviderCheck',
  'What a request that changes nothing showed of a provider.',
  z.strictObject({
    ok: z.boolean(),
    steps: z.array(z.strictObject({ name: z.string(), ok: z.boolean(), detail: z.string() })),
  }),
);

export const Retried = named(
  'Retried',
  'How many stations try at once, and how many are left.',
  z.strictObject({ stations: z.int(), remaining: z.int() }),
);

export const Paused = named(
  'Paused',
  'Whether deliveries to the provider are held.',
  z.strictObject({ provider: z.string(), paused: z.boolean(), stationsTold: z.int() }),
);

export const UnknownChargers = named(
  'UnknownChargers',
  'Chargers whose events were ignored in the last 7 days because nobody registered them, newest first.',
  z.strictObject({
    unknownChargers: z.array(
      z.strictObject({ identity: z.string(), firstAt: instant, lastAt: instant, events: z.int() }),
    ),
    cursor,
  }),
);

export const Clearing = named(
  'Clearing',
  'In how many places a profile is being cleared. It is repeated until the charger has answered.',
  z.strictObject({ clearing: z.int() }),
);

export const Sessions = named(
  'Sessions',
  'Sessions across chargers, newest first. `energyWh` is known when a session is over; `flags` are codes of warnings.',
  z.strictObject({
    sessions: z.array(
      z.strictObject({
        chargePointId: z.string(),
        transactionId: z.string(),
        evseId: z.int(),
        providers: z.array(z.string()),
        state: z.enum(SESSION_STATES),
        startedAt: instant,
        endedAt: instant.nullable(),
        energyWh: z.number().nullable(),
        flags: z.array(z.enum(WARNING_CODES)),
      }),
    ),
    cursor,
  }),
);

export const Restored = named(
  'Restored',
  'What a call did: erasures begun again, stations asked, pairings that the registry took over from them.',
  z.strictObject({
    erasures: z.int(),
    stations: z.int(),
    pairings: z.int(),
    unreachable: z.array(z.string()),
    cursor,
  }),
);

export const ErasureBegun = named(
  'ErasureBegun',
  'The erasure goes on by itself.',
  z.strictObject({ erasureId: z.string() }),
);

export const Erasure = named(
  'Erasure',
  'How far an erasure is: how many stations it asks, and how many are done.',
  z.strictObject({
    erasureId: z.string(),
    status: z.enum(['running', 'done']),
    stations: z.int(),
    done: z.int(),
    createdAt: instant,
    finishedAt: instant.optional(),
  }),
);
