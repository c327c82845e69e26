import { inspect } from 'node:util';
import { SESClient, type SendEmailCommandInput } from '@aws-sdk/client-ses';
import { describe, expect, test, vi } from 'vitest';
import { sendOwedMails } from '../../functions/after-commit/send-owed-mails.ts';
import { takeFeedback } from '../../functions/mail-feedback/take-feedback.ts';
import { systemClock } from '../../shared/clock.ts';
import { openMailer } from '../../shared/mail/sender.ts';
import { newGuessNotice } from '../../shared/store/guess-notices.ts';
import { employeeItem } from '../../shared/store/items.ts';
import { employeeKey, tenantKey } from '../../shared/store/keys.ts';
import { oweNotice } from '../../shared/store/notices.ts';
import { newReset } from '../../shared/store/resets.ts';
import { getItem, openTable, putItem, toAttributes } from '../../shared/store/table.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { ownTable } from '../support/own-table.ts';
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

describe.each([
  ['a notice', 'noticeId', (account: Account) => oweNotice(account, 'factor-reset', new Date())],
  [
    'a warning of guesses',
    'guessNoticeId',
    ({ tenant, id }: Account) => ({ put: newGuessNotice({ tenant, employeeId: id }, new Date()) }),
  ],
] as const)('%s', (_what, tag, owe) => {
  test('that bounced marks the address, and says nothing of instructions', async () => {
    const tenant = await newTenant();
    const { id, emailAddress } = await mailedEmployee(tenant);
    const { put } = owe({ tenant: tenant.name, id }) as { put: { id: string } };
    // Done, so that this test alone has to do with it.
    await putItem(table, { ...put, outbox: 'done' });
    const bounce = event(emailAddress, put.id, PERMANENT);
    bounce.detail.mail.tags = { [tag]: [put.id] } as never;
    await feedback(bounce);
    const marked = { mailProblem: 'bounced', lastInstructions: { state: 'sent' } };
    expect(await view(tenant, id)).toMatchObject(marked);
  });
});

test('every mail goes with the one tag by which its bounce is understood', async () => {
  const tenant = await newTenant();
  const { id } = await newEmployee(tenant);
  // Nothing else sends what is owed in a table of one's own.
  const own = await ownTable();
  const sent: SendEmailCommandInput[] = [];
  const send = vi.spyOn(SESClient.prototype, 'send').mockImplementation(async ({ input }) => {
    sent.push(input as SendEmailCommandInput);
  });
  try {
    for (const key of [tenantKey(tenant.name), employeeKey(tenant.name, id)]) {
      const { Item } = await table.client.call('GetItem', { TableName: table.name, Key: toAttributes(key) });
      await own.table.client.call('PutItem', { TableName: own.table.name, Item });
    }
    const account = { tenant: tenant.name, id };
    const now = new Date();
    const owed = [
      newReset({ tenant: tenant.name, employeeId: id, requestedBy: 'admin' }, now) as unknown as OwedItem,
      (oweNotice(account, 'factor-reset', now) as { put: OwedItem }).put,
      newGuessNotice({ tenant: tenant.name, employeeId: id }, now) as OwedItem,
    ];
    const publicUrl = 'https://psa.example';
    const sendMail = openMailer('psa@psa.example', 'psa');
    const work = sendOwedMails({ table: own.table, sendMail, publicUrl, clock: systemClock });
    for (const item of owed) {
      await putItem(own.table, item);
      const NewImage = { type: { S: item.type }, id: { S: item.id } };
      const outcome = await work({ Records: [{ dynamodb: { SequenceNumber: '1', NewImage } }] });
      expect(outcome.batchItemFailures).toEqual([]);
    }
    expect(sent.map(({ Tags }) => Tags)).toEqual([
      [{ Name: 'resetId', Value: owed[0]?.id }],
      [{ Name: 'noticeId', Value: owed[1]?.id }],
      [{ Name: 'guessNoticeId', Value: owed[2]?.id }],
    ]);
    // All that SES takes in a tag.
    for (const { Value } of sent.flatMap(({ Tags = [] }) => Tags)) expect(Value).toMatch(/^[\w-]{1,255}$/);
  } finally {
    send.mockRestore();
    await own.close();
  }
});

type Account = { readonly tenant: string; readonly id: number };
type OwedItem = { readonly type: string; readonly id: string };

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

/** SES tells of a soft bounce only once it has stopped trying. */
test.each(['MailboxFull', 'ContentRejected'])(
  'a mail that SES gave up marks the address: %s',
  async (sub) => {
    const tenant = await newTenant();
    const { id, emailAddress, resetId } = await mailedEmployee(tenant);
    const bounce = { bounceType: 'Transient', bounceSubType: sub, bouncedRecipients: [] };
    await feedback(event(emailAddress, resetId, { eventType: 'Bounce', bounce }));
    const marked = { mailProblem: 'bounced', lastInstructions: { state: 'bounced' } };
    expect(await view(tenant, id)).toMatchObject(marked);
  },
);

const away = { eventType: 'Bounce', bounce: { bounceType: 'Transient', bounceSubType: 'General' } };
const praise = { eventType: 'Complaint', complaint: { complaintFeedbackType: 'not-spam' } };
test.each([
  ['an automatic reply', (to: string, id: string) => event(to, id, away)],
  ['a report that it is no spam', (to: string, id: string) => event(to, id, praise)],
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
  const bounce = { eventType: 'Bounce', mail: { destination: ['canary@acme.example'] } };
  const thrown = await feedback({ detail: bounce }).catch((error: Error) => error);
  expect(thrown).toMatchObject({ name: 'ShapeError', message: 'Not as expected: detail' });
  // Lambda writes name, message, stack and every field of it into the log (S13).
  expect(inspect(thrown, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain('canary');
});
