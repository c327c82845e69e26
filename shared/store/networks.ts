import { epochSeconds } from '../clock.ts';
import { attemptsWithNetwork, PROVEN_SECONDS } from './attempts.ts';
import { attemptsKey, foldedNameIn, type Key, provenNetwork } from './keys.ts';
import { queryPage, queryPages, type Table, transact } from './table.ts';

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
  const { items } = await queryPage(table, attemptsWithNetwork, provenOf(own.PK));
  return items.some(({ SK, provenUntil = 0 }) => SK !== own.SK && provenUntil > epochSeconds(now));
}

/** The budgets of an account's proven networks. */
const provenOf = (account: string) => ({
  KeyConditionExpression: 'PK = :account AND begins_with(SK, :networks)',
  ExpressionAttributeValues: { ':account': { S: account }, ':networks': { S: provenNetwork('') } },
  ConsistentRead: true,
});

/** Few enough for a transaction, whose deletes are held to keys that are none of the audit's. */
const FORGOTTEN_AT_ONCE = 25;

/**
 * Forgets the proven networks of a deleted sign-in name, with the guesses counted for them. The budget that all other
 * networks share stays: to delete an account and make it again gives nobody new guesses (S5). Repeatable.
 * @param goneAt epoch seconds; what was proved later belongs to the next account of that name.
 */
export async function forgetProvenNetworks(
  table: Table,
  login: Key & { readonly tenant: string },
  goneAt: number,
): Promise<void> {
  const { PK } = attemptsKey(login.tenant, foldedNameIn(login), provenNetwork(''));
  const query = { ...provenOf(PK), Limit: FORGOTTEN_AT_ONCE };
  for await (const items of queryPages(table, attemptsWithNetwork, query)) {
    const old = items.filter(({ provenUntil = 0 }) => provenUntil <= goneAt + PROVEN_SECONDS);
    const removals = old.map(({ SK }) => ({ remove: { PK, SK } }));
    if (removals.length > 0) await transact(table, removals);
  }
}
