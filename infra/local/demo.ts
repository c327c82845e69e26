/**
 * `npm run demo`: boots the whole system on free ports in a temporary folder and goes through its story over
 * HTTP, as clients would. Ends with `demo: N steps passed` and exit code 0 only if every step did what it says.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseFlags, processTerminal, runCommand } from '../cli/command.ts';
import { signedFetch } from '../cli/signed-fetch.ts';
import { Browser, basic, type Envelope, formField, linkIn, waitForMail } from './clients.ts';
import { tellAfterwards } from './demo-afterwards.ts';
import { factorStory } from './demo-factor.ts';
import { lifeStory } from './demo-life.ts';
import { tokenStory } from './demo-tokens.ts';
import { type Stack, type StackOptions, startStack } from './stack.ts';

let steps = 0;

/** Says what is shown, does it, and counts it once it held. */
async function step<T>(what: string, act: () => Promise<T>): Promise<T> {
  const result = await act().catch((error: unknown) => {
    throw new Error(`Step "${what}" failed: ${error instanceof Error ? error.message : String(error)}`);
  });
  steps += 1;
  process.stdout.write(`${String(steps).padStart(2)}. ${what}\n`);
  return result;
}

function expect(actual: unknown, wanted: unknown, what: string): void {
  if (actual !== wanted) throw new Error(`${what}: expected ${String(wanted)}, got ${String(actual)}`);
}

const ADMIN_PASSWORD = 'violet tractor hums at noon';
const BOT_PASSWORD = 'Zwölf % Möwen + 3: fliegen süd';
const EMPLOYEE_PASSWORD = 'seventeen quiet lanterns';

const HELP = 'npm run demo: the whole story over HTTP, on free ports in a temporary folder. No options.';

