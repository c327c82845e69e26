import ClientOAuth2 from 'client-oauth2';
import * as openid from 'openid-client';
import { ClientCredentials } from 'simple-oauth2';
import { beforeAll, describe, expect, it } from 'vitest';
import { newApiAccount, newTenant, request, stack } from '../support/world.ts';

/** Everything that an encoding can get wrong. */
const PASSWORD = '100% Zwölf + 3: "Möwen" fliegen & süd %2B';

const ASCII_PASSWORD = '100% twelve + 3: "gulls" fly & %2B south';

let account: Awaited<ReturnType<typeof newApiAccount>>;
beforeAll(async () => {
  account = await newApiAccount(await newTenant({ company: `Bauer & Söhne ${Date.now()}` }), PASSWORD);
});

async function expectToken(token: string | undefined): Promise<void> {
  const info = await request('GET', '/v2/security/userinfo', { token: token ?? '' });
  expect(info.result).toMatchObject({ userId: account.id });
}

describe('M13: unmodified OAuth clients, used as their READMEs say', () => {
  it('openid-client, which form-encodes', async () => {
    const config = new openid.Configuration(
      { issuer: stack.url, token_endpoint: `${stack.url}/oauth2/token` },
      account.user,
      undefined,
      openid.ClientSecretBasic(PASSWORD),
    );
    openid.allowInsecureRequests(config); // The stack on a laptop speaks plain HTTP.
    const tokens = await openid.clientCredentialsGrant(config);
    await expectToken(tokens.access_token);
  });

  it('client-oauth2, which does not', async () => {
    const client = new ClientOAuth2({
      clientId: account.user,
      clientSecret: PASSWORD,
      accessTokenUri: `${stack.url}/oauth2/token`,
    });
    const token = await client.credentials.getToken();
    await expectToken(token.accessToken);
  });

  // It accepts printable ASCII only (RFC 6749's VSCHAR), so it gets an account of that kind.
  it.each(['strict', 'loose'] as const)(
    'simple-oauth2, credentials encoded %s',
    async (credentialsEncodingMode) => {
      const plain = await newApiAccount(await newTenant(), ASCII_PASSWORD);
      const client = new ClientCredentials({
        client: { id: plain.user, secret: ASCII_PASSWORD },
        auth: { tokenHost: stack.url, tokenPath: '/oauth2/token' },
        options: { credentialsEncodingMode },
      });
      const token = await client.getToken({});
      expect(
        (await request('GET', '/v2/security/userinfo', { token: String(token.token.access_token) })).status,
      ).toBe(200);
    },
  );

  it('any client that puts its credentials into the body (RFC 6749 2.3.1)', async () => {
    const reply = await fetch(`${stack.url}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: account.user,
        client_secret: PASSWORD,
      }),
    });
    await expectToken(((await reply.json()) as { access_token?: string }).access_token);
  });
});
