import { expect, it, onTestFinished } from 'vitest';
import { aroundCalls, EVERY_CLIENT } from '../support/aws-calls.ts';
import { startFront } from '../support/front.ts';
import { newApiAccount, newTenant, request } from '../support/world.ts';

const untilNextSecond = () => new Promise((resolve) => setTimeout(resolve, 1_010 - (Date.now() % 1_000)));

/** The first transaction is written in the second after the one it was made for. Answers how many there were. */
function slowFirstTransaction(): () => number {
  let transactions = 0;
  const restore = aroundCalls(EVERY_CLIENT, async ({ operation }, next) => {
    if (operation === 'TransactWriteItems') {
      transactions += 1;
      if (transactions === 1) await untilNextSecond();
    }
    return next();
  });
  onTestFinished(restore);
  return () => transactions;
}

it('M18: a revocation written in a later second than it began in covers that second too, and is one act', async () => {
  const tenant = await newTenant();
  const account = await newApiAccount(tenant);
  const front = await startFront();
  onTestFinished(() => front.close());
  const transactions = slowFirstTransaction();
  const began = Math.floor(Date.now() / 1_000);
  const path = `/v2/hr/employees/${account.id}`;
  const reply = await request('POST', `${path}/revoke`, { token: tenant.admin, url: front.url });
  expect(reply).toMatchObject({ status: 200 });
  expect(transactions()).toBeGreaterThan(1);
  const { revokedUntil } = reply.result as { revokedUntil: string };
  expect(Date.parse(revokedUntil) / 1_000).toBeGreaterThan(began);
  const { result } = await request('GET', `${path}/auditlog?Filter.Action=employee.revoke`, {
    token: tenant.admin,
  });
  expect(result).toMatchObject([{ action: 'employee.revoke', outcome: 'done' }]);
});
