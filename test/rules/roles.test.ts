import { describe, expect, test } from 'vitest';
import { ADMINISTRATOR_ROLE_ID, builtInRoles } from '../../shared/rules/built-in-roles.ts';
import { ACTIONS, hasRight, MODULES, type RoleFacts } from '../../shared/rules/rights.ts';
import { mayChangeRole } from '../../shared/rules/roles.ts';
import { ADMINISTRATOR, actor, HR_MANAGER, OPERATOR, role } from './fixtures.ts';

type Facts = Parameters<typeof mayChangeRole>[0];

function change(from: RoleFacts, to: Partial<RoleFacts>, facts: Partial<Facts> = {}) {
  return mayChangeRole({
    before: from,
    after: { ...from, ...to },
    internalHolders: 0,
    actor: actor(),
    ...facts,
  });
}

describe('M12 a role turned external', () => {
  test.each([
    ['an ordinary role', role()],
    ['an inactive one', role({ active: false })],
    ['a built-in one', role({ system: true })],
  ])('M12 refuses %s that internal users hold, counting them', (_what, before) => {
    expect(change(before, { external: true }, { internalHolders: 3 })).toEqual({
      ok: false,
      refusal: { reason: 'role_held_by_internal_users', holders: 3 },
    });
  });

  test('M12 binds an operator as well', () => {
    expect(change(role(), { external: true }, { internalHolders: 1, actor: OPERATOR }).ok).toBe(false);
  });

  test('M12 tells the holders of Administrator before that it is fixed', () => {
    expect(change(ADMINISTRATOR, { external: true }, { internalHolders: 1 })).toMatchObject({
      refusal: { reason: 'role_held_by_internal_users' },
    });
  });

  test.each([
    ['a role that no internal user holds', role(), { external: true }, 0],
    ['an external role back to internal', role({ external: true }), { external: false }, 0],
    ['another thing of a role that internal users hold', role(), { name: 'Bots' }, 3],
    ['another thing of an external role', role({ external: true }), { name: 'Guests', external: true }, 1],
  ])('M12 lets be changed: %s', (_what, before, to, internalHolders) => {
    expect(change(before, to, { internalHolders })).toEqual({ ok: true, value: { ...before, ...to } });
  });
});

describe('M15 API Access of a role', () => {
  test.each([
    ['switched on', false],
    ['switched off', true],
  ])('M15 can be %s, on an ordinary and on a built-in role', (_what, apiAccess) => {
    expect(change(role({ apiAccess }), { apiAccess: !apiAccess }).ok).toBe(true);
    expect(change(role({ apiAccess, system: true }), { apiAccess: !apiAccess }).ok).toBe(true);
  });

  test.each([
    ['name', { name: 'Boss' }],
    ['isActive', { active: false }],
    ['isExternal', { external: true }],
    ['apiAccess', { apiAccess: false }],
    ['rights', { rights: {} }],
  ])('M15 of Administrator, %s cannot be edited', (field, to) => {
    expect(change(ADMINISTRATOR, to)).toEqual({
      ok: false,
      refusal: { reason: 'administrator_fixed', fields: [field] },
    });
  });

  test('M15 an edit of Administrator that changes nothing is granted', () => {
    expect(change(ADMINISTRATOR, {}).ok).toBe(true);
  });

  test('M15 the order in which rights are listed is no change', () => {
    const { hr, security, company, audit } = ADMINISTRATOR.rights;
    const rights = { audit: [...(audit ?? [])].reverse(), company, security, hr };
    expect(change(ADMINISTRATOR, { rights }).ok).toBe(true);
  });

  test('M15 one right less is a change', () => {
    const rights = { ...ADMINISTRATOR.rights, audit: ['view', 'modify'] } as const;
    expect(change(ADMINISTRATOR, { rights })).toMatchObject({ refusal: { fields: ['rights'] } });
  });
});

test('a built-in role keeps its name, and nothing else', () => {
  const builtIn = role({ system: true });
  expect(change(builtIn, { name: 'Bots' })).toEqual({
    ok: false,
    refusal: { reason: 'system_role_fixed', fields: ['name'] },
  });
  expect(change(builtIn, { active: false, external: true, apiAccess: false, rights: {} }).ok).toBe(true);
});

describe('M15 reach over roles', () => {
  const clerk = actor({
    roles: [role({ rights: { hr: ['view', 'modify'], security: ['view', 'modify'] } })],
  });

  test.each([
    ['edit Administrator', ADMINISTRATOR, {}],
    ['add a right that it does not hold', HR_MANAGER, { rights: { hr: ['view', 'delete'] } }],
    [
      'take a right that it does not hold',
      role({ name: 'Auditor', rights: { audit: ['view'] } }),
      { rights: {} },
    ],
  ] as const)('M15 a security clerk cannot %s', (_what, before, to) => {
    expect(change(before, to, { actor: clerk })).toMatchObject({ refusal: { reason: 'beyond_own_rights' } });
  });

  test('M15 a security clerk edits a role within its own rights', () => {
    expect(change(HR_MANAGER, { rights: { security: ['view'] } }, { actor: clerk }).ok).toBe(true);
  });
});

describe('rights', () => {
  test('M15 an active Administrator holds every right', () => {
    const all = MODULES.flatMap((module) => ACTIONS.map((action) => ({ module, action })));
    const bare = role({ administrator: true, rights: {} });
    expect(all.filter((right) => !hasRight([bare], right))).toEqual([]);
  });

  test.each([
    ['the right module and action', [HR_MANAGER], true],
    ['another action', [role({ rights: { hr: ['view', 'delete'] } })], false],
    ['another module', [role({ rights: { audit: ['modify'] } })], false],
    ['an inactive role', [role({ active: false, rights: { hr: ['modify'] } })], false],
    ['no role', [], false],
    ['one role of several', [role({ rights: {} }), HR_MANAGER], true],
  ])('to modify HR, through %s: %s', (_what, roles, expected) => {
    expect(hasRight(roles, { module: 'hr', action: 'modify' })).toBe(expected);
  });
});

describe('built-in roles', () => {
  const roles = builtInRoles();

  test('M15 only Administrator has API Access', () => {
    expect(roles.filter((each) => each.apiAccess).map((each) => each.name)).toEqual(['Administrator']);
  });

  test('M15 only the first is the Administrator, with every right listed', () => {
    expect(roles.filter((each) => each.administrator)).toEqual([
      { ...ADMINISTRATOR, id: ADMINISTRATOR_ROLE_ID },
    ]);
  });

  test('M12 the external ones say so in their names, and no other is external', () => {
    expect(roles.filter((each) => each.external)).toEqual(
      roles.filter((each) => each.name.startsWith('External')),
    );
  });

  test('all are active, built in and numbered from 1', () => {
    expect(roles.every((each) => each.active && each.system)).toBe(true);
    expect(roles.map((each) => each.id)).toEqual(roles.map((_role, index) => index + 1));
  });
});
