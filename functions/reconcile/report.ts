/** Of what is listed by name, so many at most: the counts are whole. */
const LISTED_MAX = 200;

/** Why an account's Cognito user cannot be signed in to. */
export type LostWhy = 'missing' | 'disabled';
/** What became of its link: `open` says that a link stands that was not used yet. */
export type LinkOutcome =
  | 'not_asked'
  | 'owed'
  | 'open'
  | 'account_inactive'
  | 'mail_address_missing'
  | 'changed_meanwhile';

type Lost = {
  readonly tenant: string;
  readonly employeeId: number;
  readonly why: LostWhy;
  readonly link: LinkOutcome;
};
type Drift = {
  readonly tenant: string;
  readonly counter: 'licences' | 'administrators';
  readonly stored: number;
  readonly counted: number;
};

/** The answer to orders that cannot be followed: a slip of whoever gave them, so that nothing fails and no alarm rings. */
export type Refused = { readonly refused: string };

/** What a run found, and what it did about it. No names of people, no addresses. */
export type Report = {
  repair: boolean;
  /** The company after which to go on, where the time ran out. */
  next: string | null;
  tenants: number;
  employees: number;
  cognitoUsers: number;
  owedMails: { found: number; woken: number };
  /** Cognito users that no account points to, nor any record of a replaced password. */
  orphans: { found: number; retired: number; users: string[] };
  /** Replaced passwords whose Cognito user was not disabled. */
  stillEnabled: { found: number; woken: number; users: string[] };
  /** Accounts that nobody can sign in to: their Cognito user is gone. */
  lostCredentials: { found: number; linksOwed: number; accounts: Lost[] };
  /** Counters that differ from what they count: a fault in this system. */
  drift: Drift[];
  /** Companies that could not be compared, an item of theirs having a shape that the code does not know. */
  unreadable: string[];
  /** Users that somebody made in the pool by hand. */
  foreignUsers: { found: number; users: string[] };
};

export const emptyReport = (repair: boolean): Report => ({
  repair,
  next: null,
  tenants: 0,
  employees: 0,
  cognitoUsers: 0,
  owedMails: { found: 0, woken: 0 },
  orphans: { found: 0, retired: 0, users: [] },
  stillEnabled: { found: 0, woken: 0, users: [] },
  lostCredentials: { found: 0, linksOwed: 0, accounts: [] },
  drift: [],
  unreadable: [],
  foreignUsers: { found: 0, users: [] },
});

export function listed<T>(list: T[], entry: T): void {
  if (list.length < LISTED_MAX) list.push(entry);
}

/** What needs a person: the rest a run with `repair` puts right. */
export function findingsOf({ lostCredentials, drift, unreadable, foreignUsers }: Report): number {
  return lostCredentials.found + drift.length + unreadable.length + foreignUsers.found;
}

export function countsOf(report: Report): Record<string, number> {
  const { tenants, employees, cognitoUsers, owedMails, orphans, stillEnabled, lostCredentials } = report;
  return {
    tenants,
    employees,
    cognitoUsers,
    owedMails: owedMails.found,
    orphans: orphans.found,
    stillEnabled: stillEnabled.found,
    lostCredentials: lostCredentials.found,
    drift: report.drift.length,
    unreadable: report.unreadable.length,
    foreignUsers: report.foreignUsers.found,
  };
}
