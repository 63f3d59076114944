/**
 * Where the storage of a measured Worker lies: in memory, where there is room. Locally every commit flushes to the disk on the one thread
 * that runs everything, so that a disk would measure itself; on the platform other machines keep the copies.
 */
import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

const MEMORY = '/dev/shm';
const NEEDED_BYTES = 2 * 1024 ** 3;

/** Says where, since figures from a disk and from memory do not compare. */
export function tellStorage(): void {
  console.log(`storage in ${storageRoot()}\n`);
}

/** The folder to make storage in; BENCH_STORAGE names another one, a disk's for instance. */
export function storageRoot(): string {
  const { BENCH_STORAGE: named } = process.env;
  if (named !== undefined && named !== '') return named;
  return freeBytesIn(MEMORY) >= NEEDED_BYTES ? MEMORY : tmpdir();
}

function freeBytesIn(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return 0;
  }
}
