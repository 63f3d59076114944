/** The list of CSMSs whose webhooks we understand: one line each, and the only place that names them all. */
import { citrineos } from './citrineos/index.ts';
import type { Csms } from './csms.ts';
import { ocpp } from './ocpp/index.ts';
import { ocppEvent } from './ocpp-event/index.ts';

export const CSMS: readonly Csms[] = [ocpp, citrineos, ocppEvent];
