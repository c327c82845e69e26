import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { Browser, formField } from '../../infra/local/clients.ts';
import { codeAt, stepOf } from '../../infra/local/user-pool/totp.ts';
import {
  choosePassword,
  mailedLink,
  newEmployee,
  PASSWORD,
  ROLES,
  request,
  stack,
  type Tenant,
  tokenFor,
} from './world.ts';

/** An authenticator app: gives each code once, as the pool takes each once. */
export class Authenticator {
  readonly #used = new Set<number>();
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** A code that is good now and was not given before; steps beside the present one are good, too. */
  async code(): Promise<string> {
    for (;;) {
      const now = stepOf(Date.now());
      const step = [now - 1, now, now + 1].find((candidate) => !this.#used.has(candidate));
      if (step !== undefined) {
        this.#used.add(step);
        return codeAt(this.#secret, step);
      }
      await sleep(500);
    }
  }
}

export type Person = { id: number; userName: string; emailAddress: string; user: string };

/** An Employee with a password and the Administrator role, so that tokens are to be had. */
export async function newPerson(tenant: Tenant, fields: Record<string, unknown> = {}): Promise<Person> {
  const employee = await newEmployee(tenant, {
    userType: 'Employee',
    firstName: 'Pat',
    lastName: 'Person',
    securityRoleIds: fields.userType === 'External Employee' ? [ROLES.externalUser] : [ROLES.administrator],
    sendInstructions: true,
    ...fields,
  });
  const done = await choosePassword(await mailedLink(employee.emailAddress), PASSWORD);
  expect(done.status).toBe(200);
  return { ...employee, user: `${tenant.name}\\${employee.userName}` };
}

export type Member = { readonly id: number; readonly userName: string; browser: Browser };

/** With a password by hand, and signed in at the gateway: no mail to wait for. */
export async function newMember(tenant: Tenant, fields: Record<string, unknown> = {}): Promise<Member> {
  const { id, userName } = await newEmployee(tenant, { userType: 'Employee', ...fields });
  const reply = await request('PUT', `/v2/hr/employees/${id}/password`, {
    token: tenant.admin,
    body: { password: PASSWORD },
  });
  expect(reply.error).toBeNull();
  return { id, userName, browser: (await signInAt(tenant.name, userName)).browser };
}

/** A browser at the gateway, after the form was sent. */
export async function signInAt(
  tenant: string,
  userName: string,
  password = PASSWORD,
  browser = new Browser(),
) {
  const screen = await browser.get(`${stack.url}/?company=${tenant}`);
  const formToken = formField(screen.html, 'formToken');
  const page = await browser.post(`${stack.url}/`, { company: tenant, userName, password, formToken });
  return { browser, page };
}

/** Sends a form of the page at `path`, with the token that the page carried. */
export async function sendForm(browser: Browser, from: string, to: string, fields: Record<string, string>) {
  const screen = await browser.get(`${stack.url}${from}`);
  const formToken = formField(screen.html, 'formToken');
  return browser.post(`${stack.url}${to}`, { ...fields, formToken });
}

/** Sets a factor up from the account pages; gives the app and the recovery codes. */
export async function enrol(browser: Browser) {
  const key = await sendForm(browser, '/account/second-factor', '/account/second-factor/start', {
    password: PASSWORD,
  });
  return confirmKey(browser, key.html, '/account/second-factor');
}

export async function confirmKey(browser: Browser, html: string, to: string, url = stack.url) {
  const secret = formField(html, 'secret');
  const app = new Authenticator(secret);
  const fields = { secret, password: PASSWORD, formToken: formField(html, 'formToken') };
  const page = await browser.post(`${url}${to}`, { ...fields, code: await app.code() });
  return { app, page, recoveryCodes: recoveryCodesOn(page.html), secret };
}

export const recoveryCodesOn = (html: string): string[] =>
  [...html.matchAll(/<li><code>([A-Z2-7-]{19})<\/code>/g)].map(([, code = '']) => code);

/** It ends the first Administrator's token, who has no second factor: from then on an API Employee administers. */
export async function requireMfa(tenant: Tenant, on = true): Promise<void> {
  const programmed = on ? await administratorWithoutFactor(tenant) : tenant.admin;
  const reply = await request('PATCH', '/v2/admin/mycompany', {
    token: tenant.admin,
    body: { requireMfaForNonSsoUsers: on },
  });
  expect(reply.status).toBe(200);
  tenant.admin = programmed;
}

async function administratorWithoutFactor(tenant: Tenant): Promise<string> {
  const securityRoleIds = [ROLES.administrator];
  const { userName, emailAddress } = await newEmployee(tenant, { securityRoleIds, sendInstructions: true });
  await choosePassword(await mailedLink(emailAddress), PASSWORD);
  return tokenFor(`${tenant.name}\\${userName}`, PASSWORD);
}

export function authenticate(tenant: string, userName: string, fields: Record<string, string> = {}) {
  const body = { GrantType: 'password', UserName: userName, Password: PASSWORD, Tenant: tenant, ...fields };
  return request('POST', '/v2/security/authenticate', {
    body: new URLSearchParams(body).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
}
