import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { epochSeconds } from '../clock.ts';
import { attemptsItem } from './items.ts';
import { attemptsKey, provenNetwork } from './keys.ts';
import { type Table, toAttributes } from './table.ts';

/**
 * Whether the account signed in lately from a network other than this one: only then is this one news to its
 * owner. Read from the proven budgets of `attempts.ts`.
 */
export async function knownElsewhere(
  table: Table,
  account: { readonly tenant: string; readonly folded: string; readonly network: string },
  now: Date,
): Promise<boolean> {
  const own = attemptsKey(account.tenant, account.folded, provenNetwork(account.network));
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      ConsistentRead: true,
      KeyConditionExpression: 'PK = :account AND begins_with(SK, :networks)',
      ExpressionAttributeValues: toAttributes({ ':account': own.PK, ':networks': provenNetwork('') }),
    }),
  );
  const entry = v.object({ SK: v.string(), ...attemptsItem.entries });
  return Items.map((item) => v.parse(entry, unmarshall(item))).some(
    ({ SK, provenUntil = 0 }) => SK !== own.SK && provenUntil > epochSeconds(now),
  );
}
