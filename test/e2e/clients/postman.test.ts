import { join } from 'node:path';
import newman from 'newman';
import { expect, it } from 'vitest';
import { stack } from '../../support/world.ts';
import { clientAccount, HARD_PASSWORD } from './support.ts';

const COLLECTION = join(import.meta.dirname, 'psa.postman_collection.json');

function run(variables: Record<string, string>): Promise<newman.NewmanRunSummary> {
  const values = Object.entries(variables).map(([key, value]) => ({ key, value, enabled: true }));
  return new Promise((resolve, reject) => {
    newman.run({ collection: COLLECTION, environment: { values }, reporters: [] }, (error, summary) =>
      error ? reject(error) : resolve(summary),
    );
  });
}

it('a Postman collection made by hand, run by newman: Basic, bearer, V2, V1, revoke', async () => {
  const account = await clientAccount();
  const { stats, failures } = (
    await run({
      baseUrl: stack.url,
      company: account.tenant.name,
      companyName: account.tenant.name,
      userName: account.userName,
      password: HARD_PASSWORD,
    })
  ).run;
  expect(failures.map(({ error, source }) => `${source?.name}: ${error.message}`)).toEqual([]);
  expect(stats.assertions).toMatchObject({ total: 9, failed: 0 });
});
