/** How many webhooks the edge takes, beside a bare insert; and whether a provider that hangs slows the other down. Fails below its goals. */
import { measureAcceptance } from './acceptance.ts';
import { measureIsolation } from './isolation.ts';
import { isReached, tellingOf } from './ratio.ts';
import { tellStorage } from './storage.ts';

tellStorage();
const ratios = [...(await measureAcceptance()), await measureIsolation()];
console.log(tellingOf(ratios));
process.exitCode = ratios.every(isReached) ? 0 : 1;
