import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { epochSeconds } from '../clock.ts';
import { attemptsItem, PROVEN_SECONDS } from './attempts.ts';
import { attemptsKey, foldedNameIn, type Key, provenNetwork } from './keys.ts';
import { queryPage, type Table, toAttributes, transact } from './table.ts';

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
  const { Items = [] } = await table.client.call('Query', {
    TableName: table.name,
    ConsistentRead: true,
    KeyConditionExpression: 'PK = :account AND begins_with(SK, :networks)',
    ExpressionAttributeValues: toAttributes({ ':account': own.PK, ':networks': provenNetwork('') }),
  });
  const entry = v.object({ SK: v.string(), ...attemptsItem.entries });
  return Items.map((item) => v.parse(entry, unmarshall(item))).some(
    ({ SK, provenUntil = 0 }) => SK !== own.SK && provenUntil > epochSeconds(now),
  );
}

/** Few enough for a transaction, whose deletes are held to keys that are none of the audit's. */
const FORGOTTEN_AT_ONCE = 25;
const provenEntry = v.object({ PK: v.string(), SK: v.string(), ...attemptsItem.entries });

/**
 * Forgets what networks proved of a sign-in name before it went, with the guesses counted for them. What the others
 * share stays: who deletes an account and makes it again gets no new guesses by it (S5). Repeatable.
 * @param goneAt epoch seconds; what was proved later belongs to the next account of that name.
 */
export async function forgetProvenNetworks(
  table: Table,
  login: Key & { readonly tenant: string },
  goneAt: number,
): Promise<void> {
  const { PK, SK } = attemptsKey(login.tenant, foldedNameIn(login), provenNetwork(''));
  let startAfter: Record<string, unknown> | undefined;
  do {
    const page = await queryPage(table, provenEntry, {
      KeyConditionExpression: 'PK = :account AND begins_with(SK, :networks)',
      ExpressionAttributeValues: { ':account': { S: PK }, ':networks': { S: SK } },
      ConsistentRead: true,
      Limit: FORGOTTEN_AT_ONCE,
      startAfter,
    });
    const old = page.items.filter(({ provenUntil = 0 }) => provenUntil <= goneAt + PROVEN_SECONDS);
    if (old.length > 0)
      await transact(
        table,
        old.map((item) => ({ remove: { PK: item.PK, SK: item.SK } })),
      );
    startAfter = page.lastKey;
  } while (startAfter !== undefined);
}
