import { expect, test } from 'vitest';
import { takeFeedback } from '../../functions/mail-feedback/take-feedback.ts';
import { systemClock } from '../../shared/clock.ts';
import { employeeItem } from '../../shared/store/items.ts';
import { employeeKey } from '../../shared/store/keys.ts';
import { getItem, openTable } from '../../shared/store/table.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { mailedLink, newEmployee, newTenant, request, type Tenant } from '../support/world.ts';

const { TABLE_NAME } = useStackEnvironment();
const table = openTable(TABLE_NAME);
const feedback = takeFeedback({ table, clock: systemClock });

/** As SES publishes it through EventBridge. */
const event = (to: string, resetId: string, detail: object) => ({
  source: 'aws.ses',
  detail: { mail: { destination: [to], tags: { resetId: [resetId] } }, ...detail },
});
const PERMANENT = { eventType: 'Bounce', bounce: { bounceType: 'Permanent' } };

async function mailedEmployee(tenant: Tenant) {
  const { id, emailAddress } = await newEmployee(tenant, { sendInstructions: true });
  const link = await mailedLink(emailAddress);
  const [resetId = ''] = new URL(link).searchParams.get('link')?.split('.') ?? [];
  return { id, emailAddress, resetId };
}

async function view(tenant: Tenant, id: number) {
  const { result } = await request('GET', `/v2/hr/employees/${id}`, { token: tenant.admin });
  return result as { mailProblem: string | null; lastInstructions: { state: string } };
}

test('a mail that bounced for good marks the address, until it is corrected', async () => {
  const tenant = await newTenant();
  const { id, emailAddress, resetId } = await mailedEmployee(tenant);
  expect(await view(tenant, id)).toMatchObject({ mailProblem: null });

  await feedback(event(emailAddress, resetId, PERMANENT));
  const marked = { mailProblem: 'bounced', lastInstructions: { state: 'bounced' } };
  expect(await view(tenant, id)).toMatchObject(marked);
  await feedback(event(emailAddress, resetId, PERMANENT));
  expect(await view(tenant, id)).toMatchObject(marked);

  const body = { firstName: 'Other' };
  await request('PATCH', `/v2/hr/employees/${id}`, { token: tenant.admin, body });
  expect(await view(tenant, id)).toMatchObject(marked);
  const corrected = { emailAddress: `right-${emailAddress}` };
  await request('PATCH', `/v2/hr/employees/${id}`, { token: tenant.admin, body: corrected });
  expect(await view(tenant, id)).toMatchObject({ mailProblem: null });

  // A late event about the old address marks nothing on the new one.
  await feedback(event(emailAddress, resetId, PERMANENT));
  expect(await view(tenant, id)).toMatchObject({ mailProblem: null });
});

test('instructions sent anew clear the mark', async () => {
  const tenant = await newTenant();
  const { id, emailAddress, resetId } = await mailedEmployee(tenant);
  await feedback(event(emailAddress, resetId, PERMANENT));
  await request('POST', `/v2/hr/employees/${id}/resetinstructions`, { token: tenant.admin });
  expect(await view(tenant, id)).toMatchObject({ mailProblem: null });
});

test('a complaint marks the address, too', async () => {
  const tenant = await newTenant();
  const { id, emailAddress, resetId } = await mailedEmployee(tenant);
  await feedback(event(emailAddress, resetId, { eventType: 'Complaint' }));
  expect(await view(tenant, id)).toMatchObject({ mailProblem: 'complained_of' });
  const check = await request('GET', `/v2/hr/employees/${id}/tokencheck`, { token: tenant.admin });
  expect((check.result as { conditions: unknown[] }).conditions).toContainEqual({
    condition: 'mail_address',
    passed: false,
    blocking: false,
    toDo: expect.stringContaining('reported our mail as spam'),
  });
});

test.each([
  [
    'a passing bounce',
    (to: string, id: string) => event(to, id, { eventType: 'Bounce', bounce: { bounceType: 'Transient' } }),
  ],
  ['a mail of another account', (_to: string, id: string) => event('else@where.example', id, PERMANENT)],
  ['a mail without a reset of ours', (to: string) => event(to, 'unknown', PERMANENT)],
])('%s marks nothing', async (_what, make) => {
  const tenant = await newTenant();
  const { id, emailAddress, resetId } = await mailedEmployee(tenant);
  await feedback(make(emailAddress, resetId));
  const stored = await getItem(table, employeeKey(tenant.name, id), employeeItem);
  expect(stored?.mailProblem).toBeUndefined();
});

test('what is no event of SES fails, and so comes to the dead letters', async () => {
  await expect(feedback({ detail: {} })).rejects.toThrow();
});
