/** The operator of a local stack: a key pair of its own, in the file format that every AWS tool reads. */
import { randomBytes, randomInt } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { ACCOUNT_ID, type IamIdentity } from './http-event.ts';
import { errorCode } from './problem.ts';
import type { KeyPair } from './signature.ts';
import type { StateFolder } from './state-folder.ts';

export type Operator = KeyPair & { readonly region: string; readonly credentialsFile: string };

const KEY_ID_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export async function loadOperator(state: StateFolder, region: string): Promise<Operator> {
  const credentialsFile = state.file('aws-credentials');
  const kept = await readKeyPair(credentialsFile);
  if (kept !== undefined) return { ...kept, region, credentialsFile };
  const letters = Array.from({ length: 16 }, () => KEY_ID_ALPHABET.charAt(randomInt(KEY_ID_ALPHABET.length)));
  const keyPair = {
    accessKeyId: `AKIA${letters.join('')}`,
    secretAccessKey: randomBytes(30).toString('base64'),
  };
  const text = [
    '# Operator of the local stack. Worthless anywhere else.',
    '[default]',
    `aws_access_key_id = ${keyPair.accessKeyId}`,
    `aws_secret_access_key = ${keyPair.secretAccessKey}`,
    '',
  ].join('\n');
  await writeFile(`${credentialsFile}.new`, text, { mode: 0o600 });
  await rename(`${credentialsFile}.new`, credentialsFile);
  return { ...keyPair, region, credentialsFile };
}

async function readKeyPair(file: string): Promise<KeyPair | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  });
  const accessKeyId = /^aws_access_key_id\s*=\s*(\S+)$/m.exec(text)?.[1];
  const secretAccessKey = /^aws_secret_access_key\s*=\s*(\S+)$/m.exec(text)?.[1];
  return accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined;
}

/** What API Gateway tells the function of a caller whose signature it checked. */
export const iamIdentity = ({ accessKeyId }: KeyPair): IamIdentity => ({
  accessKey: accessKeyId,
  accountId: ACCOUNT_ID,
  callerId: 'AIDALOCALOPERATOR',
  cognitoIdentity: null,
  principalOrgId: 'o-local',
  userArn: `arn:aws:iam::${ACCOUNT_ID}:user/local-operator`,
  userId: 'AIDALOCALOPERATOR',
});
