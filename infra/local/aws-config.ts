/** Where the stand-ins are, in the file format that AWS tools read: what docs/operations.md says works here too. */
import { rename, writeFile } from 'node:fs/promises';
import type { StateFolder } from './state-folder.ts';

export type Endpoints = Readonly<Record<'dynamodb' | 'cognito' | 'ses' | 'eventbridge' | 'lambda', string>>;

/** Nothing listens on the discard port: a call to a service that has no stand-in fails, and never reaches AWS. */
export const CLOSED_PORT_URL = 'http://127.0.0.1:9';

/** Service names as shared config files have them. https://docs.aws.amazon.com/sdkref/latest/guide/ss-endpoints-table.html */
const SECTIONS = {
  dynamodb: 'dynamodb',
  cognito: 'cognito_identity_provider',
  ses: 'ses',
  eventbridge: 'eventbridge',
  lambda: 'lambda',
} as const satisfies Record<keyof Endpoints, string>;

/** Answers the file's name: AWS_CONFIG_FILE, beside AWS_SHARED_CREDENTIALS_FILE. */
export async function writeAwsConfig(
  state: StateFolder,
  region: string,
  endpoints: Endpoints,
): Promise<string> {
  const file = state.file('aws-config');
  const services = Object.entries(SECTIONS).flatMap(([name, section]) => [
    `${section} =`,
    `  endpoint_url = ${endpoints[name as keyof Endpoints]}`,
  ]);
  const text = [
    '# The local stack as it runs now; written anew at each start.',
    '[default]',
    `region = ${region}`,
    'output = json',
    // What the services below say goes first.
    `endpoint_url = ${CLOSED_PORT_URL}`,
    'services = local',
    '',
    '[services local]',
    ...services,
    '',
  ].join('\n');
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return file;
}
