import { isAwsError } from '../../shared/aws/json-client.ts';
import type { Deps } from './deps.ts';
import type { LostWhy } from './report.ts';

export type PoolUser = { readonly name: string; readonly enabled: boolean; readonly createdOn: Date };

/** Cognito's largest page. */
const PAGE_SIZE = 60;

/** The pool's users, or those of one company. Listing may lag behind what was changed a moment ago. */
export async function* poolUsers({ client, poolId }: Deps, tenant?: string): AsyncGenerator<PoolUser> {
  let PaginationToken: string | undefined;
  do {
    const page = await client.call('ListUsers', {
      UserPoolId: poolId,
      Limit: PAGE_SIZE,
      // Sign-in names hold letters, digits and `-` only: nothing to escape.
      ...(tenant === undefined ? {} : { Filter: `username ^= "${tenant}."` }),
      ...(PaginationToken === undefined ? {} : { PaginationToken }),
    });
    for (const { Username, Enabled, UserCreateDate } of page.Users ?? []) {
      if (Username === undefined || UserCreateDate === undefined) continue;
      yield { name: Username, enabled: Enabled === true, createdOn: new Date(UserCreateDate * 1000) };
    }
    PaginationToken = page.PaginationToken;
  } while (PaginationToken !== undefined);
}

/** Asked for by name, which does not lag; undefined when it can be signed in to. */
export async function whyLost({ client, poolId }: Deps, name: string): Promise<LostWhy | undefined> {
  try {
    const { Enabled } = await client.call('AdminGetUser', { UserPoolId: poolId, Username: name });
    return Enabled === true ? undefined : 'disabled';
  } catch (error) {
    if (isAwsError(error, 'UserNotFoundException')) return 'missing';
    throw error;
  }
}
