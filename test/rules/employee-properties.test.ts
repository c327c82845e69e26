import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { granted, refused } from '../../shared/rules/decision.ts';
import {
  type AccountFacts,
  type ActorFacts,
  mayChangeEmployee,
  mayCreateEmployee,
  withinOwnRights,
} from '../../shared/rules/employee-changes.ts';
import { ACTIONS, hasRight, MODULES } from '../../shared/rules/rights.ts';
import { consumesLicence, isApiEmployee, isInternal } from '../../shared/rules/user-types.ts';
import { anyChange, anyCreation, anyRole, anyRoles } from './arbitraries.ts';

type ChangeRule = typeof mayChangeEmployee;
type Change = Parameters<ChangeRule>[0];
type Effects = { readonly licences: number; readonly administrators: number };

/** Holds `claim` against every change that the rule grants. */
function ofEveryGrant(claim: (change: Change, effects: Effects) => boolean) {
  return (rule: ChangeRule) =>
    fc.property(anyChange, (change) => {
      const decision = rule(change);
      return !decision.ok || claim(change, decision.value);
    });
}

const isAdministrator = (account: Pick<AccountFacts, 'roles'>) => account.roles.some((r) => r.administrator);
const reachesAll = (actor: ActorFacts) =>
  actor.kind === 'operator' || actor.roles.some((role) => role.active && role.administrator);
const consumes = (account: AccountFacts) => Number(consumesLicence(account.userType, account.active));
const countsAsAdministrator = (account: AccountFacts) =>
  Number(
    account.active &&
      !account.sso &&
      !isApiEmployee(account.userType) &&
      account.emailAddress !== undefined &&
      isAdministrator(account),
  );

const staysWhatItIs = ofEveryGrant(
  ({ before, after }) => isApiEmployee(before.userType) === isApiEmployee(after.userType),
);
const noExternalRoleInside = ofEveryGrant(
  ({ after }) => !isInternal(after.userType) || after.roles.every((role) => !role.external),
);
const licenceEffect = ofEveryGrant(
  ({ before, after }, { licences }) => licences === consumes(after) - consumes(before),
);
const administratorEffect = ofEveryGrant(
  ({ before, after }, { administrators }) =>
    administrators === countsAsAdministrator(after) - countsAsAdministrator(before),
);
const neverBeyondTotal = ofEveryGrant(
  ({ licences }, effects) => effects.licences <= 0 || licences.used + effects.licences <= licences.total,
);
const keepsAnAdministrator = ofEveryGrant(
  ({ activeAdministrators }, effects) =>
    effects.administrators >= 0 || activeAdministrators + effects.administrators >= 1,
);
const administratorsUntouched = ofEveryGrant(
  ({ before, after, actor }) => reachesAll(actor) || (!isAdministrator(before) && !isAdministrator(after)),
);
const keepsItsOwnIdentity = ofEveryGrant(
  ({ before, after, actor }) =>
    actor.kind === 'operator' ||
    actor.id !== before.id ||
    actor.userType !== 'API Employee' ||
    (before.userName === after.userName && before.emailAddress === after.emailAddress),
);
const handsOutOnlyOwnRights = ofEveryGrant(
  ({ after, actor }) =>
    actor.kind === 'operator' ||
    MODULES.every((module) =>
      ACTIONS.every(
        (action) =>
          hasRight(actor.roles, { module, action }) ||
          !after.roles.some((role) => role.rights[module]?.includes(action)),
      ),
    ),
);

const NAMED = [
  ['M8 M9 an API Employee stays one and nobody becomes one', staysWhatItIs],
  ['M12 no internal user ends with an external role', noExternalRoleInside],
  ['M10 the licence effect is the difference of what before and after consume', licenceEffect],
  ['M10 no grant takes a licence beyond the total', neverBeyondTotal],
  ['the administrator effect is the difference of before and after', administratorEffect],
  ['no change takes the last active Administrator', keepsAnAdministrator],
  ['M15 only an Administrator or an operator touches an Administrator', administratorsUntouched],
  ['M15 nobody hands out a right that it does not hold', handsOutOnlyOwnRights],
  ['no API Employee changes its own user name or mail address', keepsItsOwnIdentity],
] as const;

describe('every granted change', () => {
  test.each(NAMED)('%s', (_name, property) => {
    fc.assert(property(mayChangeEmployee), { numRuns: 1500 });
  });

  test('is frequent enough among the random ones, and so is each reason to refuse', () => {
    const seen = new Map<string, number>();
    for (const change of fc.sample(anyChange, { numRuns: 4000, seed: 11 })) {
      const decision = mayChangeEmployee(change);
      const answer = decision.ok ? 'granted' : decision.refusal.reason;
      seen.set(answer, (seen.get(answer) ?? 0) + 1);
    }
    expect(seen.get('granted')).toBeGreaterThan(400);
    expect([...seen.keys()].sort()).toEqual([
      'beyond_own_rights',
      'conversion_to_api_employee',
      'external_role_on_internal_user',
      'granted',
      'last_administrator',
      'licences_exhausted',
      'own_identity',
      'own_roles',
      'user_type_final',
    ]);
  });
});

