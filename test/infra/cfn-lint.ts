/**
 * `npm run cfn-lint`: synthesizes the stacks with every option off and on, and has cfn-lint compare the templates
 * with CloudFormation's own schemas. cfn-lint is Python's: it goes into a virtual environment of its own, which is
 * removed again.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFlags, processTerminal, runCommand } from '../../infra/cli/command.ts';

const CFN_LINT = 'cfn-lint==1.58.0';
/** CDK writes dependencies out that a reference enforces anyway; nothing follows from that. */
const IGNORED = 'W3005';

/** Of the certificate below: the CDK says which region a deployment goes to, and another one is refused. */
const REGION = 'eu-west-1';

const VARIANTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'every option off': {},
  'a second stage beside it': {
    stage: 'test',
    mailFrom: 'no-reply@psa.example.com',
    mailIdentity: 'existing',
  },
  'every option on': {
    stage: 'prod',
    mailFrom: 'no-reply@psa.example.com',
    alarmEmail: 'ops@psa.example.com',
    domainName: 'psa.example.com',
    certificateArn: `arn:aws:acm:${REGION}:111122223333:certificate/0a1b2c3d-0000-4000-8000-000000000000`,
    publicUrl: 'https://psa.example.com',
    mailConfigurationSet: 'psa-mails',
    accessTokenMinutes: '30',
    refreshTokenDays: '7',
    memoryMegabytes: '1024',
    logRetentionDays: '30',
    logLevel: 'ERROR',
  },
};

function run(command: string, args: readonly string[]): number {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, AWS_REGION: REGION },
  });
  if (error) process.stderr.write(`${command}: ${error.message}\n`);
  else if (status !== 0) process.stderr.write(`${stdout}${stderr}`);
  return status ?? 1;
}

function main(folder: string): number {
  const python = join(folder, 'python');
  if (run('python3', ['-m', 'venv', python]) !== 0) {
    process.stderr.write('cfn-lint needs Python 3.9 or later, with its venv module, as python3 on PATH.\n');
    return 2;
  }
  if (run(join(python, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', CFN_LINT]) !== 0) {
    process.stderr.write(`${CFN_LINT} could not be installed: is a Python package index reachable?\n`);
    return 2;
  }
  let failed = 0;
  for (const [name, context] of Object.entries(VARIANTS)) {
    const output = join(folder, name.replaceAll(' ', '-'));
    const options = Object.entries(context).flatMap(([key, value]) => ['--context', `${key}=${value}`]);
    const synthesized = run('cdk', ['synth', '--quiet', '--output', output, ...options]) === 0;
    const templates = synthesized
      ? readdirSync(output).filter((file) => file.endsWith('.template.json'))
      : [];
    const clean =
      templates.length > 0 &&
      run(join(python, 'bin/cfn-lint'), [
        '--ignore-checks',
        IGNORED,
        '--template',
        ...templates.map((file) => join(output, file)),
      ]) === 0;
    if (!clean) failed += 1;
    process.stdout.write(`${name}: ${templates.length} templates, ${clean ? 'clean' : 'NOT clean'}\n`);
  }
  return failed === 0 ? 0 : 1;
}

const HELP = `Usage: npm run cfn-lint    (no flags)

Synthesizes the stacks with every option off, for a second stage, and with every option on, and compares the templates with
CloudFormation's schemas by ${CFN_LINT}. Needs python3 with its venv module, and a Python package index.
`;

process.exitCode = await runCommand('npm run cfn-lint -- --help', processTerminal, () => {
  if (parseFlags({ options: { help: { type: 'boolean' } } }).values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const folder = mkdtempSync(join(tmpdir(), 'psa-cfn-lint-'));
  try {
    return main(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
