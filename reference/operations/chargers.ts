/** Chargers and their pairings. */
import { BODY, PAGE, PAIRING, PAIRING_CHOICE, type Operation } from '../operation.ts';
import * as bodies from '../bodies.ts';
import { EXAMPLES } from '../examples.ts';
import * as answers from '../answers/index.ts';

const CHARGER = '/api/chargers/{chargePointId}';
const IDEMPOTENT = { 'Idempotency-Key': 'A repeat with the same key and body gets the first answer again.' };

export const chargers: readonly Operation[] = [
  {
    id: 'listChargers',
    method: 'GET',
    path: '/api/chargers',
    tag: 'Chargers',
    summary: 'All chargers, by pages',
    caller: 'csms',
    query: {
      ...PAGE,
      search: 'Only those whose id, OCPP identity or name contains this; case does not matter.',
      only: '`unpaired`, `lagging` (a delivery waits) or `parked` (with parked messages).',
    },
    answers: { 200: answers.Chargers },
    problems: ['cursor-invalid'],
  },
  {
    id: 'putCharger',
    method: 'PUT',
    path: CHARGER,
    tag: 'Chargers',
    summary: 'Registers a charger, or changes its details',
    caller: 'csms',
    body: bodies.ChargerBody,
    examples: EXAMPLES.charger,
    answers: { 200: answers.Charger, 201: answers.Charger },
    problems: [...BODY, 'charger-invalid', 'evse-uid-taken', 'ocpp-identity-taken'],
  },
  {
    id: 'getCharger',
    method: 'GET',
    path: CHARGER,
    tag: 'Chargers',
    summary: 'A charger, its pairings and its running sessions',
    caller: 'csms',
    answers: { 200: answers.ChargerDetail },
    problems: ['charger-unknown'],
  },
  {
    id: 'deleteCharger',
    method: 'DELETE',
    path: CHARGER,
    tag: 'Chargers',
    summary: 'Unpairs and forgets a charger. What is owed is still delivered',
    caller: 'csms',
    query: { erase: '`true` also erases what is stored of it, once what is owed was told or given up.' },
    answers: { 204: null },
    problems: ['charger-unknown'],
  },
  {
    id: 'listChargerSessions',
    method: 'GET',
    path: `${CHARGER}/sessions`,
    tag: 'Chargers',
    summary: 'Running and remembered sessions, newest first, each running one with why it charges or does not',
    caller: 'csms',
    query: PAGE,
    answers: { 200: answers.ChargerSessions },
    problems: ['cursor-invalid', 'charger-unknown'],
  },
];

export const pairings: readonly Operation[] = [
  {
    id: 'pair',
    method: 'POST',
    path: `${CHARGER}/pairings`,
    tag: 'Pairing',
    summary: 'Pairs by a code that the app of the provider showed',
    caller: 'csms',
    headers: IDEMPOTENT,
    body: bodies.Pair,
    examples: EXAMPLES.pair,
    answers: { 201: answers.Pairing },
    problems: [...BODY, ...PAIRING, 'idempotency-key-invalid', 'idempotency-key-reused'],
  },
  {
    id: 'listPairings',
    method: 'GET',
    path: `${CHARGER}/pairings`,
    tag: 'Pairing',
    summary: 'With whom a charger is paired',
    caller: 'csms',
    answers: { 200: answers.Pairings },
    problems: ['charger-unknown'],
  },
  {
    id: 'unpair',
    method: 'DELETE',
    path: `${CHARGER}/pairings/{provider}`,
    tag: 'Pairing',
    summary: 'Ends a pairing; the provider is told',
    caller: 'csms',
    answers: { 204: null },
    problems: ['charger-unknown', 'pairing-unknown', 'pairing-in-progress'],
  },
  {
    id: 'issueCode',
    method: 'POST',
    path: `${CHARGER}/pairing-codes`,
    tag: 'Pairing',
    summary: 'Gives a code that the user types into the app of the provider',
    caller: 'csms',
    body: bodies.IssueCode,
    examples: EXAMPLES.issueCode,
    answers: { 201: answers.PairingCode },
    problems: [...BODY, ...PAIRING_CHOICE, 'charger-unknown', 'charger-already-paired', 'too-many-codes'],
  },
];
