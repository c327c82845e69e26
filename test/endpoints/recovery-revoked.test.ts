import { expect, it, onTestFinished } from 'vitest';
import { formField } from '../../infra/local/clients.ts';
import { aroundCalls, EVERY_CLIENT } from '../support/aws-calls.ts';
import { startFront } from '../support/front.ts';
import { enrol, newPerson, signInAt } from '../support/people.ts';
import { newTenant, request } from '../support/world.ts';

it('M18: a revocation while a recovery code is spent ends the sign-in that spends it, and the code stays', async () => {
  const tenant = await newTenant();
  const person = await newPerson(tenant);
  const { recoveryCodes } = await enrol((await signInAt(tenant.name, person.userName)).browser);
  const front = await startFront();
  onTestFinished(() => front.close());
  const revoke = () =>
    request('POST', `/v2/hr/employees/${person.id}/revoke`, { token: tenant.admin, url: front.url });
  let revoking = true;
  const restore = aroundCalls(EVERY_CLIENT, async ({ operation, input }, next) => {
    if (operation === 'TransactWriteItems' && revoking && JSON.stringify(input).includes('DELETE #codes')) {
      revoking = false;
      expect(await revoke()).toMatchObject({ status: 200 });
    }
    return next();
  });
  onTestFinished(restore);
  const spend = async () => {
    const { browser } = await signInAt(tenant.name, person.userName);
    const screen = await browser.get(`${front.url}/sign-in/recovery`);
    const formToken = formField(screen.html, 'formToken');
    const recoveryCode = recoveryCodes[0] ?? '';
    return browser.post(`${front.url}/sign-in/recovery`, { recoveryCode, formToken });
  };
  expect(await spend()).toMatchObject({ status: 401 });
  expect(revoking).toBe(false);
  expect(await spend()).toMatchObject({ status: 200, url: `${front.url}/sign-in/second-factor` });
});