let stack: Stack;
process.exitCode = await runCommand('npm run demo -- --help', processTerminal, async () => {
  // `--with FILE`: a module that says how else the stack is to run (test/lambda).
  const { values } = parseFlags({ options: { with: { type: 'string' }, help: { type: 'boolean' } } });
  if (values.help) {
    processTerminal.out(HELP);
    return 0;
  }
  const further = values.with === undefined ? {} : await optionsIn(values.with);
  const stateDir = await mkdtemp(join(tmpdir(), 'psa-demo-'));
  stack = await startStack({ port: 0, stateDir, ...further });
  try {
    await story();
    processTerminal.out(`demo: ${steps} steps passed`);
    return 0;
  } catch (error) {
    processTerminal.out(error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    await stack.close();
    await rm(stateDir, { recursive: true, force: true });
  }
});

async function optionsIn(file: string): Promise<Partial<StackOptions>> {
  const module = (await import(pathToFileURL(file).href)) as { stackOptions: Partial<StackOptions> };
  return module.stackOptions;
}

async function api(
  token: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Envelope & { status: number }> {
  const response = await fetch(`${stack.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, ...((await response.json()) as Envelope) };
}

async function token(user: string, password: string) {
  const response = await fetch(`${stack.url}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: basic(user, password), 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials',
  });
  const body = (await response.json()) as {
    access_token?: string;
    reason?: string;
    correlation_id?: string;
  };
  return { status: response.status, ...body };
}

async function tokenFor(user: string, password: string): Promise<string> {
  const issued = await token(user, password);
  if (issued.access_token === undefined) throw new Error(`no token: ${issued.status} ${issued.reason}`);
  return issued.access_token;
}

/** Follows a mailed link as a browser does and posts the form. */
async function choosePassword(link: string, password: string): Promise<string> {
  const browser = new Browser();
  const screen = await browser.get(link);
  expect(screen.status, 200, 'the screen that the link opens');
  const done = await browser.post(new URL('/password/new', stack.url).href, {
    password,
    confirmation: password,
    formToken: formField(screen.html, 'formToken'),
  });
  expect(
    done.status,
    200,
    `the form post (${done.html
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .slice(0, 300)})`,
  );
  return done.html;
}

async function story(): Promise<void> {
  await step(
    'An operator creates the tenant Acme MSP with three licences and its first Administrator (IAM)',
    async () => {
      const response = await signedFetch(`${stack.url}/v2/platform/tenants`, {
        method: 'POST',
        body: JSON.stringify({
          company: 'Acme MSP',
          licences: 3,
          timeZone: 'Europe/Dublin',
          administrator: {
            userName: 'alice',
            firstName: 'Alice',
            lastName: 'Archer',
            emailAddress: 'alice@acme.example',
          },
        }),
        credentials: stack.operator,
        region: stack.operator.region,
      });
      expect(response.status, 200, 'status');
    },
  );
  const adminLink = await step('The Administrator gets a mail with a set-up link', async () =>
    linkIn(await waitForMail(stack.inboxUrl, { to: 'alice@acme.example', subject: /password/i })),
  );
  await step('The link opens the screen, and a password is picked', () =>
    choosePassword(adminLink, ADMIN_PASSWORD),
  );
  const admin = await step('The Administrator fetches a token with HTTP Basic', () =>
    tokenFor('acme-msp\\alice', ADMIN_PASSWORD),
  );

  const roles = await step('The roles of the company are listed', async () => {
    const list = await api(admin, 'GET', '/v2/admin/security/roles?PageSize=50');
    return new Map((list.result as { id: number; name: string }[]).map((role) => [role.name, role.id]));
  });
  const roleId = (name: string) => roles.get(name) ?? 0;
  const used = async () => {
    const company = await api(admin, 'GET', '/v2/admin/mycompany');
    return (company.result as { licences: { used: number } }).licences.used;
  };
  const licencesBefore = await used();

  const bot = await step('The Administrator creates the API Employee billing-bot (M1)', async () => {
    const created = await api(admin, 'POST', '/v2/hr/employees', {
      userName: 'billing-bot',
      userType: 'Api Employee',
      firstName: 'Billing',
      lastName: 'Bridge',
      emailAddress: 'integrations@acme.example',
      securityRoleIds: [roleId('Service Desk Manager')],
    });
    expect(created.status, 200, 'status');
    return (created.result as { id: number }).id;
  });
  await step('The licence count is unchanged (M10)', async () =>
    expect(await used(), licencesBefore, 'licences in use'),
  );
  await step('Reset and send instructions (M4)', async () => {
    const sent = await api(admin, 'POST', `/v2/hr/employees/${bot}/resetinstructions`);
    expect(sent.status, 200, 'status');
  });
  const botLink = await step('Its owner gets the mail', async () =>
    linkIn(await waitForMail(stack.inboxUrl, { to: 'integrations@acme.example', subject: /password/i })),
  );
  await step('The owner picks a password on the screen, by a form post as a browser sends it (M3)', () =>
    choosePassword(botLink, BOT_PASSWORD),
  );
  await step('The link, opened a second time, is refused', async () => {
    const again = await new Browser().get(botLink);
    expect(again.status, 410, 'status');
  });
  await step('A mail tells the owner that the password was changed', () =>
    waitForMail(stack.inboxUrl, { to: 'integrations@acme.example', subject: /changed/i }),
  );

  await step('Its token is refused: no role of it has API Access (M15)', async () => {
    const refused = await token('acme-msp\\billing-bot', BOT_PASSWORD);
    expect(refused.reason, 'role_without_api_access', 'reason');
  });
  await step('The Administrator enables API Access on Service Desk Manager', async () => {
    const role = await api(admin, 'PATCH', `/v2/admin/security/roles/${roleId('Service Desk Manager')}`, {
      apiAccess: true,
    });
    expect(role.status, 200, 'status');
  });
  const botToken = await step('The API Employee fetches a token with HTTP Basic (M13, M14)', () =>
    tokenFor('acme-msp\\billing-bot', BOT_PASSWORD),
  );
  await step('userinfo answers who it is', async () => {
    const info = await api(botToken, 'GET', '/v2/security/userinfo');
    expect((info.result as { userId: number }).userId, bot, 'userId');
  });
  await step('A script written for PSA V2 signs in at /v2/security/authenticate', async () => {
    const form = new FormData();
    for (const [name, value] of [
      ['GrantType', 'password'],
      ['UserName', 'billing-bot'],
      ['Password', BOT_PASSWORD],
      ['Tenant', 'Acme MSP'],
    ] as const) {
      form.set(name, value);
    }
    const response = await fetch(`${stack.url}/v2/security/authenticate`, { method: 'POST', body: form });
    expect(((await response.json()) as Envelope).success, true, 'success');
  });

  await tokenStory({
    url: stack.url,
    step,
    expect,
    admin,
    bot: botToken,
    account: { company: 'Acme MSP', tenant: 'acme-msp', userName: 'billing-bot', password: BOT_PASSWORD },
  });

  await step(
    'An external role is refused: Error! Cannot add external roles to internal users. (M12)',
    async () => {
      const refused = await api(admin, 'PATCH', `/v2/hr/employees/${bot}`, {
        securityRoleIds: [roleId('External User')],
      });
      expect(refused.error?.message, 'Error! Cannot add external roles to internal users.', 'message');
    },
  );
  await step('A change of its user type is refused (M8)', async () => {
    const refused = await api(admin, 'PATCH', `/v2/hr/employees/${bot}`, { userType: 'Employee' });
    expect(refused.error?.reason, 'user_type_final', 'reason');
  });
  await step('A password typed by an admin is refused (M6)', async () => {
    const refused = await api(admin, 'PUT', `/v2/hr/employees/${bot}/password`, {
      password: EMPLOYEE_PASSWORD,
    });
    expect(refused.error?.reason, 'manual_password_for_api_employee', 'reason');
  });
  await step('At the gateway its right password opens no user interface (M7)', async () => {
    const browser = new Browser();
    const gateway = await browser.get(`${stack.url}/?company=acme-msp`);
    const answer = await browser.post(`${stack.url}/`, {
      company: 'acme-msp',
      userName: 'billing-bot',
      password: BOT_PASSWORD,
      formToken: formField(gateway.html, 'formToken'),
    });
    expect(answer.status, 403, 'status');
  });

  const carol = await step('An Employee is created, and takes a licence (M10)', async () => {
    const created = await api(admin, 'POST', '/v2/hr/employees', {
      userName: 'carol',
      userType: 'Employee',
      firstName: 'Carol',
      lastName: 'Chen',
      emailAddress: 'carol@acme.example',
      securityRoleIds: [roleId('Service Desk Manager')],
    });
    expect(created.status, 200, 'status');
    expect(await used(), licencesBefore + 1, 'licences in use');
    return (created.result as { id: number }).id;
  });
  await step('The Employee cannot become an API Employee (M9)', async () => {
    const refused = await api(admin, 'PATCH', `/v2/hr/employees/${carol}`, { userType: 'API Employee' });
    expect(refused.error?.reason, 'conversion_to_api_employee', 'reason');
  });
  await step('An admin may type a password for an Employee', async () => {
    const set = await api(admin, 'PUT', `/v2/hr/employees/${carol}/password`, {
      password: EMPLOYEE_PASSWORD,
    });
    expect(set.status, 200, `status (${set.error?.message})`);
  });
  await step('The Employee gets a token on user name and password', () =>
    tokenFor('acme-msp\\carol', EMPLOYEE_PASSWORD),
  );
  await step('The Administrator turns on Require MFA for non-SSO users', async () => {
    const company = await api(admin, 'PATCH', '/v2/admin/mycompany', { requireMfaForNonSsoUsers: true });
    expect(company.status, 200, 'status');
  });
  await step('The Employee is refused with mfa_required (M2)', async () => {
    const refused = await token('acme-msp\\carol', EMPLOYEE_PASSWORD);
    expect(refused.reason, 'mfa_required', 'reason');
  });
  await step('The API Employee still gets a token on user name and password alone (M2)', () =>
    tokenFor('acme-msp\\billing-bot', BOT_PASSWORD),
  );
  const integration = { user: 'acme-msp\\billing-bot', password: BOT_PASSWORD };
  const { url, operator, inboxUrl } = stack;
  const alice = { company: 'acme-msp', userName: 'alice', password: ADMIN_PASSWORD };
  const again = await factorStory({ url, admin, step, expect, api, account: alice });
  await lifeStory({ url, inboxUrl, admin: again, step, expect, api, token, choosePassword });
  await tellAfterwards({ url, operator, admin: again, bot: integration, step, expect, api, token });
}
