/** How long a test waits for what must come: it ends as soon as it has come, so a slow machine costs time and fails nothing. */

/** The bound of `vi.waitUntil`, `vi.waitFor` and `expect.poll`, whose own is 1 s: below the time-out of a test in vitest.config.ts. */
export const PATIENCE = { timeout: 10_000 } as const;
