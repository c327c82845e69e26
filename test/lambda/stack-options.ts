/** For `demo.ts --with`: the synthesized code under AWS's runtime client instead of the sources. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { addDeployment } from '../../infra/aws/deployment.ts';
import { functions } from '../../infra/functions.ts';
import type { StackOptions } from '../../infra/local/stack.ts';
import { underRuntimeClient } from './start-function.ts';

type Template = {
  readonly Resources: Readonly<
    Record<
      string,
      { readonly Type: string; readonly Properties: { FunctionName?: string; Code?: { S3Key?: string } } }
    >
  >;
};

const say = (line: string) => process.stdout.write(`${line}\n`);

function synthesize(): ReadonlyMap<string, string> {
  const outdir = process.env.PSA_LAMBDA_ASSEMBLY ?? mkdtempSync(join(tmpdir(), 'psa-lambda-'));
  const app = new App({ outdir, analyticsReporting: false });
  addDeployment(app, functions);
  const { stacks } = app.synth();
  const resources = stacks.flatMap(({ template }) => Object.values((template as Template).Resources));
  return new Map(
    resources
      .filter(({ Type }) => Type === 'AWS::Lambda::Function')
      .map(({ Properties: { FunctionName = '', Code } }) => [
        FunctionName.replace('psa-accounts-dev-', ''),
        join(outdir, `asset.${Code?.S3Key?.replace(/\.zip$/, '')}`),
      ]),
  );
}

export const stackOptions: Partial<StackOptions> = { startFunction: underRuntimeClient(synthesize(), say) };
