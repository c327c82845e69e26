/** `npm run reconcile`: the operator's tool. Works alike against a deployment and the local stack. */
import { runReconcileCommand } from './reconcile-command.ts';

process.exitCode = await runReconcileCommand(process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
});
