import { apiAddress, parseFlags, RefusedError, runCommand, type Terminal, unreachable } from './command.ts';
import { type Check, checks } from './smoke-checks.ts';
import type { Finding, Reach } from './smoke-reach.ts';

const HELP = `Usage: npm run smoke -- --url URL

Asks a deployment, as a stranger, what must hold of it: up, described, closed where it is to be closed. It changes
nothing but for one refused sign-in in the audit. To be run after each deployment.

  --url URL    where the API is; else PSA_API_URL
  --help       this text`;

/** Answers the exit code: 0 all passed, 1 something is wrong, 2 not understood. */
export function runSmoke(args: readonly string[], terminal: Terminal): Promise<number> {
  return runCommand('npm run smoke -- --help', terminal, async () => {
    const options = { url: { type: 'string' }, help: { type: 'boolean' } } as const;
    const { values } = parseFlags({ args: [...args], options });
    if (values.help) {
      terminal.out(HELP);
      return 0;
    }
    const reach = { url: apiAddress(values.url, terminal.environment) };
    await reachable(reach);
    let failed = 0;
    for (const check of checks) {
      const { ok, note } = await find(check, reach);
      if (!ok) failed += 1;
      terminal.out(`${ok ? 'ok  ' : 'FAIL'}  ${check.what}${note === undefined ? '' : ` (${note})`}`);
    }
    terminal.out(`smoke: ${checks.length - failed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  });
}

/** Throws RefusedError where nothing answers: every check would only say so again. */
async function reachable({ url }: Reach): Promise<void> {
  const answer = await fetch(url, { redirect: 'manual' }).catch((error: Error) => {
    throw new RefusedError(unreachable(url, error));
  });
  await answer.arrayBuffer();
}

async function find({ run }: Check, reach: Reach): Promise<Finding> {
  try {
    return await run(reach);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
    return { ok: false, note: `${error instanceof Error ? error.message : String(error)} ${cause}`.trim() };
  }
}
