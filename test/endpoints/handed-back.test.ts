import { beforeAll, describe, expect, it, test } from 'vitest';
import { codeFormEndpoint } from '../../functions/gateway/code-form.ts';
import { confirmPassword } from '../../functions/gateway/confirm-password.ts';
import type { Deps } from '../../functions/gateway/deps.ts';
import { recoveryFormEndpoint } from '../../functions/gateway/recovery-form.ts';
import type { Browser } from '../../infra/local/clients.ts';
import { AwsError } from '../../shared/aws/json-client.ts';
import { openForm } from '../../shared/http/forms.ts';
import { beginSignIn } from '../../shared/identity/sign-in.ts';
import { openUserPool } from '../../shared/identity/user-pool.ts';
import { maySignInAtGateway } from '../../shared/rules/gateway.ts';
import { readEmployee } from '../../shared/store/employees.ts';
import { openTable } from '../../shared/store/table.ts';
import { watchCalls } from '../support/aws-calls.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { enrol, newPerson, type Person, signInAt } from '../support/people.ts';
import { newTenant, PASSWORD, request, type Tenant } from '../support/world.ts';

const ORIGIN = {
  network: '198.51.100.7',
  sourceAddress: '198.51.100.7',
  userAgent: 'test',
  correlationId: 'handed-back',
};
const INJECTED = { message: 'injected' };
const THROTTLED = new AwsError('TooManyRequestsException', 400, INJECTED);
const OUT_OF_ORDER = new AwsError('InternalServerError', 500, INJECTED);

/** AWS as it stands, but for the calls of one name. */
function awsWithout(failing: string): Deps {
  const { TABLE_NAME, USER_POOL_ID, API_CLIENT_ID, GATEWAY_CLIENT_ID } = useStackEnvironment();
  const table = openTable(TABLE_NAME);
  const pool = openUserPool({
    poolId: USER_POOL_ID,
    apiClientId: API_CLIENT_ID,
    gatewayClientId: GATEWAY_CLIENT_ID,
  });
  watchCalls([pool.client], ({ operation }) => {
    if (operation === failing) throw THROTTLED;
  });
  watchCalls([table.client], ({ operation }) => {
    if (operation === failing) throw OUT_OF_ORDER;
  });
  return { table, pool, publicUrl: 'https://psa.example' };
}

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant({ licences: 40 });
});

/** A person with a second factor, at the page that asks for its code. */
async function atTheCode() {
  const person = await newPerson(tenant);
  const { browser } = await signInAt(tenant.name, person.userName);
  const { app, recoveryCodes } = await enrol(browser);
  await signInAt(tenant.name, person.userName, PASSWORD, browser);
  return { person, browser, code: await app.code(), recoveryCode: recoveryCodes[0] ?? '' };
}

function call(browser: Browser, body: Record<string, string>) {
  const cookies = { ...Object.fromEntries(browser.cookies), '__Host-form': 'f'.repeat(43) };
  const formToken = openForm({ cookies }).token;
  return { body: { ...body, formToken }, cookies, headers: {}, origin: ORIGIN, now: new Date() } as never;
}

async function expectNoGuess(person: Person) {
  const { result } = await request('GET', `/v2/hr/employees/${person.id}/throttle`, { token: tenant.admin });
  expect(result).toEqual({ isThrottled: false, networks: [] });
}

describe('where AWS is throttled or down, a guess that nobody judged is no guess', () => {
  it.each(['AdminInitiateAuth', 'BatchGetItem', 'BatchWriteItem'])('of a password (%s)', async (command) => {
    const person = await newPerson(tenant);
    const { table, pool } = awsWithout(command);
    const attempt = {
      credentials: { company: tenant.name, userName: person.userName, password: PASSWORD },
      action: 'gateway.sign-in',
      origin: ORIGIN,
      now: new Date(),
    } as const;
    for (let times = 0; times < 5; times += 1) {
      await expect(beginSignIn(table, pool, attempt, maySignInAtGateway)).rejects.toThrow('injected');
    }
    await expectNoGuess(person);
  });

  it.each(['AdminRespondToAuthChallenge', 'BatchWriteItem'])(
    'of a code at the gateway (%s)',
    async (command) => {
      const { person, browser, code } = await atTheCode();
      const endpoint = codeFormEndpoint(awsWithout(command));
      await expect(endpoint.run(call(browser, { code }))).rejects.toThrow('injected');
      await expectNoGuess(person);
    },
  );

  it('of a recovery code', async () => {
    const { person, browser, recoveryCode } = await atTheCode();
    const endpoint = recoveryFormEndpoint(awsWithout('TransactWriteItems'));
    await expect(endpoint.run(call(browser, { recoveryCode }))).rejects.toThrow('injected');
    await expectNoGuess(person);
  });

  it.each(['AdminInitiateAuth', 'AdminRespondToAuthChallenge', 'BatchWriteItem'])(
    'of password and code before the factor is touched (%s)',
    async (command) => {
      const { person, code } = await atTheCode();
      const deps = awsWithout(command);
      const employee = await readEmployee(deps.table, tenant.name, person.id);
      if (employee === undefined) throw new Error('The person is gone');
      const at = { origin: ORIGIN, now: new Date() };
      const proof = { password: PASSWORD, code };
      await expect(confirmPassword(deps, employee, proof, at, 'factor.codes')).rejects.toThrow('injected');
      await expectNoGuess(person);
    },
  );
});

test('a wrong code stays a guess although its record could not be written', async () => {
  const { person, browser } = await atTheCode();
  const endpoint = codeFormEndpoint(awsWithout('BatchWriteItem'));
  await expect(endpoint.run(call(browser, { code: '000000' }))).rejects.toThrow('injected');
  const { result } = await request('GET', `/v2/hr/employees/${person.id}/throttle`, { token: tenant.admin });
  expect(result).toMatchObject({ networks: [{ failures: 1 }] });
});
