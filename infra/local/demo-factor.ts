/** The demo's chapter on an Administrator who turned on Require MFA, and has no second factor yet. */
import { Browser, formField } from './clients.ts';
import type { Teller } from './demo-afterwards.ts';
import { codeAt, stepOf } from './user-pool/totp.ts';

type FactorStory = Pick<Teller, 'url' | 'admin' | 'step' | 'expect'> & {
  readonly api: (token: string, method: string, path: string) => ReturnType<Teller['api']>;
  readonly account: { readonly company: string; readonly userName: string; readonly password: string };
};

/** @returns the token that is to be had with the factor. */
export async function factorStory(story: FactorStory): Promise<string> {
  const { url, admin, step, expect, api, account } = story;
  const { company, userName, password } = account;
  await step(
    "The Administrator's own token no longer counts on the very next call: it has no second factor (M18)",
    async () => {
      const refused = await api(admin, 'GET', '/v2/security/userinfo');
      expect(refused.error?.reason, 'token_dead', 'reason');
    },
  );
  const secret = await step('The Administrator sets up an authenticator app at the gateway', async () => {
    const browser = new Browser();
    const formToken = formField((await browser.get(`${url}/?company=${company}`)).html, 'formToken');
    const { html } = await browser.post(`${url}/`, { company, userName, password, formToken });
    const key = formField(html, 'secret');
    const code = codeAt(key, stepOf(Date.now()));
    const fields = { secret: key, password, code, formToken: formField(html, 'formToken') };
    const enrolled = await browser.post(`${url}/sign-in/second-factor`, fields);
    expect(enrolled.status, 200, 'status');
    return key;
  });
  return step('With a code of the app the Administrator gets a token', async () => {
    // Each code is good once; that of the next half minute is accepted already.
    const MFACode = codeAt(secret, stepOf(Date.now()) + 1);
    const body = new URLSearchParams({
      ...{ GrantType: 'password', Tenant: company, UserName: userName, Password: password, MFACode },
    });
    const response = await fetch(`${url}/v2/security/authenticate`, { method: 'POST', body });
    expect(response.status, 200, 'status');
    return ((await response.json()) as { result: { accessToken: string } }).result.accessToken;
  });
}
