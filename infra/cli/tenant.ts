/** `npm run tenant`: the operator's tool. Works alike against a deployment and the local stack. */
import { runTenantCommand } from './tenant-command.ts';

process.exitCode = await runTenantCommand(process.argv.slice(2), {
  environment: process.env,
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
});
