import { basic } from '../../infra/local/clients.ts';
import { stack } from './world.ts';

export type OAuthReply = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
};

export type Auth =
  | { readonly user: string; readonly password: string }
  | { readonly token: string }
  | undefined;

/** One form post to an OAuth endpoint, as a client makes it. */
export async function postForm(
  path: string,
  fields: Record<string, string> | string,
  auth?: Auth,
  url = stack.url,
): Promise<OAuthReply> {
  const authorization =
    auth === undefined
      ? undefined
      : 'token' in auth
        ? `Bearer ${auth.token}`
        : basic(auth.user, auth.password);
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(authorization === undefined ? {} : { authorization }),
    },
    body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
  });
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, body };
}

export type V2Tokens = {
  accessToken: string;
  refreshToken: string;
  accessTokenExpireOn: string;
  refreshTokenExpireOn: string;
};

/** PSA V2 sign-in. */
export async function authenticate(tenant: string, userName: string, password: string): Promise<V2Tokens> {
  const { body } = await postForm('/v2/security/authenticate', {
    GrantType: 'password',
    UserName: userName,
    Password: password,
    Tenant: tenant,
  });
  if (body.success !== true) throw new Error(JSON.stringify(body));
  return body.result as V2Tokens;
}

/** PSA V2 refresh. */
export function refreshV2(tokens: { accessToken: string; refreshToken: string }) {
  return postForm('/v2/security/refreshtoken', {
    AccessToken: tokens.accessToken,
    RefreshToken: tokens.refreshToken,
  });
}

export const errorOf = (reply: OAuthReply) => reply.body.error as { code: number; reason: string } | null;
