/** Every operation that the Worker serves. A test compares this list with the routes that are mounted. */
import type { Operation } from '../operation.ts';
import { chargers, pairings } from './chargers.ts';
import { operator } from './operator.ts';
import { providers } from './providers.ts';
import { health, webhooks } from './webhooks.ts';

export const OPERATIONS: readonly Operation[] = [
  ...health,
  ...webhooks,
  ...chargers,
  ...pairings,
  ...operator,
  ...providers,
];
