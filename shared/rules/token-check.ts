import { checkSecondFactor, checkSso } from './second-factor.ts';
import type { SignInFacts } from './tokens.ts';

/** Everything that stands between an account and its next token, where a user name and a password are all it sends. */
export type TokenCheckFacts = Pick<
  SignInFacts,
  'userType' | 'active' | 'sso' | 'roles' | 'tenantActive' | 'requireMfa' | 'mustEnrol'
> & {
  readonly hasSecondFactor: boolean;
  readonly passwordSet: boolean;
  readonly emailAddress: string | undefined;
  readonly lastMail: 'none' | 'pending' | 'sent' | 'dropped' | 'bounced';
  /** Why mail to the present address is in vain; undefined where nothing speaks against it. */
  readonly mailProblem: 'bounced' | 'complained_of' | undefined;
  /** Seconds until the next attempt from a network that the account never signed in from; 0 when free. */
  readonly throttledSeconds: number;
  /** Networks the account signed in from that have used up a budget of their own. */
  readonly throttledNetworks: number;
};

export const TOKEN_CONDITIONS = [
  'company_active',
  'account_active',
  'password_set',
  'role_with_api_access',
  'password_sign_in',
  'second_factor',
  'not_throttled',
  'mail_address',
  'last_mail',
] as const;

export type TokenCondition = {
  readonly condition: (typeof TOKEN_CONDITIONS)[number];
  readonly passed: boolean;
  /** False for what only a password set by mail needs: it refuses no token to who has one. */
  readonly blocking: boolean;
  /** What to do about it; null when it passed. */
  readonly toDo: string | null;
};

/** Why the account can, or cannot, get a token right now: the rules of `mayIssueToken`, each on its own. */
export function checkToken(facts: TokenCheckFacts): {
  readonly canGetToken: boolean;
  readonly conditions: readonly TokenCondition[];
} {
  const conditions = [
    blocking('company_active', facts.tenantActive, 'The company is suspended: contact your provider.'),
    blocking('account_active', facts.active, 'Activate the account in HR > Employees.'),
    blocking('password_set', facts.passwordSet, 'Send it a link with Reset and send instructions.'),
    roleWithApiAccess(facts),
    blocking(
      'password_sign_in',
      checkSso(facts).ok,
      'The person signs in by SSO, where no password opens anything: use an API Employee for software.',
    ),
    secondFactor(facts),
    notThrottled(facts),
    mailAddress(facts),
    mail('last_mail', facts.lastMail === 'none' || facts.lastMail === 'sent', lastMailToDo(facts)),
  ];
  return {
    canGetToken: conditions.every((condition) => condition.passed || !condition.blocking),
    conditions,
  };
}

type Name = TokenCondition['condition'];

function blocking(condition: Name, passed: boolean, toDo: string): TokenCondition {
  return { condition, passed, blocking: true, toDo: passed ? null : toDo };
}

function mail(condition: Name, passed: boolean, toDo: string): TokenCondition {
  return { condition, passed, blocking: false, toDo: passed ? null : toDo };
}

/** M15. */
function roleWithApiAccess({ roles }: TokenCheckFacts): TokenCondition {
  const active = roles.filter((role) => role.active);
  const passed = active.some((role) => role.administrator || role.apiAccess);
  const toDo =
    active.length === 0
      ? 'Assign an active security role with API Access in HR > Employees.'
      : `Enable API Access in Admin > Security > Roles on one of: ${active.map(({ name }) => name).join(', ')}.`;
  return blocking('role_with_api_access', passed, toDo);
}

/** M2, and a factor of the person's own. It blocks whoever sends no code, as every client of `/oauth2/token` does. */
function secondFactor(facts: TokenCheckFacts): TokenCondition {
  const decision = checkSecondFactor({ ...facts, secondFactorPassed: false });
  const first =
    !decision.ok && decision.refusal.reason === 'mfa_enrollment_required'
      ? 'The person has to set up a second factor at the gateway first; then POST'
      : 'The account has a second factor: POST';
  return blocking(
    'second_factor',
    decision.ok,
    `${first} /v2/security/authenticate gives a token for a code in MFACode. Use an API Employee for software.`,
  );
}

/** S5, S6: a network that signed in before has a budget of its own. */
function notThrottled({ throttledSeconds, throttledNetworks }: TokenCheckFacts): TokenCondition {
  const parts = [
    ...(throttledSeconds > 0
      ? [`networks new to the account are refused for ${throttledSeconds} more seconds`]
      : []),
    ...(throttledNetworks > 0
      ? [
          `${throttledNetworks} of its own networks ${throttledNetworks === 1 ? 'is' : 'are'} refused for a while`,
        ]
      : []),
  ];
  const toDo = `After wrong passwords ${parts.join(', and ')}: correct the password in the app, then wait.`;
  return blocking('not_throttled', parts.length === 0, toDo);
}

function mailAddress({ emailAddress, mailProblem }: TokenCheckFacts): TokenCondition {
  if (emailAddress === undefined) {
    return mail('mail_address', false, 'Enter an e-mail address, so that instructions can be sent.');
  }
  const toDo = mailProblem === undefined ? '' : MAIL_IN_VAIN[mailProblem];
  return mail('mail_address', mailProblem === undefined, toDo);
}

const MAIL_IN_VAIN = {
  bounced: 'Mail to the e-mail address comes back: correct the address, then send instructions again.',
  complained_of:
    'The owner of the e-mail address reported our mail as spam: ask them to let it through, or enter another address; then send instructions again.',
} as const;

function lastMailToDo({ lastMail }: TokenCheckFacts): string {
  if (lastMail === 'pending') {
    return 'The last mail with a link is still on its way: wait a minute, then check again.';
  }
  const what = lastMail === 'bounced' ? 'came back' : 'could not be sent';
  return `The last mail with a link ${what}: check the e-mail address, then send instructions again.`;
}
