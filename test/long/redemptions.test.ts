import { expect, it } from 'vitest';
import { expectOneWinner, redeemAtOnce } from '../support/redemptions.ts';
import { newApiAccount, newTenant, stack } from '../support/world.ts';

it('R1: in 20 rounds, of 200 concurrent redemptions of one link exactly one succeeds', {
  timeout: 400_000,
}, async () => {
  const tenant = await newTenant();
  const account = await newApiAccount(tenant);
  for (let round = 1; round <= 20; round += 1) {
    const outcomes = await redeemAtOnce(tenant, account, { url: stack.url, times: 200, mails: round + 1 });
    expect(outcomes).toHaveLength(200);
    await expectOneWinner(account, outcomes);
  }
});
