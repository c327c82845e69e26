/** `npm run costs`: prints the table for docs/scaling.md. */
import { costTable } from './cost-table.ts';

const HELP =
  'npm run costs: the cost of token requests, from the prices in infra/cli/cost-table.ts. No options.';

process.stdout.write(`${process.argv.includes('--help') ? HELP : costTable()}\n`);
