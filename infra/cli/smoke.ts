/** `npm run smoke`: asks a deployment from outside what only a deployment can show. */
import { processTerminal } from './command.ts';
import { runSmoke } from './smoke-command.ts';

process.exitCode = await runSmoke(process.argv.slice(2), processTerminal);
