/** `npm run employees`: the admin's tool. Works alike against a deployment and the local stack. */
import { processTerminal } from './command.ts';
import { runEmployeesCommand } from './employees-command.ts';

process.exitCode = await runEmployeesCommand(process.argv.slice(2), processTerminal);
