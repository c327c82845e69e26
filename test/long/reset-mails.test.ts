import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { askForLink } from '../../functions/passwords/ask-for-link.ts';
import { readInbox } from '../../infra/local/clients.ts';
import { resetMailPlaces } from '../../shared/store/reset-mails.ts';
import { openTable, type Table, transact } from '../../shared/store/table.ts';
import { type AwsCall, watchCalls } from '../support/aws-calls.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { mailedLink, newEmployee, newTenant, request, stack, type Tenant } from '../support/world.ts';

let table: Table;
let tenant: Tenant;
let seen: AwsCall[];
beforeAll(async () => {
  table = openTable(useStackEnvironment().TABLE_NAME);
  tenant = await newTenant();
  seen = watchCalls([table.client]);
});

const someone = () => ({ tenant: tenant.name, folded: randomBytes(8).toString('hex'), network: random() });
const random = () => `2001:db8:${randomBytes(2).toString('hex')}:${randomBytes(2).toString('hex')}::/64`;
const at = (minutes: number) => new Date(Date.UTC(2030, 0, 7) + minutes * 60_000);
const place = async (asked: ReturnType<typeof someone>, minutes: number) =>
  (await transact<'mails_exhausted'>(table, resetMailPlaces(asked, at(minutes)))).length === 0;

describe('S7: reset mails', () => {
  it('are one a minute and five in any hour for an account', async () => {
    const asked = someone();
    const passed = [];
    for (let minutes = 0; minutes <= 130; minutes += 0.5)
      if (await place(asked, minutes)) passed.push(minutes);
    expect(passed).toEqual([0, 1, 2, 3, 4, 60, 61, 62, 63, 64, 120, 121, 122, 123, 124]);
  });

  it('of 50 requests at once one passes', async () => {
    const asked = someone();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => place(asked, 0)));
    expect(outcomes.filter(Boolean)).toHaveLength(1);
  });

  it('are 100 an hour for a network, whatever the accounts', { timeout: 60_000 }, async () => {
    const network = random();
    let passed = 0;
    for (let n = 0; n < 110; n += 1) if (await place({ ...someone(), network }, 0)) passed += 1;
    expect(passed).toBe(100);
    expect(await place({ ...someone(), network }, 60)).toBe(true);
    expect(await place(someone(), 0)).toBe(true);
  });
});

test('the page and the call answer the same, and one mail goes out', async () => {
  const employee = await newEmployee(tenant);
  const ask = () =>
    request('POST', '/v2/security/passwordreset', {
      body: { Tenant: tenant.name, UserName: employee.userName },
    });
  const [first, second] = [await ask(), await ask()];
  expect({ ...second, headers: null }).toEqual({ ...first, headers: null });
  await mailedLink(employee.emailAddress);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const mails = (await readInbox(stack.inboxUrl)).filter(({ to }) => to.includes(employee.emailAddress));
  expect(mails).toHaveLength(1);
});

test('S1: the same calls for known, unknown, inactive and mail-less accounts, the limit reached or not', async () => {
  const known = await newEmployee(tenant);
  const inactive = await newEmployee(tenant, { isActive: false });
  const mailless = await newEmployee(tenant, { emailAddress: null });
  const person = await newEmployee(tenant, { userType: 'Employee' });
  const sequences = [];
  for (const userName of [known.userName, inactive.userName, mailless.userName, person.userName, 'nobody']) {
    const origin = { network: random(), sourceAddress: '', userAgent: '', correlationId: '' };
    seen.length = 0;
    await askForLink(table, { company: tenant.name, userName }, { origin, now: new Date() });
    await askForLink(table, { company: tenant.name, userName }, { origin, now: new Date() });
    sequences.push(seen.map(({ operation }) => operation).join());
  }
  expect(new Set(sequences)).toEqual(new Set(['TransactWriteItems,TransactWriteItems,UpdateItem']));
});
