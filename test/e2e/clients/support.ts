import { expect } from 'vitest';
import { newApiAccount, newTenant, request } from '../../support/world.ts';

/** Everything that an encoding can get wrong. */
export const HARD_PASSWORD = '100% Zwölf + 3: "Möwen" fliegen & süd %2B';
/** For libraries that take printable ASCII only (RFC 6749's VSCHAR). */
export const ASCII_PASSWORD = '100% twelve + 3: "gulls" fly & %2B south';

export type ClientAccount = Awaited<ReturnType<typeof clientAccount>>;

/** An API Employee of a company whose name needs folding, unless all is to be ASCII. */
export async function clientAccount(password = HARD_PASSWORD) {
  const plain = /^[\x20-\x7e]*$/.test(password);
  const tenant = await newTenant(plain ? {} : { company: `Bauer & Söhne ${Date.now()} ${Math.random()}` });
  return { ...(await newApiAccount(tenant, password)), tenant };
}

export async function userInfoStatus(token: unknown): Promise<number> {
  return (await request('GET', '/v2/security/userinfo', { token: String(token) })).status;
}

/** The token opens the API, as the account that it was fetched for. */
export async function expectToken(token: unknown, account: { readonly id: number }): Promise<void> {
  const info = await request('GET', '/v2/security/userinfo', { token: String(token) });
  expect(info.result).toMatchObject({ userId: account.id });
}
