/**
 * The pre token generation trigger, event version V2_0.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
 */
import { UserPoolError } from './errors.ts';
import type { AppClient } from './identity.ts';
import { isObject } from './input.ts';
import type { Claims } from './jwt.ts';
import type { Pool } from './pool.ts';
import type { User } from './store.ts';

export type TriggerSource =
  | 'TokenGeneration_Authentication'
  | 'TokenGeneration_NewPasswordChallenge'
  | 'TokenGeneration_RefreshTokens';

type TokenChanges = { readonly add: Claims; readonly suppress: readonly string[] };

export type TriggerOutcome = {
  readonly idToken: TokenChanges;
  readonly accessToken: TokenChanges & {
    readonly scopesToAdd: readonly string[];
    readonly scopesToSuppress: readonly string[];
  };
};

/** The one scope of a token from AdminInitiateAuth; it opens the user's own profile to the API. */
export const USER_ADMIN_SCOPE = 'aws.cognito.signin.user.admin';

/**
 * Cognito gives every trigger five seconds, whatever the function's own time limit.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
 */
const TRIGGER_SECONDS = 5;

/** Neither added, changed nor suppressed by a trigger. */
const RESERVED_CLAIMS = new Set([
  ...[
    'acr',
    'amr',
    'at_hash',
    'auth_time',
    'azp',
    'client_id',
    'device_key',
    'event_id',
    'exp',
    'iat',
    'identities',
  ],
  ...['iss', 'jti', 'nbf', 'nonce', 'origin_jti', 'scope', 'sub', 'token_use', 'username', 'version'],
]);
const RESERVED_PREFIXES = ['aws:', 'cognito:', 'dev:'];

const isReserved = (claim: string) =>
  RESERVED_CLAIMS.has(claim) || RESERVED_PREFIXES.some((prefix) => claim.startsWith(prefix));

const invalidOutput = () =>
  new UserPoolError('InvalidLambdaResponseException', 'Unrecognizable lambda output');

function objectAt(parent: Claims, field: string): Claims {
  const value = parent[field];
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw invalidOutput();
  return value;
}

function stringsAt(parent: Claims, field: string): readonly string[] {
  const value = parent[field];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) throw invalidOutput();
  return value;
}

async function invoke(pool: Pool, event: object): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const late = new UserPoolError(
      'UnexpectedLambdaException',
      'PreTokenGeneration invocation failed due to timeout',
    );
    timer = setTimeout(() => reject(late), TRIGGER_SECONDS * 1000);
  });
  try {
    // The trigger gets a copy, as it would over the wire: what it does to its event later concerns nobody.
    return await Promise.race([pool.preTokenTrigger(structuredClone(event)), timeout]);
  } catch (error) {
    if (error instanceof UserPoolError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserPoolError(
      'UserLambdaValidationException',
      `PreTokenGeneration failed with error ${reason}.`,
    );
  } finally {
    clearTimeout(timer);
  }
}

export async function runPreTokenTrigger(
  pool: Pool,
  about: {
    readonly source: TriggerSource;
    readonly user: User;
    readonly client: AppClient;
    readonly clientMetadata: Readonly<Record<string, string>> | undefined;
  },
): Promise<TriggerOutcome> {
  const { user, client } = about;
  const answer = await invoke(pool, {
    version: '2',
    triggerSource: about.source,
    region: pool.identity.region,
    userPoolId: pool.identity.poolId,
    userName: user.username,
    callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: client.id },
    request: {
      userAttributes: { sub: user.sub, 'cognito:user_status': user.status, ...user.attributes },
      groupConfiguration: { groupsToOverride: [], iamRolesToOverride: [], preferredRole: null },
      scopes: [USER_ADMIN_SCOPE],
      ...(about.clientMetadata ? { clientMetadata: about.clientMetadata } : {}),
    },
    response: { claimsAndScopeOverrideDetails: null },
  });
  if (!isObject(answer) || !isObject(answer.response)) throw invalidOutput();

  const details = objectAt(answer.response, 'claimsAndScopeOverrideDetails');
  const accessToken = objectAt(details, 'accessTokenGeneration');
  const idToken = objectAt(details, 'idTokenGeneration');
  const changes = (token: Claims): TokenChanges => ({
    add: objectAt(token, 'claimsToAddOrOverride'),
    suppress: stringsAt(token, 'claimsToSuppress'),
  });
  return {
    idToken: changes(idToken),
    accessToken: {
      ...changes(accessToken),
      scopesToAdd: stringsAt(accessToken, 'scopesToAdd'),
      scopesToSuppress: stringsAt(accessToken, 'scopesToSuppress'),
    },
  };
}

/** The claims with the trigger's changes; suppression wins over addition, reserved claims stay as they are. */
export function applyChanges(claims: Claims, changes: TokenChanges, clientId: string): Claims {
  const changed: Record<string, unknown> = { ...claims };
  for (const [claim, value] of Object.entries(changes.add)) {
    // `aud` may be put into an access token, but only to name the app client.
    const allowed = claim === 'aud' ? value === clientId : !isReserved(claim);
    if (allowed) changed[claim] = value;
  }
  for (const claim of changes.suppress) {
    if (claim !== 'aud' && !isReserved(claim)) delete changed[claim];
  }
  return changed;
}

/** A trigger can't add scopes of Cognito's own, except the one that it could have left in place. */
const mayAddScope = (scope: string) =>
  !/\s/.test(scope) && scope !== '' && (scope === USER_ADMIN_SCOPE || !scope.startsWith('aws.cognito.'));

export function grantedScopes(changes: TriggerOutcome['accessToken']): string[] {
  const scopes = new Set([USER_ADMIN_SCOPE, ...changes.scopesToAdd.filter(mayAddScope)]);
  for (const scope of changes.scopesToSuppress) scopes.delete(scope);
  return [...scopes];
}
