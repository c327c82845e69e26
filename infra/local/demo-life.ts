/** The demo's chapter on the rest of an account's life: imported, found, checked, switched off and on, deleted. */
import { randomUUID } from 'node:crypto';
import { type Envelope, linkIn, waitForMail } from './clients.ts';
import type { Teller } from './demo-afterwards.ts';

type Life = Omit<Teller, 'operator' | 'bot' | 'api'> & {
  readonly inboxUrl: string;
  readonly api: (token: string, method: string, path: string, body?: unknown) => ReturnType<Teller['api']>;
  readonly choosePassword: (link: string, password: string) => Promise<string>;
};

const PASSWORD = 'twelve copper kettles sing';
const ADDRESS = 'monitor@acme.example';

export async function lifeStory(life: Life): Promise<void> {
  const { url, admin, step, expect, api, token } = life;
  const importing = async (csv: string, query: string) => {
    const reply = await fetch(`${url}/v2/hr/employees/import?${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin}`, 'content-type': 'text/csv' },
      body: csv,
    });
    return { ...((await reply.json()) as Envelope), status: reply.status };
  };
  const header = 'userName,userType,firstName,lastName,emailAddress,securityRoles\n';
  const good = `${header}monitor,API Employee,Moni,Tor,${ADDRESS},Service Desk Manager\n`;

  await step('A dry run of an import names every wrong row and field', async () => {
    const bad = `${good}ledger,Robot,Led,Ger,nowhere,Service Desk Manager\n`;
    const refused = await importing(bad, 'DryRun=true');
    const told = JSON.stringify(refused);
    for (const word of ['"row":3', 'userType must be', 'emailAddress must be'])
      expect(told.includes(word), true, word);
  });
  await step('An import creates an API Employee, and mails its set-up link', async () => {
    const done = await importing(good, `ImportId=${randomUUID()}&SendInstructions=true`);
    expect(done.status, 200, `status (${done.error?.message})`);
  });
  const { id } = await step('HR > Employees finds it by text and user type', async () => {
    const list = await api(admin, 'GET', '/v2/hr/employees?Filter.Text=moni&Filter.UserType=API%20Employee');
    const [found, ...others] = list.result as { id: number }[];
    if (found === undefined) throw new Error('it is not in the list');
    expect(others.length, 0, 'others');
    return found;
  });
  const at = `/v2/hr/employees/${id}`;
  await step('No picker shows it (M11)', async () => {
    const picked = await api(admin, 'GET', '/v2/hr/employees/lookup?filter.name=Moni');
    expect((picked.result as unknown[]).length, 0, 'rows');
  });
  await step('Its check says what stands between it and a token: no password yet', async () => {
    const { canGetToken, conditions } = (await api(admin, 'GET', `${at}/tokencheck`)).result as {
      canGetToken: boolean;
      conditions: { condition: string; passed: boolean; blocking: boolean }[];
    };
    expect(canGetToken, false, 'canGetToken');
    const missing = conditions.filter(({ passed, blocking }) => blocking && !passed);
    expect(missing.map(({ condition }) => condition).join(), 'password_set', 'conditions');
  });
  const user = 'acme-msp\\monitor';
  const tokenNow = async () => {
    const issued = await token(user, PASSWORD);
    expect(issued.status, 200, `status (${issued.reason})`);
    return issued.access_token ?? '';
  };
  const alive = async (bearer: string) => (await api(bearer, 'GET', '/v2/security/userinfo')).status;
  const first = await step('Its owner picks a password from the mail, and it gets a token', async () => {
    await life.choosePassword(linkIn(await waitForMail(life.inboxUrl, { to: ADDRESS })), PASSWORD);
    return tokenNow();
  });
  await step('Deactivated, it has no good token on the very next call, and gets none (M18)', async () => {
    expect((await api(admin, 'POST', `${at}/deactivate`)).status, 200, 'status');
    expect(await alive(first), 401, 'the token held');
    expect((await token(user, PASSWORD)).reason, 'account_inactive', 'reason');
  });
  const second = await step('Activated, it gets a new one; the old one stays dead', async () => {
    expect((await api(admin, 'POST', `${at}/activate`)).status, 200, 'status');
    expect(await alive(first), 401, 'the old token');
    return tokenNow();
  });
  await step('Revoked, every token of it is dead; its password still works', async () => {
    expect(await alive(second), 200, 'the token before');
    expect((await api(admin, 'POST', `${at}/revoke`)).status, 200, 'status');
    expect(await alive(second), 401, 'the token after');
    await tokenNow();
  });
  await step('Its own audit log tells of all that, newest first', async () => {
    const log = await api(admin, 'GET', `${at}/auditlog`);
    const actions = (log.result as { action: string }[]).map(({ action }) => action);
    for (const action of ['employee.revoke', 'employee.activate', 'employee.deactivate', 'password.set']) {
      expect(actions.includes(action), true, action);
    }
  });
  await step('Deleted, it is gone, its token is dead, and its user name is free', async () => {
    const last = await tokenNow();
    expect((await api(admin, 'DELETE', at)).status, 200, 'status');
    expect(await alive(last), 401, 'its token');
    expect((await api(admin, 'GET', at)).status, 404, 'the account');
    const again = await importing(good, 'DryRun=true');
    expect(again.status, 200, `status (${again.error?.message})`);
  });
}
