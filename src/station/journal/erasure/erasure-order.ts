/** What a station is asked to erase, and how far it came. Types only. */
import type { TokenErasure } from '../../../storage/erased-tokens.ts';

/** Rows `from` to `until` of the log are still to be looked at. */
export type ErasurePlace = { readonly from: number; readonly until: number };

/**
 * What is to be erased. `token` absent: everything. `isDropping`: what is owed is given up. `place`: where the step
 * before ended; absent at first.
 */
export type ErasureOrder = {
  readonly erasureId: string;
  readonly token?: TokenErasure;
  readonly isDropping: boolean;
  readonly place?: ErasurePlace;
};

/** `next`: where the next step goes on; absent when nothing is left. `isOwing`: only what is owed is left. */
export type ErasureStep = { readonly next?: ErasurePlace; readonly isOwing: boolean };
