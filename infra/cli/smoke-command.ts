import { parseArgs } from 'node:util';
import { type Check, checks } from './smoke-checks.ts';
import type { Finding, Reach } from './smoke-reach.ts';

type Terminal = { readonly out: (line: string) => void; readonly err: (line: string) => void };

const HELP = `Usage: npm run smoke -- --url URL

Asks a deployment, as a stranger, what must hold of it: up, described, closed where it is to be closed. It changes
nothing but for one refused sign-in in the audit. To be run after each deployment.

  --url URL    where the API is; else PSA_API_URL
  --help       this text`;

/** Answers the exit code: 0 all passed, 1 something is wrong, 2 not understood. */
export async function runSmoke(
  args: readonly string[],
  terminal: Terminal,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const given = readArguments(args);
  if (given === 'help') {
    terminal.out(HELP);
    return 0;
  }
  const url = typeof given === 'string' ? undefined : (given.url ?? environment.PSA_API_URL);
  if (typeof given === 'string' || !/^https?:$/.test(URL.parse(url ?? '')?.protocol ?? '')) {
    terminal.err(
      typeof given === 'string' ? given : '--url must be an address such as https://psa.example.com.',
    );
    terminal.err('See npm run smoke -- --help');
    return 2;
  }
  const reach = { url: (url ?? '').replace(/\/+$/, '') };
  let failed = 0;
  for (const check of checks) {
    const { ok, note } = await find(check, reach);
    if (!ok) failed += 1;
    terminal.out(`${ok ? 'ok  ' : 'FAIL'}  ${check.what}${note === undefined ? '' : ` (${note})`}`);
  }
  terminal.out(`smoke: ${checks.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function readArguments(args: readonly string[]): 'help' | { readonly url?: string | undefined } | string {
  try {
    const options = { url: { type: 'string' }, help: { type: 'boolean' } } as const;
    const { values } = parseArgs({ args: [...args], options });
    return values.help ? 'help' : { url: values.url };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function find({ run }: Check, reach: Reach): Promise<Finding> {
  try {
    return await run(reach);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
    return { ok: false, note: `${error instanceof Error ? error.message : String(error)} ${cause}`.trim() };
  }
}
