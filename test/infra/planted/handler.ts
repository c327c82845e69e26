import {
  AdminDeleteUserCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import * as v from 'valibot';
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
  const client = new CognitoIdentityProviderClient({});
  await client.send(new AdminDeleteUserCommand({ UserPoolId: 'p', Username: 'u' }));
}
