import * as v from 'valibot';
import { cognitoClient } from '../../../shared/aws/cognito.ts';
import { employeeKey, loginKey } from '../../../shared/store/keys.ts';
import { openTable, queryPage, transact } from '../../../shared/store/table.ts';

/** Calls that no definition grants, for the test of the test. */
export async function handler(): Promise<void> {
  const table = openTable('planted');
  await queryPage(table, v.unknown(), { IndexName: 'byName' });
  await transact<'gone'>(table, [
    { check: employeeKey('t', 1), when: { expression: 'attribute_exists(PK)' }, onConflict: 'gone' },
    { remove: loginKey('t', 'u') },
  ]);
  const client = cognitoClient({ maxAttempts: 1 });
  await client.call('AdminDeleteUser', { UserPoolId: 'p', Username: 'u' });
}
