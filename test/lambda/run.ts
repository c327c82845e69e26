/**
 * `npm run test:lambda`: what the CDK would upload, run under AWS's own Lambda runtime client against the local
 * stack, through the whole story of the demo. The client compiles native code when it is installed, which takes
 * minutes; it stays in test/lambda/node_modules.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFlags, processTerminal, runCommand } from '../../infra/cli/command.ts';

const NEEDS = 'It needs Linux, a C++ compiler, make and CMake.';

process.exitCode = await runCommand('npm run test:lambda -- --help', processTerminal, () => {
  if (parseFlags({ options: { help: { type: 'boolean' } } }).values.help) {
    process.stdout.write(
      'npm run test:lambda: the demo, through the synthesized bundles under AWS’s runtime client. No options.\n' +
        `The first run installs and compiles the client. ${NEEDS}\n`,
    );
    return 0;
  }
  return installed() || install() ? demo() : 1;
});

function installed(): boolean {
  return existsSync(join(import.meta.dirname, 'node_modules/aws-lambda-ric/rapid-client.node'));
}

function install(): boolean {
  process.stdout.write('lambda: installing and compiling the runtime client; this takes minutes\n');
  const { status, stderr, error } = spawnSync('npm', ['ci', '--prefix', import.meta.dirname], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status === 0 && installed()) return true;
  process.stderr.write(`${error?.message ?? stderr}\n`);
  process.stderr.write(
    `lambda: the native runtime client cannot be built here, so nothing was tested. ${NEEDS}\n`,
  );
  return false;
}

function demo(): number {
  const assembly = mkdtempSync(join(tmpdir(), 'psa-lambda-'));
  try {
    const { status } = spawnSync(
      process.execPath,
      [
        join(import.meta.dirname, '../../infra/local/demo.ts'),
        '--with',
        join(import.meta.dirname, 'stack-options.ts'),
      ],
      { stdio: 'inherit', env: { ...process.env, PSA_LAMBDA_ASSEMBLY: assembly } },
    );
    return status ?? 1;
  } finally {
    rmSync(assembly, { recursive: true, force: true });
  }
}
