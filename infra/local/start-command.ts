import { parseFlags, processTerminal, runCommand, UsageError } from '../cli/command.ts';
import { Problem } from './problem.ts';
import { walkThrough } from './walk-through.ts';

const DEFAULT_PORT = 3000;
const DEFAULT_STATE = '.local';
/** What takes longer than this looks stuck, if nothing is said. */
const SILENCE_MILLISECONDS = 3000;

const HELP = `Usage: npm start -- [flags]        (npm run dev -- [flags] reloads functions when their source changes)

Runs the whole system on this machine.

  --port N       of the gateway and the API; else ${DEFAULT_PORT}. The inbox takes the next one if it is free
  --state DIR    where everything is kept; else ${DEFAULT_STATE}
  --region NAME  to sign operators' calls for; else eu-west-1
  --fresh        start with nothing, deleting what is kept
  --watch        reload a function when its source changes
  --help         this text
`;

type Flags = {
  readonly port: number;
  readonly stateDir: string;
  readonly region?: string;
  readonly fresh: boolean;
  readonly watch: boolean;
};

/** Undefined when only help was asked for. */
function readFlags(args: string[]): Flags | undefined {
  const { values } = parseFlags({
    args,
    options: {
      port: { type: 'string', default: String(DEFAULT_PORT) },
      state: { type: 'string', default: DEFAULT_STATE },
      region: { type: 'string' },
      fresh: { type: 'boolean', default: false },
      watch: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  });
  const { port, state: stateDir, region, fresh, watch } = values;
  if (values.help) return undefined;
  if (!/^\d+$/.test(port) || Number(port) > 65_535) {
    throw new UsageError(`--port must be a number from 0 (any free port) to 65535, not "${port}"`);
  }
  if (stateDir === '') throw new UsageError('--state must name a folder');
  if (region !== undefined && !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) {
    throw new UsageError(`--region must be the name of an AWS region such as eu-west-1, not "${region}"`);
  }
  return { port: Number(port), stateDir, fresh, watch, ...(region === undefined ? {} : { region }) };
}

/** Answers the exit code: 0 stopped, 1 a Problem kept it from starting, 2 the flags were not understood. */
export function runStart(args: string[]): Promise<number> {
  return runCommand('npm start -- --help', processTerminal, async () => {
    const flags = readFlags(args);
    if (flags === undefined) {
      process.stdout.write(HELP);
      return 0;
    }
    try {
      await run(flags);
      return 0;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      process.stderr.write(`${error.message}\n`);
      return 1;
    }
  });
}

async function run(flags: Flags): Promise<void> {
  const startedAt = performance.now();
  const print = (line: string) => process.stdout.write(`${line}\n`);
  // Told to stop while starting, it stops as soon as it has started: nothing half-way is left running.
  const stopAsked = Promise.withResolvers<void>();
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      asked = true;
      stopAsked.resolve();
    });
  }
  // Loaded here: a wrong flag should not have to wait for it.
  const { startStack } = await import('./stack.ts');
  // A signal to the whole group ends the table engine too; that needs no telling.
  const log = (line: string) => (asked ? undefined : print(line));
  const patience = setTimeout(() => log('Starting; the first time takes longest.'), SILENCE_MILLISECONDS);
  const stack = await startStack({ ...flags, log }).finally(() => clearTimeout(patience));
  if (!asked) {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    print(walkThrough(stack, seconds));
  }
  await stopAsked.promise;
  print('Stopping.');
  await stack.close();
}
