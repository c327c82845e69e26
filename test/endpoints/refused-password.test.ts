import { beforeAll, describe, expect, it } from 'vitest';
import { redeem } from '../../functions/passwords/redeem.ts';
import { setByHand } from '../../functions/passwords/set-by-hand.ts';
import { openUserPool } from '../../shared/identity/user-pool.ts';
import { readEmployee } from '../../shared/store/employees.ts';
import { readReset } from '../../shared/store/resets.ts';
import { openTable, type Table } from '../../shared/store/table.ts';
import { aroundCalls } from '../support/aws-calls.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { originFrom } from '../support/origin.ts';
import { newPerson, type Person } from '../support/people.ts';
import {
  fetchToken,
  mailedLink,
  newTenant,
  PASSWORD,
  ROLES,
  request,
  type Tenant,
} from '../support/world.ts';

const REFUSED = 'nine refused harbours';
const origin = originFrom('192.0.2.9');

let table: Table;
let environment: ReturnType<typeof useStackEnvironment>;
beforeAll(() => {
  environment = useStackEnvironment();
  table = openTable(environment.TABLE_NAME);
});

/** A pool that lets something happen between Cognito's yes to a password and the commit. */
function poolThatWaitsFor(meanwhile: () => Promise<unknown>) {
  const pool = openUserPool({ poolId: environment.USER_POOL_ID, apiClientId: environment.API_CLIENT_ID });
  let happened = false;
  aroundCalls(pool.client, async ({ operation }, next) => {
    const answer = await next();
    if (operation === 'AdminSetUserPassword' && !happened) {
      happened = true;
      await meanwhile();
    }
    return answer;
  });
  return pool;
}

async function setUp() {
  const tenant = await newTenant();
  const person = await newPerson(tenant, { securityRoleIds: [ROLES.administrator] });
  const before = await fetchToken(person.user, PASSWORD);
  expect(before.status).toBe(200);
  const correct = () =>
    request('PATCH', `/v2/hr/employees/${person.id}`, {
      token: tenant.admin,
      body: { emailAddress: `right-${person.emailAddress}`, userName: `${person.userName}-right` },
    });
  return { tenant, person, correct, token: before.access_token ?? '' };
}

async function employeeOf(tenant: Tenant, person: Person) {
  const employee = await readEmployee(table, tenant.name, person.id);
  if (employee === undefined) throw new Error('There is no such employee');
  return employee;
}

async function expectNothingIsLeft(tenant: Tenant, person: Person, token: string, action: string) {
  const user = `${person.user}-right`;
  expect((await fetchToken(user, REFUSED)).status).toBe(401);
  expect((await request('GET', '/v2/security/userinfo', { token })).status).toBe(401);
  const log = await request(
    'GET',
    `/v2/hr/employees/${person.id}/auditlog?Filter.Action=${action}&Filter.Outcome=failed`,
    { token: tenant.admin },
  );
  expect(log.result).toMatchObject([{ action, outcome: 'failed', reason: 'changed_meanwhile' }]);
}

describe('a password that Cognito took before its commit was refused', () => {
  it('by a link opens nothing, ends every token and is told of (S3, M17, M18)', async () => {
    const { tenant, person, correct, token } = await setUp();
    await request('POST', `/v2/hr/employees/${person.id}/resetinstructions`, { token: tenant.admin });
    await mailedLink(person.emailAddress, 2);
    const employee = await employeeOf(tenant, person);
    const open = await readReset(table, employee.resetId ?? '');
    if (open === undefined) throw new Error('There is no such link');
    const pool = poolThatWaitsFor(correct);
    const deps = { table, pool, publicUrl: 'https://psa.example' };
    const redeemed = await redeem(deps, { ...open, employee }, REFUSED, { origin, now: new Date() });
    expect(redeemed).toMatchObject({ ok: false, refusal: { reason: 'link_in_use' } });
    await expectNothingIsLeft(tenant, person, token, 'password.set');
  });

  it('by hand of an admin opens nothing either', async () => {
    const { tenant, person, token } = await setUp();
    const rename = () =>
      request('PATCH', `/v2/hr/employees/${person.id}`, {
        token: tenant.admin,
        body: { userName: `${person.userName}-right` },
      });
    const deps = { table, pool: poolThatWaitsFor(rename), publicUrl: 'https://psa.example' };
    const set = await setByHand(deps, await employeeOf(tenant, person), REFUSED, {
      actor: { kind: 'employee', id: tenant.adminId, userType: 'Employee' },
      origin,
    });
    expect(set).toEqual({ ok: false, refusal: { reason: 'changed_meanwhile' } });
    await expectNothingIsLeft(tenant, person, token, 'password.set-by-admin');
  });
});
