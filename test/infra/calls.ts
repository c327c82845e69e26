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
const CLIENT_PREFIXES = {
  dynamodb: 'dynamodb',
  'cognito-identity-provider': 'cognito-idp',
  ses: 'ses',
  eventbridge: 'events',
} as const;

/** Open to whoever holds a refresh or an access token: Cognito asks IAM nothing, so there is nothing to grant. */
const UNSIGNED = ['GetTokensFromRefreshToken', 'AssociateSoftwareToken', 'VerifySoftwareToken'];

/** esbuild heads what it takes of a file with the file's path. */
const HEADING = /^(?=\/\/ \S+\.(?:js|mjs|cjs|ts|json)$)/m;

export async function callsOf(definition: Pick<FunctionDefinition, 'entry' | 'trigger'>): Promise<Calls> {
  const { outputFiles } = await bundle(definition, { minify: false });
  const sections = (outputFiles[0]?.text ?? '').split(HEADING);
  const own = sections.filter((section) => /^\/\/ (functions|shared|test)\//.test(section)).join('\n');
  const commands = [...own.matchAll(/new (\w+?)Command\d*\(/g)].map(([, name]) => name ?? '');
  const single = commands.filter((name) => name !== 'TransactWriteItems' && !UNSIGNED.includes(name));
  const parts = commands.includes('TransactWriteItems')
    ? [...own.matchAll(/[{,]\s*(put|update|remove|check)\s*[:,]/g)].map(
        ([, part]) => `dynamodb:${PARTS[part as keyof typeof PARTS]}`,
      )
    : [];
  const actions = new Set([...single.map((name) => `${prefixOf(name, sections)}:${name}`), ...parts]);
  return { actions: [...actions].sort(), readsIndexes: /\bIndexName:/.test(own) };
}

/** By the client in whose folder the command stands. */
function prefixOf(command: string, sections: readonly string[]): string {
  const declares = new RegExp(`(?:class|var|const) ${command}Command\\b`);
  const clients = sections
    .filter((section) => declares.test(section))
    .map((section) => /^\/\/ \S*node_modules\/@aws-sdk\/client-([\w-]+)\//.exec(section)?.[1]);
  const prefix = CLIENT_PREFIXES[clients.find(Boolean) as keyof typeof CLIENT_PREFIXES];
  if (prefix !== undefined) return prefix;
  throw new Error(`No client is known that has ${command}; add it to test/infra/calls.ts`);
}
