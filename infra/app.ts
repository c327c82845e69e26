import { App } from 'aws-cdk-lib';
import { addDeployment } from './aws/deployment.ts';
import { SettingsError } from './aws/settings.ts';
import { functions } from './functions.ts';

/** What `cdk` runs (cdk.json): describes the deployment, touches nothing. */
try {
  const app = new App();
  // The region of the credentials, to which the CDK deploys what names none itself.
  addDeployment(app, functions, process.env.CDK_DEFAULT_REGION);
  app.synth();
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
