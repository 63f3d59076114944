/** Runs axe-core in a page. It is put there as a script of the test, which the page's own policy does not concern. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

type Violation = { readonly id: string; readonly nodes: readonly { readonly html: string }[] };
type Axe = { run(): Promise<{ readonly violations: readonly Violation[] }> };

export class AxeBuilder {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** One line for each violation, with the first place of it. */
  async analyze(): Promise<string[]> {
    await this.#page.evaluate(SOURCE);
    const violations = await this.#page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: Axe };
      return (await axe.run()).violations.map(({ id, nodes }) => ({ id, html: nodes[0]?.html ?? '' }));
    });
    return violations.map(({ id, html }) => `${id}: ${html}`);
  }
}
