/** `npm run smoke`: asks a deployment from outside what only a deployment can show. */
import { runSmoke } from './smoke-command.ts';

process.exitCode = await runSmoke(process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
});
