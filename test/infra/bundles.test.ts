import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDeployment } from '../../infra/aws/deployment.ts';
import { functions } from '../../infra/functions.ts';
import { bundle, contentsOf } from './bundle.ts';
import { named, newApp, SYNTH_MILLISECONDS } from './support.ts';

/** P4. */
const KILOBYTES = 90;

const PROVIDERS = /credential-provider-(?!node-env)|token-providers|client-sso|client-sts|nested-clients/;
const CLIENT = /(?:^shared\/aws\/|node_modules\/@aws-sdk\/client-)(cognito|dynamodb|eventbridge|ses)\b/;

const execute = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'psa-bundles-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LOAD = `const { handler } = await import(process.argv[1]);
process.stdout.write('handler is a ' + typeof handler);
process.exit();`;
const CLOSED_PORT = 'http://127.0.0.1:9';
const ENVIRONMENT = {
  AWS_ENDPOINT_URL: CLOSED_PORT,
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  TOKEN_ISSUER: CLOSED_PORT,
  TOKEN_JWKS_URI: `${CLOSED_PORT}/jwks.json`,
  ...Object.fromEntries(
    functions
      .flatMap(({ environment }) => environment)
      .filter((name) => !name.startsWith('TOKEN_'))
      .map((name) => [name, 'test']),
  ),
};

describe.each([...functions])('the bundle of $name', (definition) => {
  const bundled = bundle(definition, { minify: true });

  test('is small', async () => {
    const [output] = (await bundled).outputFiles;
    expect(gzipSync(output?.contents ?? '').length / 1000).toBeLessThan(KILOBYTES);
  });

  test('loads as an ES module', async () => {
    const file = join(folder, `${definition.name}.mjs`);
    writeFileSync(file, (await bundled).outputFiles[0]?.contents ?? '');
    // Nothing listens there: init gives up what it cannot reach, and goes on.
    const env = { ...process.env, ...ENVIRONMENT };
    const { stdout } = await execute(process.execPath, ['--input-type=module', '--eval', LOAD, file], {
      env,
    });
    expect(stdout).toContain('handler is a function');
  });

  test('holds the clients that its definition speaks of, and no other', async () => {
    const contents = contentsOf(await bundled);
    const clients = new Set(contents.map((path) => CLIENT.exec(path)?.[1]).filter(Boolean));
    expect([...clients].sort()).toEqual(
      [
        ...(definition.userPool.length > 0 ? ['cognito'] : []),
        ...(definition.table.length > 0 ? ['dynamodb'] : []),
        ...(definition.sendsMail ? ['ses'] : []),
        ...(definition.publishesEvents ? ['eventbridge'] : []),
      ].sort(),
    );
  });

  test('holds no chain of credential providers', async () => {
    expect(contentsOf(await bundled).filter((path) => PROVIDERS.test(path))).toEqual([]);
  });
});

test('without the aliases the chain would be there: the checks above can fail', async () => {
  const contents = contentsOf(await bundle(named('after-commit'), { minify: true, aliases: false }));
  expect(contents.some((path) => PROVIDERS.test(path))).toBe(true);
});

describe('what the CDK uploads', () => {
  let assets: string;
  beforeAll(() => {
    const app = newApp({ 'aws:cdk:bundling-stacks': ['psa-accounts-dev-service'] });
    const { service } = addDeployment(app, [named('tokens'), named('token-claims')]);
    const assembly = app.synth();
    assets = join(assembly.directory, assetOf(assembly.getStackByName(service.stackName).template, 'tokens'));
  }, 4 * SYNTH_MILLISECONDS);

  test('is byte for byte what was measured here', async () => {
    const [output] = (await bundle(named('tokens'), { minify: true })).outputFiles;
    expect(readFileSync(join(assets, 'index.mjs'), 'utf8')).toBe(output?.text);
  });
});

type Template = { Resources: Record<string, { Type: string; Properties: Record<string, unknown> }> };

/** Folder of the assembly that holds the code of a function. */
function assetOf(template: Template, name: string): string {
  const found = Object.values(template.Resources).find(
    ({ Type, Properties }) =>
      Type === 'AWS::Lambda::Function' && Properties.FunctionName === `psa-accounts-dev-${name}`,
  );
  const { S3Key = '' } = (found?.Properties.Code ?? {}) as { S3Key?: string };
  return `asset.${S3Key.replace(/\.zip$/, '')}`;
}