/** The rule with one check left out: refusals for this reason are granted, with the effects they would have. */
function without(reason: string): ChangeRule {
  return (change) => {
    const decision = mayChangeEmployee(change);
    if (decision.ok || decision.refusal.reason !== reason) return decision;
    const { before, after } = change;
    return granted({
      licences: (consumes(after) - consumes(before)) as -1 | 0 | 1,
      administrators: (countsAsAdministrator(after) - countsAsAdministrator(before)) as -1 | 0 | 1,
    });
  };
}

/** Counts people on creation only, so reactivation is free. */
const forgetsReactivation: ChangeRule = (change) => {
  const decision = mayChangeEmployee(change);
  return decision.ok && decision.value.licences > 0 ? granted({ ...decision.value, licences: 0 }) : decision;
};

/** Looks at the roles to be given, not at those already held. */
const looksAtAfterOnly: ChangeRule = (change) => {
  const decision = mayChangeEmployee({ ...change, before: { ...change.before, roles: change.after.roles } });
  return decision.ok ? granted({ ...decision.value, administrators: 0 }) : decision;
};

describe('a planted fault is caught:', () => {
  test.each([
    ['M8 left out', without('user_type_final'), staysWhatItIs],
    ['M9 left out', without('conversion_to_api_employee'), staysWhatItIs],
    ['M12 left out', without('external_role_on_internal_user'), noExternalRoleInside],
    ['M10 left out', without('licences_exhausted'), neverBeyondTotal],
    ['M10 forgotten on reactivation', forgetsReactivation, licenceEffect],
    ['the last Administrator forgotten', without('last_administrator'), keepsAnAdministrator],
    ['reach left out', without('beyond_own_rights'), administratorsUntouched],
    ['reach left out', without('beyond_own_rights'), handsOutOnlyOwnRights],
    ['reach into the roles held before left out', looksAtAfterOnly, administratorsUntouched],
    ['the own identity left out', without('own_identity'), keepsItsOwnIdentity],
    ['the administrator effect never told', looksAtAfterOnly, administratorEffect],
  ])('%s', (_fault, bad, property) => {
    expect(fc.check(property(bad), { numRuns: 4000, seed: 7 }).failed).toBe(true);
  });
});

describe('every granted creation', () => {
  test('M10 M12 M15 keeps the same promises', () => {
    fc.assert(
      fc.property(anyCreation, (creation) => {
        const decision = mayCreateEmployee(creation);
        if (!decision.ok) return;
        const { account, licences, actor } = creation;
        expect(decision.value.licences).toBe(consumes(account));
        expect(decision.value.administrators).toBe(countsAsAdministrator(account));
        expect(licences.used + decision.value.licences).toBeLessThanOrEqual(
          Math.max(licences.total, licences.used),
        );
        if (isInternal(account.userType)) expect(account.roles.filter((role) => role.external)).toEqual([]);
        if (!reachesAll(actor)) expect(isAdministrator(account)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  test('M10 M12 what may be created may be reached by creating it inactive and reactivating it', () => {
    fc.assert(
      fc.property(anyCreation, ({ account, licences, actor }) => {
        fc.pre(account.active && !(actor.kind === 'employee' && actor.id === account.id));
        const before = { ...account, active: false };
        const asleep = mayCreateEmployee({ account: before, licences, actor });
        const awake = mayChangeEmployee({ before, after: account, licences, activeAdministrators: 1, actor });
        expect(asleep.ok && awake.ok).toBe(mayCreateEmployee({ account, licences, actor }).ok);
      }),
      { numRuns: 500 },
    );
  });
});

describe('M15 rights are monotone', () => {
  const anyRight = fc.record({
    module: fc.constantFrom(...MODULES),
    action: fc.constantFrom(...ACTIONS),
  });

  test('M15 one more role never takes a right', () => {
    fc.assert(
      fc.property(anyRoles, anyRole, anyRight, (roles, extra, right) => {
        return !hasRight(roles, right) || hasRight([...roles, extra], right);
      }),
    );
  });

  test('M15 one more inactive role never gives a right', () => {
    fc.assert(
      fc.property(anyRoles, anyRole, anyRight, (roles, extra, right) => {
        return hasRight([...roles, { ...extra, active: false }], right) === hasRight(roles, right);
      }),
    );
  });

  test('M15 one more role never narrows reach, one more role touched never widens it', () => {
    fc.assert(
      fc.property(anyRoles, anyRole, anyRoles, (held, extra, touched) => {
        const reach = (roles: typeof held, over: typeof touched) =>
          withinOwnRights({ kind: 'employee', id: 1, userType: 'Employee', roles }, over).ok;
        if (reach(held, touched)) expect(reach([...held, extra], touched)).toBe(true);
        if (!reach(held, touched)) expect(reach(held, [...touched, extra])).toBe(false);
      }),
    );
  });

  test('M15 a planted rule that lets a role deny is caught', () => {
    const denies: typeof withinOwnRights = (actor, touched) =>
      actor.kind === 'employee' && actor.roles.some((role) => !role.active)
        ? refused({ reason: 'beyond_own_rights', roles: [] })
        : withinOwnRights(actor, touched);
    const monotone = fc.property(anyRoles, anyRole, anyRoles, (held, extra, touched) => {
      const actor = { kind: 'employee', id: 1, userType: 'Employee' } as const;
      return (
        !denies({ ...actor, roles: held }, touched).ok ||
        denies({ ...actor, roles: [...held, extra] }, touched).ok
      );
    });
    expect(fc.check(monotone, { numRuns: 2000, seed: 7 }).failed).toBe(true);
  });
});
