/** `npm run costs`: prints the table for docs/scaling.md. */
import { parseFlags, processTerminal, runCommand } from './command.ts';
import { costTable } from './cost-table.ts';

const HELP =
  'npm run costs: the cost of token requests, from the prices in infra/cli/cost-table.ts. No options.';

process.exitCode = await runCommand('npm run costs -- --help', processTerminal, () => {
  const { values } = parseFlags({ options: { help: { type: 'boolean' } } });
  processTerminal.out(values.help ? HELP : costTable());
  return 0;
});
