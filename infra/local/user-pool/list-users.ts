/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html */
import { userType } from './admin-users.ts';
import { requirePool } from './clients.ts';
import { invalidParameter } from './errors.ts';
import { type Input, optionalInteger, optionalString } from './input.ts';
import type { Pool } from './pool.ts';
import type { User } from './store.ts';

const PAGE_SIZE = 60;

const FILTERABLE: Readonly<Record<string, (user: User) => string>> = {
  username: (user) => user.username,
  sub: (user) => user.sub,
  status: (user) => (user.enabled ? 'Enabled' : 'Disabled'),
  'cognito:user_status': (user) => user.status,
};

/** `attribute = "value"` or `attribute ^= "start"`; of the attributes, those this product could ask for. */
function parseFilter(filter: string): (user: User) => boolean {
  const [, attribute = '', operator, escaped = ''] =
    /^\s*"?([\w:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$/.exec(filter) ?? [];
  const read = Object.hasOwn(FILTERABLE, attribute) ? FILTERABLE[attribute] : undefined;
  if (!read) throw invalidParameter(`Error while parsing filter or attribute not filterable here: ${filter}`);
  const value = escaped.replaceAll(/\\(.)/g, '$1');
  return operator === '=' ? (user) => read(user) === value : (user) => read(user).startsWith(value);
}

function decodeToken(token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  const after = Buffer.from(token, 'base64url').toString();
  if (Buffer.from(after).toString('base64url') !== token) throw invalidParameter('Invalid pagination token');
  return after;
}

/** The first index whose name sorts after `name`; names are sorted. */
function indexAfter(names: readonly string[], name: string): number {
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((names[middle] ?? '') <= name) low = middle + 1;
    else high = middle;
  }
  return low;
}

export async function listUsers(pool: Pool, input: Input) {
  requirePool(pool, input);
  const limit = optionalInteger(input, 'Limit', { min: 0, max: PAGE_SIZE }) || PAGE_SIZE;
  const after = decodeToken(optionalString(input, 'PaginationToken'));
  const filter = optionalString(input, 'Filter', { maxLength: 256 });
  const matches = filter ? parseFilter(filter) : () => true;

  const names = pool.store.usernames();
  const page: User[] = [];
  let more = false;
  // The token names the last user of the page, so users made or deleted in between move nobody.
  for (let index = after === undefined ? 0 : indexAfter(names, after); index < names.length; index++) {
    const user = pool.store.user(names[index] ?? '');
    if (!user || !matches(user)) continue;
    more = page.length === limit;
    if (more) break;
    page.push(user);
  }
  const last = page.at(-1)?.username;
  return {
    Users: page.map(userType),
    ...(more && last !== undefined ? { PaginationToken: Buffer.from(last).toString('base64url') } : {}),
  };
}
