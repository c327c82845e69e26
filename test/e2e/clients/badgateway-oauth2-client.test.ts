import { OAuth2Client, OAuth2Fetch } from '@badgateway/oauth2-client';
import { beforeAll, describe, expect, it } from 'vitest';
import { authenticate } from '../../support/oauth.ts';
import { PASSWORD, stack } from '../../support/world.ts';
import { type ClientAccount, clientAccount, expectToken, HARD_PASSWORD, userInfoStatus } from './support.ts';

const LATIN_PASSWORD = 'Zwölf % Möwen fliegen süd';

let account: ClientAccount;
beforeAll(async () => {
  account = await clientAccount();
});

/** It finds the endpoints by itself (RFC 8414). */
const client = (clientId: string, clientSecret: string) =>
  new OAuth2Client({ server: `${stack.url}/`, clientId, clientSecret });

describe('@badgateway/oauth2-client', () => {
  it.each([
    ['client_secret_basic', HARD_PASSWORD],
    // It sends ISO-8859-1, and `:` encoded in a pair that is not.
    ['client_secret_basic_interop', LATIN_PASSWORD],
    ['client_secret_post', HARD_PASSWORD],
  ] as const)('fetches a token by %s', async (authenticationMethod, clientSecret) => {
    const own = clientSecret === LATIN_PASSWORD ? await clientAccount(LATIN_PASSWORD) : account;
    const oauth2 = new OAuth2Client({
      server: `${stack.url}/`,
      clientId: own.user,
      clientSecret,
      authenticationMethod,
    });
    await expectToken((await oauth2.clientCredentials()).accessToken, own);
  });

  it('calls the API through its fetch', async () => {
    const wrapper = new OAuth2Fetch({
      client: client(account.user, HARD_PASSWORD),
      getNewToken: () => client(account.user, HARD_PASSWORD).clientCredentials(),
    });
    expect((await wrapper.fetch(`${stack.url}/v2/security/userinfo`)).status).toBe(200);
  });

  it('refreshes, introspects and revokes', async () => {
    const first = await authenticate(account.tenant.name, account.userName, HARD_PASSWORD);
    const oauth2 = client(account.user, HARD_PASSWORD);
    const old = { accessToken: first.accessToken, refreshToken: first.refreshToken, expiresAt: 0 };
    const second = await oauth2.refreshToken(old);
    await expectToken(second.accessToken, account);
    const admin = client(account.tenant.adminUser, PASSWORD);
    expect(await admin.introspect(second)).toMatchObject({ active: true });
    await oauth2.revoke(second);
    expect(await admin.introspect(second)).toEqual({ active: false });
    expect(await userInfoStatus(second.accessToken)).toBe(401);
  });
});
