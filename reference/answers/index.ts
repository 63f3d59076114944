/** Every answer of the API. */
export * from './chargers.ts';
export * from './common.ts';
export { ANSWERS } from './named.ts';
export * from './operations.ts';
