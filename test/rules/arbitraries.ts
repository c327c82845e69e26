import fc from 'fast-check';
import type { AccountFacts, ActorFacts } from '../../shared/rules/employee-changes.ts';
import { ACTIONS, type RoleFacts } from '../../shared/rules/rights.ts';
import { USER_TYPES } from '../../shared/rules/user-types.ts';
import { ADMINISTRATOR, OPERATOR } from './fixtures.ts';

/** Random facts, as far as the store could ever hold them: role ids differ, Administrator is as it was built in. */

export const anyUserType = fc.constantFrom(...USER_TYPES);

const someActions = fc.subarray([...ACTIONS]);
/** Every right, too: who holds all of them is still no Administrator. */
const anyRights = fc.oneof(
  {
    arbitrary: fc.record({ hr: someActions, security: someActions }, { requiredKeys: [] }),
    weight: 4,
  },
  fc.constant(ADMINISTRATOR.rights),
);

const anyOrdinaryRole: fc.Arbitrary<RoleFacts> = fc.record({
  id: fc.integer({ min: 2, max: 30 }),
  name: fc.string({ minLength: 1, maxLength: 8 }),
  active: fc.boolean(),
  // Seldom, else hardly a random change would be granted.
  external: fc.nat(3).map((dice) => dice === 0),
  system: fc.boolean(),
  administrator: fc.constant(false),
  apiAccess: fc.boolean(),
  rights: anyRights,
});

export const anyRole = fc.oneof({ arbitrary: anyOrdinaryRole, weight: 4 }, fc.constant(ADMINISTRATOR));

export const anyRoles = fc.uniqueArray(anyRole, { selector: (role) => role.id, maxLength: 3 });

/** The roles of one tenant: Administrator and two to five others. */
export const anyCatalogue = fc
  .uniqueArray(anyOrdinaryRole, { selector: (role) => role.id, minLength: 2, maxLength: 5 })
  .map((roles) => [ADMINISTRATOR, ...roles]);

export const anyMailAddress = fc.constantFrom(undefined, 'one@acme.example', 'other@acme.example');

function accountOf(catalogue: readonly RoleFacts[], id: number): fc.Arbitrary<AccountFacts> {
  return fc.record({
    id: fc.constant(id),
    userName: fc.constantFrom('carol', 'caroline'),
    emailAddress: anyMailAddress,
    userType: anyUserType,
    active: fc.boolean(),
    sso: fc.boolean(),
    roles: fc.subarray([...catalogue], { maxLength: 3 }),
  });
}

function actorOf(catalogue: readonly RoleFacts[]): fc.Arbitrary<ActorFacts> {
  return fc.oneof(
    fc.constant(OPERATOR),
    fc.record({
      kind: fc.constant('employee' as const),
      id: fc.integer({ min: 1, max: 3 }),
      userType: anyUserType,
      roles: fc.subarray([...catalogue], { maxLength: 3 }),
    }),
  );
}

const anyLicences = fc.record({ total: fc.nat(4), used: fc.nat(4) });

/** Any change of one account within one tenant. */
export const anyChange = anyCatalogue.chain((catalogue) =>
  fc.record({
    before: accountOf(catalogue, 2),
    after: accountOf(catalogue, 2),
    licences: anyLicences,
    activeAdministrators: fc.nat(3),
    actor: actorOf(catalogue),
  }),
);

export const anyCreation = anyCatalogue.chain((catalogue) =>
  fc.record({ account: accountOf(catalogue, 2), licences: anyLicences, actor: actorOf(catalogue) }),
);

export const anySignIn = fc.record({
  userType: anyUserType,
  active: fc.nat(3).map((dice) => dice > 0),
  sso: fc.boolean(),
  roles: anyRoles,
  tenantActive: fc.nat(3).map((dice) => dice > 0),
  requireMfa: fc.boolean(),
  secondFactorPassed: fc.boolean(),
});

/** Any code point, lone surrogates too. (fast-check's own unit `binary` takes two seconds to set up.) */
export const anyCharacter = fc
  .oneof(fc.integer({ min: 0, max: 0x2ff }), fc.integer({ min: 0, max: 0x10_ffff }))
  .map((point) => String.fromCodePoint(point));
