/** The list of CSMSs whose webhooks we read, and the list of command channels. No other file names them all. */
import { citrineosCommands } from './citrineos/commands.ts';
import { citrineos } from './citrineos/index.ts';
import type { CommandChannelKind } from './command.ts';
import type { Csms } from './csms.ts';
import { ocppCommands } from './ocpp/commands.ts';
import { ocpp } from './ocpp/index.ts';
import { ocppEvent } from './ocpp-event/index.ts';

export const CSMS: readonly Csms[] = [ocpp, citrineos, ocppEvent];

/** `CSMS_COMMANDS` chooses one of these by its name. */
export const COMMAND_CHANNELS: readonly CommandChannelKind[] = [ocppCommands, citrineosCommands];
