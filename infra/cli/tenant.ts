/** `npm run tenant`: the operator's tool. Works alike against a deployment and the local stack. */
import { processTerminal } from './command.ts';
import { runTenantCommand } from './tenant-command.ts';

process.exitCode = await runTenantCommand(process.argv.slice(2), processTerminal);
