/** `npm run employees`: the admin's tool. Works alike against a deployment and the local stack. */
import { runEmployeesCommand } from './employees-command.ts';

process.exitCode = await runEmployeesCommand(process.argv.slice(2), {
  environment: process.env,
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
});
