/** Mails that tell an owner what happened, sent from a table of the test's own. */

import * as v from 'valibot';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { sendOwedMails } from '../../functions/after-commit/send-owed-mails.ts';
import { systemClock } from '../../shared/clock.ts';
import { newEmployee } from '../../shared/store/employees.ts';
import { newGuessNotice } from '../../shared/store/guess-notices.ts';
import type { EmployeeItem } from '../../shared/store/items.ts';
import { employeeKey, tenantKey } from '../../shared/store/keys.ts';
import { oweNotice } from '../../shared/store/notices.ts';
import { newReset } from '../../shared/store/resets.ts';
import { putItem, queryPage } from '../../shared/store/table.ts';
import { ACME } from '../support/acme.ts';
import { ownTable } from '../support/own-table.ts';

const NOW = new Date();
const { tenant: TENANT } = ACME;
let own: Awaited<ReturnType<typeof ownTable>>;
beforeAll(async () => {
  own = await ownTable();
  await putItem(own.table, { ...tenantKey(TENANT), ...ACME, createdOn: NOW.toISOString() });
});
afterAll(() => own.close());

async function account(fields: Partial<EmployeeItem>): Promise<EmployeeItem> {
  const names = { tenant: TENANT, userName: 'eva', firstName: 'Eva', lastName: 'Endt' };
  const state = { userType: 'Employee' as const, active: true, sso: false, roleIds: [] };
  const employee = {
    ...newEmployee({ ...names, ...state, emailAddress: 'eva@acme.example' }, NOW),
    ...fields,
  };
  await putItem(own.table, { ...employeeKey(TENANT, employee.id), ...employee });
  return employee;
}

type Owed = { readonly type: string; readonly id: string };
const KINDS: readonly (readonly [action: string, owed: (employee: EmployeeItem) => Owed])[] = [
  [
    'mail.password-changed',
    ({ id }) => ({
      ...newReset({ tenant: TENANT, employeeId: id, requestedBy: 'admin' }, NOW),
      type: 'reset',
      state: 'used',
    }),
  ],
  [
    'mail.account-notice',
    (employee) => (oweNotice(employee, 'factor-reset', NOW) as unknown as { put: Owed }).put,
  ],
  ['mail.guesses', ({ id }) => newGuessNotice({ tenant: TENANT, employeeId: id }, NOW) as Owed],
];

/** Sends what is owed; answers the addresses, the metrics and the audit's word. */
async function send(employee: EmployeeItem, owed: Owed) {
  await putItem(own.table, owed);
  const to: string[] = [];
  const sendMail = async (address: string) => void to.push(address);
  const work = sendOwedMails({
    table: own.table,
    sendMail,
    publicUrl: 'https://psa.example',
    clock: systemClock,
  });
  const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  onTestFinished(() => stdout.mockRestore());
  const NewImage = { type: { S: owed.type }, id: { S: owed.id } };
  const { batchItemFailures } = await work({ Records: [{ dynamodb: { SequenceNumber: '1', NewImage } }] });
  expect(batchItemFailures).toEqual([]);
  const metrics = stdout.mock.calls.flatMap(([line]) => /"Name":"(Mails\w+)"/.exec(String(line))?.[1] ?? []);
  const { items } = await queryPage(own.table, v.looseObject({ action: v.string(), outcome: v.string() }), {
    IndexName: 'bySubject',
    KeyConditionExpression: 'subjectPK = :of',
    ExpressionAttributeValues: { ':of': { S: `AUDITOF#${TENANT}#${employee.id}` } },
  });
  return { to, metrics, audit: items.map(({ action, outcome, reason }) => ({ action, outcome, reason })) };
}

test.each(KINDS)('%s goes to the owner, is counted as sent, and is on record', async (action, owed) => {
  const employee = await account({});
  expect(await send(employee, owed(employee))).toEqual({
    to: ['eva@acme.example'],
    metrics: ['MailsSent'],
    audit: [{ action, outcome: 'done' }],
  });
});

test.each(KINDS)(
  '%s without an address is counted as dropped, and on record with why',
  async (action, owed) => {
    const employee = await account({ emailAddress: undefined });
    expect(await send(employee, owed(employee))).toEqual({
      to: [],
      metrics: ['MailsDropped'],
      audit: [{ action, outcome: 'refused', reason: 'mail_address_missing' }],
    });
  },
);

test.each(KINDS)(
  '%s of an account that is gone is counted as dropped, and nothing of it is audited',
  async (_, owed) => {
    const gone = { ...(await account({})), id: 1 };
    expect(await send(gone, owed(gone))).toEqual({ to: [], metrics: ['MailsDropped'], audit: [] });
  },
);

test.each(KINDS)('%s to a deactivated account', async (action, owed) => {
  const employee = await account({ active: false });
  const { to } = await send(employee, owed(employee));
  // Nobody can guess a way into it: what was guessed is of no use to its owner.
  expect(to).toEqual(action === 'mail.guesses' ? [] : ['eva@acme.example']);
});
