import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { FunctionDefinition } from '../functions.ts';
import { ServiceStack } from './service-stack.ts';
import { readSettings } from './settings.ts';
import { StatefulStack } from './stateful-stack.ts';

export type Deployment = { readonly stateful: StatefulStack; readonly service: ServiceStack };

/**
 * Both stacks of one stage, checked by cdk-nag (AwsSolutions): a finding that is not acknowledged fails the synth.
 *
 * @param region where it goes, if that is known yet.
 * @throws {SettingsError} for a context value that cannot be used.
 */
export function addDeployment(
  app: App,
  functions: readonly FunctionDefinition[],
  region?: string,
): Deployment {
  const settings = readSettings(app.node, region);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app, { verbose: true }));
  const prefix = `psa-accounts-${settings.stage}`;
  const stateful = new StatefulStack(app, `${prefix}-stateful`, { settings, functions });
  const service = new ServiceStack(app, `${prefix}-service`, { settings, functions, stateful });
  return { stateful, service };
}
