import { expect } from 'vitest';
import { Browser, formField } from '../../infra/local/clients.ts';
import { fetchToken, mailedLink, type newApiAccount, request, type Tenant } from './world.ts';

type Account = Awaited<ReturnType<typeof newApiAccount>>;
type Outcome = { readonly password: string; readonly status: number };

/** R1: a fresh link, redeemed so many times at once at `url`. `mails`: how many links there are with this one. */
export async function redeemAtOnce(
  tenant: Tenant,
  account: Account,
  { url, times, mails }: { url: string; times: number; mails: number },
): Promise<readonly Outcome[]> {
  await request('POST', `/v2/hr/employees/${account.id}/resetinstructions`, { token: tenant.admin });
  const browser = new Browser();
  const screen = await browser.get(await mailedLink(account.emailAddress, mails));
  const formToken = formField(screen.html, 'formToken');
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return Promise.all(
    Array.from({ length: times }, async (_, index) => {
      const password = `concurrent words ${mails} number ${index}`;
      const reply = await fetch(`${url}/password/new`, {
        method: 'POST',
        headers: {
          cookie,
          'content-type': 'application/x-www-form-urlencoded',
          'sec-fetch-site': 'same-origin',
        },
        body: new URLSearchParams({ password, confirmation: password, formToken }),
        redirect: 'manual',
      });
      return { password, status: reply.status };
    }),
  );
}

/** Of all redemptions one was let through, the others were told why not, and its password alone signs in. */
export async function expectOneWinner(account: Account, outcomes: readonly Outcome[]): Promise<void> {
  const winners = outcomes.filter(({ status }) => status === 200);
  expect(winners).toHaveLength(1);
  expect(outcomes.filter(({ status }) => ![200, 409, 410].includes(status))).toEqual([]);
  expect((await fetchToken(account.user, winners[0]?.password ?? '')).status).toBe(200);
  const loser = outcomes.find(({ status }) => status !== 200);
  expect((await fetchToken(account.user, loser?.password ?? '')).status).toBe(401);
}
