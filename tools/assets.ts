/** The folder of static assets that the Worker serves. */
import { join } from 'node:path';

export const ASSETS = join(import.meta.dirname, '../dist/assets');
