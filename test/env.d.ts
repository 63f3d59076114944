/** What the tests' environment has beside the Worker's own. */
declare namespace Cloudflare {
  interface Env {
    TEST_MIGRATIONS: import('cloudflare:test').D1Migration[];
    /** Like the Worker's own, but with a limit that a test can reach. */
    TEST_RATE_LIMIT: RateLimit;
  }
}

declare module '*?raw' {
  const text: string;
  export default text;
}
