import ClientOAuth2 from 'client-oauth2';
import { beforeAll, describe, expect, it } from 'vitest';
import { authenticate } from '../../support/oauth.ts';
import { stack } from '../../support/world.ts';
import { type ClientAccount, clientAccount, expectToken, HARD_PASSWORD } from './support.ts';

let account: ClientAccount;
beforeAll(async () => {
  account = await clientAccount();
});

const client = (clientSecret = HARD_PASSWORD) =>
  new ClientOAuth2({
    clientId: account.user,
    clientSecret,
    accessTokenUri: `${stack.url}/oauth2/token`,
  });

describe('client-oauth2, which does not encode what it puts into Basic', () => {
  it('fetches a token', async () => {
    await expectToken((await client().credentials.getToken()).accessToken, account);
  });

  it('refreshes a token of authenticate', async () => {
    const first = await authenticate(account.tenant.name, account.userName, HARD_PASSWORD);
    const token = client().createToken(first.accessToken, first.refreshToken, 'bearer', {});
    await expectToken((await token.refresh()).accessToken, account);
  });

  it('fails on a wrong secret with the words of RFC 6749', async () => {
    await expect(client('wrong wrong wrong').credentials.getToken()).rejects.toMatchObject({
      code: 'EAUTH',
      body: { error: 'invalid_client' },
    });
  });
});
