/** The console in Debian's Chromium, against the real Worker and stand-ins for the world outside. */
import { existsSync } from 'node:fs';
import { AxeBuilder } from './axe.ts';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { startEdge, type Edge } from '../../sandbox/edge.ts';
import { startOutsideWorld, type OutsideWorld } from '../../sandbox/outside-world.ts';
import { sandboxSettings } from '../../sandbox/settings.ts';

const PLACES = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where the browser is; undefined when there is none. */
export const CHROMIUM = PLACES.find((path) => path !== undefined && existsSync(path));

/** What a browser has printed as an error, and what its policy forbade: nothing, if all is well. */
export type Watched = { readonly page: Page; readonly errors: string[] };

export type Stage = {
  readonly edge: Edge;
  readonly edgeUrl: string;
  readonly world: OutsideWorld;
  readonly browser: Browser;
  readonly close: () => Promise<void>;
};

/** Starts everything. */
export async function startStage(): Promise<Stage> {
  const world = await startOutsideWorld();
  const edge = await startEdge(world.urls);
  const browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
  const close = async () => {
    await browser.close();
    await edge.close();
    await world.close();
  };
  return { edge, edgeUrl: edge.url.replace('127.0.0.1', 'localhost'), world, browser, close };
}

/** A page that keeps what goes wrong in it. */
export async function watched(context: BrowserContext): Promise<Watched> {
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  return { page, errors };
}

/** Signs in with the admin token. */
export async function signIn(page: Page, edgeUrl: string): Promise<void> {
  await page.goto(`${edgeUrl}/console`);
  await page.getByLabel(/token/i).fill(sandboxSettings.ADMIN_TOKEN);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
}

/** What axe-core finds wrong with the page as it is now. */
export async function flawsOf(page: Page): Promise<string[]> {
  return new AxeBuilder(page).analyze();
}
