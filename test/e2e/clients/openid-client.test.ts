import * as openid from 'openid-client';
import { beforeAll, describe, expect, it } from 'vitest';
import { authenticate } from '../../support/oauth.ts';
import { PASSWORD, stack } from '../../support/world.ts';
import { type ClientAccount, clientAccount, expectToken, HARD_PASSWORD, userInfoStatus } from './support.ts';

let account: ClientAccount;
beforeAll(async () => {
  account = await clientAccount();
});

/** As its README says: discovery first. The stack on a laptop speaks plain HTTP. */
const discover = (user: string, authentication: openid.ClientAuth) =>
  openid.discovery(new URL(stack.url), user, undefined, authentication, {
    algorithm: 'oauth2',
    execute: [openid.allowInsecureRequests],
  });

describe('openid-client', () => {
  it.each([
    ['client_secret_basic, which it form-encodes', openid.ClientSecretBasic(HARD_PASSWORD)],
    ['client_secret_post', openid.ClientSecretPost(HARD_PASSWORD)],
  ])('fetches a token by %s', async (_, authentication) => {
    const config = await discover(account.user, authentication);
    await expectToken((await openid.clientCredentialsGrant(config)).access_token, account);
  });

  it('refreshes tokens of authenticate as a client without a secret, then ends them', async () => {
    const first = await authenticate(account.tenant.name, account.userName, HARD_PASSWORD);
    const open = await discover(account.user, openid.None());
    const second = await openid.refreshTokenGrant(open, first.refreshToken);
    await expectToken(second.access_token, account);
    const config = await discover(account.user, openid.ClientSecretBasic(HARD_PASSWORD));
    await openid.tokenRevocation(config, second.refresh_token ?? '', { token_type_hint: 'refresh_token' });
    expect(await userInfoStatus(second.access_token)).toBe(401);
    await expect(openid.refreshTokenGrant(open, second.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  it('introspects', async () => {
    const admin = await discover(account.tenant.adminUser, openid.ClientSecretBasic(PASSWORD));
    const { accessToken } = await authenticate(account.tenant.name, account.userName, HARD_PASSWORD);
    expect(await openid.tokenIntrospection(admin, accessToken)).toMatchObject({
      active: true,
      username: account.user,
    });
    expect(await openid.tokenIntrospection(admin, 'nonsense')).toEqual({ active: false });
  });

  it('is told by its own error class what was wrong', async () => {
    const config = await discover(account.user, openid.ClientSecretBasic('wrong wrong wrong'));
    await expect(openid.clientCredentialsGrant(config)).rejects.toThrow();
  });
});
