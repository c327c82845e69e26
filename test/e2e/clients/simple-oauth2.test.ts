import { ClientCredentials, ResourceOwnerPassword } from 'simple-oauth2';
import { beforeAll, describe, expect, it } from 'vitest';
import { authenticate } from '../../support/oauth.ts';
import { stack } from '../../support/world.ts';
import { ASCII_PASSWORD, type ClientAccount, clientAccount, expectToken, userInfoStatus } from './support.ts';

let account: ClientAccount;
beforeAll(async () => {
  account = await clientAccount(ASCII_PASSWORD);
});

const config = () => ({
  client: { id: account.user, secret: ASCII_PASSWORD },
  auth: { tokenHost: stack.url, tokenPath: '/oauth2/token', revokePath: '/oauth2/revoke' },
});

describe('simple-oauth2', () => {
  it.each(['strict', 'loose'] as const)(
    'fetches a token, credentials encoded %s',
    async (credentialsEncodingMode) => {
      const client = new ClientCredentials({ ...config(), options: { credentialsEncodingMode } });
      await expectToken((await client.getToken({})).token.access_token, account);
    },
  );

  it('fetches a token with the credentials in the body', async () => {
    const client = new ClientCredentials({ ...config(), options: { authorizationMethod: 'body' } });
    await expectToken((await client.getToken({})).token.access_token, account);
  });

  it('refreshes and revokes tokens of authenticate', async () => {
    const first = await authenticate(account.tenant.name, account.userName, ASCII_PASSWORD);
    const client = new ResourceOwnerPassword(config());
    const token = client.createToken({
      access_token: first.accessToken,
      refresh_token: first.refreshToken,
      expires_in: 0,
    });
    const second = await token.refresh();
    await expectToken(second.token.access_token, account);
    await second.revokeAll();
    expect(await userInfoStatus(second.token.access_token)).toBe(401);
  });
});
