/** The list of providers. A new provider is a folder, and one line here. */
import { jedlix } from './jedlix/jedlix.ts';
import type { Provider } from './provider.ts';
import { stekker } from './stekker/stekker.ts';

export const PROVIDERS: readonly Provider[] = [stekker, jedlix];
