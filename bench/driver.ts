/** Calls a running Worker: one request that must be answered as expected, and many at once, counted per second. */

/** A POST of this body as JSON. */
export const post = (headers: Record<string, string>, body: unknown) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** The answer's text. Throws when the status is another one. */
export async function must(status: number, url: string, init: RequestInit): Promise<string> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (response.status !== status) throw new Error(`${init.method} ${url}: ${response.status} ${text}`);
  return text;
}

/** Does `work` for every item, so many at once, and gives how many a second that were. */
export async function rateOf<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<unknown>,
): Promise<number> {
  const queue = [...items];
  const startedAt = performance.now();
  const worker = async () => {
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return (items.length * 1000) / (performance.now() - startedAt);
}
