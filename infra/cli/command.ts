/** What all commands share: how they end, how they refuse, how they read their flags. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

export type Terminal = {
  readonly environment: NodeJS.ProcessEnv;
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
};

export const processTerminal: Terminal = {
  environment: process.env,
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
};

/** The command line is wrong. `message` is a sentence without its full stop. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The service, or the way to it, refused. `message` is a sentence; each detail gets a line. Exit code 1. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly details: readonly string[];
  constructor(message: string, details: readonly string[] = []) {
    super(message);
    this.details = details;
  }
}

/**
 * Runs a command and answers its exit code: that of `act`, or 1 for a RefusedError, or 2 for a UsageError. Other
 * errors are thrown on.
 * @param help the command line that prints the command's help.
 */
export async function runCommand(
  help: string,
  { err }: Pick<Terminal, 'err'>,
  act: () => number | Promise<number>,
): Promise<number> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof UsageError) {
      err(`${error.message}.`);
      err(`See ${help}`);
      return 2;
    }
    if (!(error instanceof RefusedError)) throw error;
    err(error.message);
    for (const detail of error.details) err(`  ${detail}`);
    return 1;
  }
}

/** Node's `parseArgs`. Throws UsageError, which names the flag. */
export function parseFlags<Config extends ParseArgsConfig>(config: Config) {
  try {
    return parseArgs(config);
  } catch (error) {
    if (!(error instanceof TypeError && 'code' in error)) throw error;
    // Node's first sentence names the flag; those after it give advice that is of no use here.
    throw new UsageError(error.message.split(/\.?\n|\. /)[0]);
  }
}

/** The address of the API, without a slash at its end. Throws UsageError where it is missing or none. */
export function apiAddress(flag: string | undefined, { PSA_API_URL: set }: NodeJS.ProcessEnv): string {
  const address = flag ?? set;
  if (!address) throw new UsageError('--url is missing, and PSA_API_URL is not set');
  if (!/^https?:$/.test(URL.parse(address)?.protocol ?? '')) {
    const given = flag === undefined ? 'PSA_API_URL' : '--url';
    throw new UsageError(`${given} must be an address such as http://127.0.0.1:3000`);
  }
  return address.replace(/\/+$/, '');
}

/** The sentence for a `fetch` of the API that failed. */
export function unreachable(address: string, { cause, message }: Error): string {
  const why = cause instanceof Error ? ('code' in cause ? cause.code : cause.message) : message;
  return `${address} cannot be reached (${why}). Is it the right --url, and is the stack running?`;
}
