import { type Decision, granted, refused } from '../../shared/rules/decision.ts';
import type { RefreshRefusal } from '../../shared/rules/refresh.ts';
import type { TokenRefusalWithoutCode } from '../../shared/rules/tokens.ts';
import { authenticateClient, type ClientRefusal, type Presenting } from './caller.ts';
import type { Deps } from './deps.ts';
import { oauthTokens } from './oauth-tokens.ts';
import { refreshTokens } from './refresh.ts';

type RefreshGrant = Presenting & { readonly body: { readonly refresh_token?: string | undefined } };

/**
 * RFC 6749 6, for tokens of every sign-in that issues them. A client that authenticates must be right, and the token
 * its own; one without a secret need not.
 */
export async function refreshGrant(
  deps: Deps,
  call: RefreshGrant,
): Promise<
  Decision<
    { json: ReturnType<typeof oauthTokens> },
    ClientRefusal | TokenRefusalWithoutCode | RefreshRefusal | { reason: 'refresh_token_missing' }
  >
> {
  const { headers, body, origin, now } = call;
  if (!body.refresh_token) return refused({ reason: 'refresh_token_missing' });
  const authenticates = headers.authorization !== undefined || body.client_secret !== undefined;
  const client = authenticates ? await authenticateClient(deps, call) : undefined;
  if (client?.ok === false) return client;
  const refreshed = await refreshTokens(
    deps,
    {
      refreshToken: body.refresh_token,
      belongs: ({ account }) =>
        client === undefined ||
        (account.tenant === client.value.tenant && account.employeeId === client.value.employeeId),
    },
    { origin, now },
  );
  return refreshed.ok ? granted({ json: oauthTokens(refreshed.value.tokens) }) : refreshed;
}
