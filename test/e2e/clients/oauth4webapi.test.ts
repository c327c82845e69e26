import * as oauth from 'oauth4webapi';
import { beforeAll, describe, expect, it } from 'vitest';
import { authenticate } from '../../support/oauth.ts';
import { stack } from '../../support/world.ts';
import { type ClientAccount, clientAccount, expectToken, HARD_PASSWORD, userInfoStatus } from './support.ts';

/** The stack on a laptop speaks plain HTTP. */
const insecure = { [oauth.allowInsecureRequests]: true };

let account: ClientAccount;
let server: oauth.AuthorizationServer;
beforeAll(async () => {
  account = await clientAccount();
  const issuer = new URL(stack.url);
  const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
  server = await oauth.processDiscoveryResponse(issuer, response);
});

describe('oauth4webapi', () => {
  const client = () => ({ client_id: account.user });
  const secret = oauth.ClientSecretBasic(HARD_PASSWORD);

  it('discovers, fetches a token, and calls the API with it', async () => {
    const response = await oauth.clientCredentialsGrantRequest(server, client(), secret, {}, insecure);
    const { access_token: token } = await oauth.processClientCredentialsResponse(server, client(), response);
    await expectToken(token, account);
    const info = await oauth.protectedResourceRequest(
      token,
      'GET',
      new URL(`${stack.url}/v2/security/userinfo`),
      undefined,
      undefined,
      insecure,
    );
    expect(info.status).toBe(200);
  });

  it('reads the challenge of a dead token', async () => {
    const call = oauth.protectedResourceRequest(
      'nonsense',
      'GET',
      new URL(`${stack.url}/v2/security/userinfo`),
      undefined,
      undefined,
      insecure,
    );
    await expect(call).rejects.toMatchObject({
      cause: [{ scheme: 'bearer', parameters: { error: 'invalid_token' } }],
    });
  });

  it('refreshes and revokes', async () => {
    const first = await authenticate(account.tenant.name, account.userName, HARD_PASSWORD);
    const response = await oauth.refreshTokenGrantRequest(
      server,
      client(),
      secret,
      first.refreshToken,
      insecure,
    );
    const second = await oauth.processRefreshTokenResponse(server, client(), response);
    await expectToken(second.access_token, account);
    const revoked = await oauth.revocationRequest(server, client(), secret, second.access_token, insecure);
    await oauth.processRevocationResponse(revoked);
    expect(await userInfoStatus(second.access_token)).toBe(401);
  });
});
