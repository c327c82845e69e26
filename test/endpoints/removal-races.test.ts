import { expect, onTestFinished, test } from 'vitest';
import { aroundCalls, EVERY_CLIENT } from '../support/aws-calls.ts';
import { startFront } from '../support/front.ts';
import { newTenant, operatorRequest, request, type Tenant } from '../support/world.ts';

const GHOST = 'ghost-of-the-old-company';

async function remove(tenant: Tenant): Promise<void> {
  const at = `/v2/platform/tenants/${tenant.name}`;
  expect((await operatorRequest('POST', `${at}/suspend`)).status).toBe(200);
  const removal = await operatorRequest('DELETE', `${at}?Confirm=${tenant.name}`);
  expect(removal.result).toMatchObject({ done: true });
}

/** Both were authorised before the suspension, and write after the removal; an import goes on for 18 seconds. */
const fields = (userType: string) => ({ userName: GHOST, userType, firstName: 'G', lastName: 'H' });
const creation = (userType: string) => ['/v2/hr/employees', { body: fields(userType) }] as const;
const fileOf = (userType: string) =>
  [
    '/v2/hr/employees/import',
    {
      body: `${Object.keys(fields(userType))}\n${Object.values(fields(userType))}\n`,
      headers: { 'content-type': 'text/csv' },
    },
  ] as const;

test.each([
  ['a creation', ...creation('API Employee')],
  ['a creation of a person', ...creation('Employee')],
  ['an import', ...fileOf('API Employee')],
  ['an import of people', ...fileOf('Employee')],
])(
  'M16: %s that outlasts the removal of its company leaves nobody to the next of that name',
  async (_, path, sent) => {
    const tenant = await newTenant();
    const front = await startFront();
    onTestFinished(() => front.close());
    let removing = true;
    const restore = aroundCalls(EVERY_CLIENT, async ({ operation, input }, next) => {
      const puts = JSON.stringify(input);
      if (operation === 'TransactWriteItems' && removing && puts.includes(`LOGIN#${GHOST}`)) {
        removing = false;
        await remove(tenant);
      }
      return next();
    });
    onTestFinished(restore);
    const reply = await request('POST', path, { ...sent, token: tenant.admin, url: front.url });
    expect(removing).toBe(false);
    expect(reply).toMatchObject({ status: 401, success: false, error: { reason: 'token_dead' } });
    expect(reply.error?.message).toContain('the company is suspended');
    const next = await newTenant({ company: tenant.name });
    const listed = await request('GET', '/v2/hr/employees', { token: next.admin });
    expect(listed.result).toMatchObject([{ userName: 'alice' }]);
    expect(listed.totalRecords).toBe(1);
  },
);
