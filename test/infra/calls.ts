import * as cognito from '@aws-sdk/client-cognito-identity-provider';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as events from '@aws-sdk/client-eventbridge';
import * as ses from '@aws-sdk/client-ses';
import type { FunctionDefinition } from '../../infra/functions.ts';
import { bundle } from './bundle.ts';

/** The AWS actions that a function's own code calls: what is left of it, and of shared/, in its bundle. */
export type Calls = { readonly actions: readonly string[]; readonly readsIndexes: boolean };

/** Parts of a transaction (`Write` in shared/store/table.ts) are authorised as the single actions they stand for. */
const PARTS = {
  put: 'PutItem',
  update: 'UpdateItem',
  remove: 'DeleteItem',
  check: 'ConditionCheckItem',
} as const;
/** By the prefix of its actions, each service with all that can be asked of it. */
const SERVICES: Readonly<Record<string, object>> = { dynamodb, 'cognito-idp': cognito, events, ses };

/** Open to whoever holds a refresh or an access token: Cognito asks IAM nothing, so there is nothing to grant. */
const UNSIGNED = ['GetTokensFromRefreshToken', 'AssociateSoftwareToken', 'VerifySoftwareToken'];

/** esbuild heads what it takes of a file with the file's path. */
const HEADING = /^(?=\/\/ \S+\.(?:js|mjs|cjs|ts|json)$)/m;

export async function callsOf(definition: Pick<FunctionDefinition, 'entry' | 'trigger'>): Promise<Calls> {
  const { outputFiles } = await bundle(definition, { minify: false });
  const sections = (outputFiles[0]?.text ?? '').split(HEADING);
  const own = sections.filter((section) => /^\/\/ (functions|shared|test)\//.test(section)).join('\n');
  // By our own clients (shared/aws), or by the SDK's for mails.
  const commands = [...own.matchAll(/\.call\(\s*"(\w+)"|new (\w+?)Command\d*\(/g)].map(
    ([, ours, sdks]) => ours ?? sdks ?? '',
  );
  const single = commands.filter((name) => name !== 'TransactWriteItems' && !UNSIGNED.includes(name));
  const parts = commands.includes('TransactWriteItems')
    ? [...own.matchAll(/[{,]\s*(put|update|remove|check)\s*[:,]/g)].map(
        ([, part]) => `dynamodb:${PARTS[part as keyof typeof PARTS]}`,
      )
    : [];
  const actions = new Set([...single.map((name) => `${prefixOf(name)}:${name}`), ...parts]);
  return { actions: [...actions].sort(), readsIndexes: /\bIndexName:/.test(own) };
}

function prefixOf(operation: string): string {
  const prefixes = Object.keys(SERVICES).filter(
    (prefix) => `${operation}Command` in (SERVICES[prefix] ?? {}),
  );
  const [prefix] = prefixes;
  if (prefix === undefined || prefixes.length > 1) {
    throw new Error(`${prefixes.length} services are known that have ${operation}: see test/infra/calls.ts`);
  }
  return prefix;
}
