/** The part of the demo about tokens: PSA V2, V1 and OAuth 2.0 side by side. */
import type { Envelope } from './clients.ts';

type Step = <T>(what: string, act: () => Promise<T>) => Promise<T>;
type Expect = (actual: unknown, wanted: unknown, what: string) => void;
type V2Tokens = { accessToken: string; refreshToken: string };

export type TokenStory = {
  readonly url: string;
  readonly step: Step;
  readonly expect: Expect;
  /** Tokens of the Administrator and of the API Employee. */
  readonly admin: string;
  readonly bot: string;
  readonly account: {
    readonly company: string;
    readonly tenant: string;
    readonly userName: string;
    readonly password: string;
  };
};

export async function tokenStory({ url, step, expect, admin, bot, account }: TokenStory): Promise<void> {
  const { company, tenant, userName, password } = account;

  /** A form post, as scripts and OAuth clients send it. */
  async function post(path: string, fields: Record<string, string>, bearer?: string) {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      ...(bearer === undefined ? {} : { headers: { authorization: `Bearer ${bearer}` } }),
      body: new URLSearchParams(fields),
    });
    expect(response.status, 200, `status of ${path}`);
    return (await response.json()) as Record<string, unknown>;
  }
  async function userInfo(token: string) {
    const response = await fetch(`${url}/v2/security/userinfo`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { error } = (await response.json()) as Envelope;
    return { status: response.status, reason: error?.reason };
  }

  const first = await step('V2 signs in again (urlencoded), and gets a refresh token', async () => {
    const fields = { GrantType: 'password', UserName: userName, Password: password, Tenant: company };
    return (await post('/v2/security/authenticate', fields)).result as V2Tokens;
  });
  const v1 = await step('A script written for V1 signs in at /api/token', () =>
    post('/api/token', { grant_type: 'password', username: userName, password, tenant: company }),
  );
  const second = await step('V2 refreshes its tokens; each refresh token is good once', async () => {
    const fields = { AccessToken: first.accessToken, RefreshToken: first.refreshToken };
    return (await post('/v2/security/refreshtoken', fields)).result as V2Tokens;
  });
  const third = await step('OAuth refreshes them too: grant_type=refresh_token', async () => {
    const fields = { grant_type: 'refresh_token', refresh_token: second.refreshToken };
    return String((await post('/oauth2/token', fields)).access_token);
  });
  await step('Introspection by the Administrator: the token is active (RFC 7662)', async () => {
    const reply = await post('/oauth2/introspect', { token: third }, admin);
    expect(reply.active, true, 'active');
    expect(reply.username, `${tenant}\\${userName}`, 'username');
  });
  await step('The API Employee revokes its token: every token of that sign-in ends (RFC 7009)', async () => {
    await post('/oauth2/revoke', { token: third }, bot);
    for (const token of [first.accessToken, second.accessToken, third]) {
      expect((await userInfo(token)).reason, 'token_dead', 'reason');
    }
    const reply = await post('/oauth2/introspect', { token: third }, admin);
    expect(JSON.stringify(reply), '{"active":false}', 'introspection');
  });
  await step('The tokens of its other sign-ins go on', async () =>
    expect((await userInfo(String(v1.access_token))).status, 200, 'status'),
  );
}
