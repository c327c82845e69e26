import { epochSeconds } from '../../shared/clock.ts';
import { clearedCookie, hostCookie } from '../../shared/http/cookies.ts';
import { sameText } from '../../shared/http/forms.ts';
import { sha256 } from '../../shared/ids.ts';
import { type Decision, granted, refused } from '../../shared/rules/decision.ts';
import { type LinkRefusal, mayRedeemLink } from '../../shared/rules/passwords.ts';
import type { EmployeeItem } from '../../shared/store/items.ts';
import { type OpenReset, readReset } from '../../shared/store/resets.ts';
import type { Table } from '../../shared/store/table.ts';

/** Where a mailed link's secret waits between the mail and the form (S4). */
const LINK_COOKIE = '__Host-link';
const LINK_COOKIE_SECONDS = 60 * 60;
const LINK = /^([\w-]{22})\.([\w-]{43})$/;

export type GoodLink = OpenReset & { readonly employee: EmployeeItem };
/** `tenant` comes with a refusal only where the secret was right: a stranger learns nothing of the account. */
export type FollowedLink = Decision<GoodLink, LinkRefusal> & { readonly tenant?: string };

/** The cookie for a link as mailed; one that cannot be a link takes the cookie away. */
export function linkCookie(link: string): string {
  return LINK.test(link) ? hostCookie(LINK_COOKIE, link, LINK_COOKIE_SECONDS) : forgetLink();
}

export function forgetLink(): string {
  return clearedCookie(LINK_COOKIE);
}

/** Reads what the link in the cookie stands for, and whether it may be redeemed now. Changes nothing. */
export async function followLink(
  table: Table,
  cookies: Readonly<Record<string, string>>,
  now: Date,
): Promise<FollowedLink> {
  const [, id, secret] = LINK.exec(cookies[LINK_COOKIE] ?? '') ?? [];
  const open = id === undefined ? undefined : await readReset(table, id);
  if (open?.employee === undefined || secret === undefined) return refused({ reason: 'link_unknown' });
  const { reset, employee, tenant } = open;
  const secretMatches = reset.secretHash !== undefined && sameText(reset.secretHash, sha256(secret));
  const decision = mayRedeemLink(
    {
      secretMatches,
      // Setting a password, by whatever way, takes the newest link off the account. Looking at both tells the
      // same to whoever reads between the two.
      used: reset.state === 'used' || employee.resetId === undefined,
      expiresAtEpochSeconds: reset.linkExpiresAt ?? 0,
      newest: employee.resetId === reset.id,
      accountActive: employee.active && tenant.active,
      leaseUntilEpochSeconds: reset.leaseUntil,
    },
    epochSeconds(now),
  );
  if (decision.ok) return granted({ reset, employee, tenant });
  return secretMatches ? { ...decision, tenant: tenant.tenant } : decision;
}
