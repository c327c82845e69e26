/** `npm run reconcile`: the operator's tool. Works alike against a deployment and the local stack. */
import { processTerminal } from './command.ts';
import { runReconcileCommand } from './reconcile-command.ts';

process.exitCode = await runReconcileCommand(process.argv.slice(2), processTerminal);
