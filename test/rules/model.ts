import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type {
  AccountFacts,
  ActorFacts,
  mayChangeEmployee,
  mayCreateEmployee,
} from '../../shared/rules/employee-changes.ts';
import type { RoleFacts } from '../../shared/rules/rights.ts';
import type { mayChangeRole } from '../../shared/rules/roles.ts';
import { isApiEmployee, isInternal, type UserType } from '../../shared/rules/user-types.ts';
import { anyCatalogue, anyMailAddress, anyUserType } from './arbitraries.ts';
import { ADMINISTRATOR, OPERATOR } from './fixtures.ts';

/** A tenant as the store keeps it: role ids on accounts, and counters that only ever move by granted effects. */

export type Rules = {
  readonly mayCreateEmployee: typeof mayCreateEmployee;
  readonly mayChangeEmployee: typeof mayChangeEmployee;
  readonly mayChangeRole: typeof mayChangeRole;
};

type Stored = {
  readonly userName: string;
  readonly emailAddress: string | undefined;
  readonly userType: UserType;
  readonly active: boolean;
  readonly sso: boolean;
  readonly roleIds: readonly number[];
};

type Tenant = {
  readonly roles: Map<number, RoleFacts>;
  readonly accounts: Map<number, Stored>;
  readonly total: number;
  used: number;
  administrators: number;
};

const FIRST_ADMINISTRATOR: Stored = {
  userName: 'first',
  emailAddress: 'first@acme.example',
  userType: 'Employee',
  active: true,
  sso: false,
  roleIds: [ADMINISTRATOR.id],
};

/** `by`, `whom`, `which` and `roles` pick among what the tenant holds when the command runs. */
const someRoles = fc.array(fc.nat(9), { maxLength: 2 });
const anyCommand = fc.oneof(
  fc.record({
    kind: fc.constant('create' as const),
    by: fc.nat(9),
    userType: anyUserType,
    active: fc.boolean(),
    sso: fc.boolean(),
    emailAddress: anyMailAddress,
    roles: someRoles,
  }),
  fc.record({
    kind: fc.constant('change' as const),
    by: fc.nat(9),
    whom: fc.nat(9),
    to: fc.oneof(
      fc.record({ active: fc.boolean() }),
      fc.record({ sso: fc.boolean() }),
      fc.record({ roles: someRoles }),
      fc.record({ emailAddress: anyMailAddress }),
      fc.record({ userName: fc.constantFrom('first', 'second') }),
      fc.record({ userType: anyUserType }),
    ),
  }),
  fc.record({
    kind: fc.constant('role' as const),
    by: fc.nat(9),
    which: fc.nat(9),
    to: fc.oneof(
      fc.record({ external: fc.boolean() }),
      fc.record({ active: fc.boolean() }),
      fc.record({ apiAccess: fc.boolean() }),
    ),
  }),
);
type ValueOf<A> = A extends fc.Arbitrary<infer T> ? T : never;
type Command = ValueOf<typeof anyCommand>;

export const anyRun = fc.record({
  catalogue: anyCatalogue,
  total: fc.integer({ min: 1, max: 4 }),
  commands: fc.array(anyCommand, { minLength: 10, maxLength: 60, size: 'max' }),
});

/** Runs the commands; throws, saying which promise broke, after the first command that breaks one. */
export function run(rules: Rules, { catalogue, total, commands }: ValueOf<typeof anyRun>) {
  const tenant: Tenant = {
    roles: new Map(catalogue.map((role) => [role.id, role])),
    accounts: new Map([[1, FIRST_ADMINISTRATOR]]),
    total,
    used: 1,
    administrators: 1,
  };
  const seen = { granted: 0, refused: 0 };
  for (const command of commands) {
    const before = new Map(tenant.accounts);
    const actor = actorOf(tenant, command.by);
    seen[step(rules, tenant, command, actor) ? 'granted' : 'refused'] += 1;
    verify(tenant, before, command, actor);
  }
  return seen;
}

function step(rules: Rules, tenant: Tenant, command: Command, actor: ActorFacts): boolean {
  if (command.kind === 'role') return changeRole(rules, tenant, command, actor);
  const licences = { total: tenant.total, used: tenant.used };
  if (command.kind === 'create') {
    const { userType, active, sso, emailAddress } = command;
    const id = tenant.accounts.size + 1;
    const stored = {
      userName: 'new',
      emailAddress,
      userType,
      active,
      sso,
      roleIds: pickRoles(tenant, command.roles),
    };
    const decision = rules.mayCreateEmployee({ account: factsOf(tenant, id, stored), licences, actor });
    return decision.ok && apply(tenant, id, stored, decision.value);
  }
  const [id, before] = pick([...tenant.accounts], command.whom);
  const { to } = command;
  const after = 'roles' in to ? { ...before, roleIds: pickRoles(tenant, to.roles) } : { ...before, ...to };
  const decision = rules.mayChangeEmployee({
    before: factsOf(tenant, id, before),
    after: factsOf(tenant, id, after),
    licences,
    activeAdministrators: tenant.administrators,
    actor,
  });
  return decision.ok && apply(tenant, id, after, decision.value);
}

function changeRole(
  rules: Rules,
  tenant: Tenant,
  command: Extract<Command, { kind: 'role' }>,
  actor: ActorFacts,
): boolean {
  const before = pick([...tenant.roles.values()], command.which);
  const internalHolders = [...tenant.accounts.values()].filter(
    (account) => isInternal(account.userType) && account.roleIds.includes(before.id),
  ).length;
  const decision = rules.mayChangeRole({
    before,
    after: { ...before, ...command.to },
    internalHolders,
    actor,
  });
  if (decision.ok) tenant.roles.set(before.id, decision.value);
  return decision.ok;
}

function apply(
  tenant: Tenant,
  id: number,
  stored: Stored,
  effects: { licences: number; administrators: number },
): true {
  tenant.accounts.set(id, stored);
  tenant.used += effects.licences;
  tenant.administrators += effects.administrators;
  return true;
}

/** What must hold after each command, counted anew from the accounts and without asking the rules. */
function verify(
  tenant: Tenant,
  before: ReadonlyMap<number, Stored>,
  command: Command,
  actor: ActorFacts,
): void {
  const accounts = [...tenant.accounts].map(([id, stored]) => factsOf(tenant, id, stored));
  const live = accounts.filter((account) => account.active && account.userType !== 'API Employee');
  const administrators = live.filter(
    ({ sso, emailAddress, roles }) => !sso && emailAddress && roles.some((role) => role.administrator),
  );
  const broken = {
    'M10 licences used are the live people': tenant.used !== live.length,
    'M10 licences used stay within the total': tenant.used > tenant.total,
    'the counter of administrators is right': tenant.administrators !== administrators.length,
    'an active Administrator with a mail address is left': administrators.length === 0,
    'M8 M9 nobody becomes or ceases to be an API Employee': accounts.some(
      ({ id, userType }) => isApiEmployee(userType) !== isApiEmployee(before.get(id)?.userType ?? userType),
    ),
    'no API Employee changes its own user name or mail address': accounts.some((account) => {
      const { userName, emailAddress } = before.get(account.id) ?? account;
      const own = actor.kind === 'employee' && actor.id === account.id && isApiEmployee(actor.userType);
      return own && (userName !== account.userName || emailAddress !== account.emailAddress);
    }),
    'M12 no internal user holds an external role': accounts.some(
      ({ userType, roles }) => userType !== 'External Employee' && roles.some((role) => role.external),
    ),
    'M15 Administrator is as it was': !isDeepStrictEqual(tenant.roles.get(ADMINISTRATOR.id), ADMINISTRATOR),
  };
  for (const [promise, isBroken] of Object.entries(broken)) {
    if (isBroken) throw new Error(`${promise}: broken by ${JSON.stringify(command)}`);
  }
}

/** One in ten commands comes from the operator, the others from an account of the tenant. */
function actorOf(tenant: Tenant, index: number): ActorFacts {
  if (index === 9) return OPERATOR;
  const [id, stored] = pick([...tenant.accounts], index);
  const { userType, roles } = factsOf(tenant, id, stored);
  return { kind: 'employee', id, userType, roles };
}

function factsOf(tenant: Tenant, id: number, { roleIds, ...stored }: Stored): AccountFacts {
  const roles = roleIds.flatMap((roleId) => tenant.roles.get(roleId) ?? []);
  return { ...stored, id, roles };
}

function pickRoles(tenant: Tenant, indexes: readonly number[]): number[] {
  const ids = [...tenant.roles.keys()];
  return [...new Set(indexes.map((index) => pick(ids, index)))];
}

function pick<T>(from: readonly T[], index: number): T {
  const found = from[index % from.length];
  if (found === undefined) throw new RangeError('nothing to pick from');
  return found;
}
