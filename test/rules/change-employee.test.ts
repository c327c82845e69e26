import { describe, expect, test } from 'vitest';
import { type AccountFacts, mayChangeEmployee } from '../../shared/rules/employee-changes.ts';
import type { UserType } from '../../shared/rules/user-types.ts';
import {
  ADMINISTRATOR,
  account,
  actor,
  EXTERNAL_USER,
  FULL,
  HR_MANAGER,
  INTEGRATION,
  OPERATOR,
  ROOM,
  role,
} from './fixtures.ts';

type Facts = Parameters<typeof mayChangeEmployee>[0];

/** Changes one thing of an account that was valid before. */
function change(from: Partial<AccountFacts>, to: Partial<AccountFacts>, facts: Partial<Facts> = {}) {
  const before = account(from);
  const valid = { before, licences: ROOM, activeAdministrators: 2, actor: actor() };
  return mayChangeEmployee({ ...valid, after: { ...before, ...to }, ...facts });
}

describe('M8 the type of an API Employee is final', () => {
  test.each([['Employee'], ['External Employee']] as const)('M8 refuses to make it an %s', (userType) => {
    expect(change({ userType: 'API Employee' }, { userType })).toEqual({
      ok: false,
      refusal: { reason: 'user_type_final' },
    });
  });

  test.each([
    ['while inactive', { userType: 'API Employee', active: false }, { userType: 'Employee' }, {}],
    ['while deactivating it', { userType: 'API Employee' }, { userType: 'Employee', active: false }, {}],
    ['by an operator', { userType: 'API Employee' }, { userType: 'Employee' }, { actor: OPERATOR }],
  ] as const)('M8 refuses it %s', (_when, from, to, facts) => {
    expect(change(from, to, facts)).toMatchObject({ refusal: { reason: 'user_type_final' } });
  });

  test.each([
    ['nothing of what the rules look at (name, mail address)', {}],
    ['its roles', { roles: [HR_MANAGER] }],
    ['whether it is active', { active: false }],
  ])('M8 lets be changed: %s', (_what, to) => {
    expect(change({ userType: 'API Employee' }, to)).toEqual({
      ok: true,
      value: { licences: 0, administrators: 0 },
    });
  });
});

describe('M9 nobody becomes an API Employee', () => {
  test.each([['Employee'], ['External Employee']] as const)(
    'M9 refuses an %s, naming the type',
    (userType) => {
      expect(change({ userType }, { userType: 'API Employee' })).toEqual({
        ok: false,
        refusal: { reason: 'conversion_to_api_employee', from: userType },
      });
    },
  );

  test.each([
    ['while inactive', { active: false }, {}, {}],
    ['together with a reactivation', { active: false }, { active: true }, {}],
    ['by an operator', {}, {}, { actor: OPERATOR }],
    ['with no licence left', {}, {}, { licences: FULL }],
  ])('M9 refuses it %s', (_when, from, to, facts) => {
    expect(change(from, { ...to, userType: 'API Employee' }, facts)).toMatchObject({
      refusal: { reason: 'conversion_to_api_employee' },
    });
  });

  test.each([
    ['Employee', 'External Employee'],
    ['External Employee', 'Employee'],
  ] as const)('M9 allows a change from %s to %s', (from, to) => {
    expect(change({ userType: from }, { userType: to })).toMatchObject({ ok: true, value: { licences: 0 } });
  });
});

describe('M10 licences on a change', () => {
  const people: [UserType][] = [['Employee'], ['External Employee']];

  test.each(people)('M10 reactivating an %s takes one', (userType) => {
    expect(change({ userType, active: false }, { active: true })).toMatchObject({ value: { licences: 1 } });
  });

  test.each(people)('M10 refuses to reactivate an %s beyond the licence count', (userType) => {
    expect(change({ userType, active: false }, { active: true }, { licences: FULL })).toEqual({
      ok: false,
      refusal: { reason: 'licences_exhausted', total: 10, used: 10 },
    });
  });

  test.each(people)('M10 deactivating an %s gives one back, also with none left', (userType) => {
    const decision = change({ userType }, { active: false }, { licences: FULL });
    expect(decision).toMatchObject({ ok: true, value: { licences: -1 } });
  });

  test.each([
    ['deactivating', true],
    ['reactivating', false],
  ])('M10 %s an API Employee takes and gives back none, with none left', (_what, active) => {
    const decision = change({ userType: 'API Employee', active }, { active: !active }, { licences: FULL });
    expect(decision).toMatchObject({ ok: true, value: { licences: 0 } });
  });

  test.each([
    ['an edit', {}],
    ['a change of roles', { roles: [HR_MANAGER] }],
    ['a change of type', { userType: 'External Employee' }],
  ] as const)('M10 %s needs no licence, also when more are used than there are', (_what, to) => {
    expect(change({}, to, { licences: { total: 3, used: 4 } })).toMatchObject({ value: { licences: 0 } });
  });

  test('M10 reactivating as the other type takes one', () => {
    expect(change({ active: false }, { active: true, userType: 'External Employee' })).toMatchObject({
      value: { licences: 1 },
    });
  });
});

describe('M12 external roles on a change', () => {
  const refusal = { reason: 'external_role_on_internal_user', roles: ['External User'] };

  test.each([['Employee'], ['API Employee']] as const)('M12 refuses to add one to an %s', (userType) => {
    expect(change({ userType }, { roles: [INTEGRATION, EXTERNAL_USER] })).toEqual({ ok: false, refusal });
  });

  test('M12 refuses to make an External Employee that holds one an Employee', () => {
    const before = { userType: 'External Employee', roles: [EXTERNAL_USER] } as const;
    expect(change(before, { userType: 'Employee' })).toEqual({ ok: false, refusal });
  });

  test('M12 allows it when the role is given up in the same change', () => {
    const before = { userType: 'External Employee', roles: [EXTERNAL_USER] } as const;
    expect(change(before, { userType: 'Employee', roles: [INTEGRATION] }).ok).toBe(true);
  });

  test('M12 allows the role and the type External Employee in the same change', () => {
    expect(change({}, { userType: 'External Employee', roles: [EXTERNAL_USER] }).ok).toBe(true);
  });

  test.each([
    ['reactivating', { active: false }, { active: true }],
    ['merely editing', {}, {}],
  ])('M12 holds when %s an account whose role turned external meanwhile', (_what, from, to) => {
    const roles = [EXTERNAL_USER];
    expect(change({ ...from, userType: 'API Employee', roles }, to)).toEqual({ ok: false, refusal });
  });

  test('M12 lets such an account be mended by taking the role away', () => {
    expect(change({ userType: 'API Employee', roles: [EXTERNAL_USER] }, { roles: [] }).ok).toBe(true);
  });
});

describe('the last Administrator', () => {
  const administrator = { roles: [ADMINISTRATOR] };

  test.each([
    ['deactivated', { active: false }],
    ['marked SSO, so that no password lets it in', { sso: true }],
    ['stripped of the role', { roles: [INTEGRATION] }],
    ['stripped of all roles', { roles: [] }],
    ['left without a mail address, so that no link reaches it', { emailAddress: undefined }],
  ])('cannot be %s', (_what, to) => {
    expect(change(administrator, to, { activeAdministrators: 1 })).toEqual({
      ok: false,
      refusal: { reason: 'last_administrator' },
    });
    expect(change(administrator, to)).toMatchObject({ ok: true, value: { administrators: -1 } });
  });

  test('may move to another mail address', () => {
    const to = { emailAddress: 'carol@elsewhere.example' };
    expect(change(administrator, to, { activeAdministrators: 1 })).toMatchObject({
      ok: true,
      value: { administrators: 0 },
    });
  });

  test('may become an External Employee: still one who can sign in and mend the tenant', () => {
    const decision = change(administrator, { userType: 'External Employee' }, { activeAdministrators: 1 });
    expect(decision).toMatchObject({ ok: true, value: { administrators: 0 } });
  });

  test.each([
    ['an API Employee with the role', { ...administrator, userType: 'API Employee' }],
    ['an inactive one', { ...administrator, active: false }],
    ['one marked SSO', { ...administrator, sso: true }],
    ['one without a mail address', { ...administrator, emailAddress: undefined }],
  ] as const)('is not %s, who may lose the role', (_who, from) => {
    expect(change(from, { roles: [] }, { activeAdministrators: 1 })).toMatchObject({
      ok: true,
      value: { administrators: 0 },
    });
  });

  test.each([
    ['given', { active: true, roles: [] }, { roles: [ADMINISTRATOR] }],
    ['reactivated', { active: false, roles: [ADMINISTRATOR] }, { active: true }],
    [
      'given a mail address',
      { emailAddress: undefined, roles: [ADMINISTRATOR] },
      { emailAddress: 'carol@acme.example' },
    ],
  ])('gets company when another is %s', (_what, from, to) => {
    expect(change(from, to)).toMatchObject({ value: { administrators: 1 } });
  });
});

describe('M15 own roles and reach on a change', () => {
  const self = account({ id: 9, userType: 'API Employee', roles: [HR_MANAGER, INTEGRATION] });
  const bot = actor({ id: 9, userType: 'API Employee', roles: self.roles });

  test.each([
    ['give itself', [HR_MANAGER, INTEGRATION, role({ id: 30, rights: {} })]],
    ['take from itself', [HR_MANAGER]],
    ['exchange', [HR_MANAGER, role({ id: 30, rights: {} })]],
  ])('M15 an API Employee cannot %s a role', (_what, roles) => {
    expect(change(self, { roles }, { actor: bot })).toEqual({ ok: false, refusal: { reason: 'own_roles' } });
  });

  test.each([
    ['itself, keeping the roles in another order', bot, { roles: [INTEGRATION, HR_MANAGER] }],
    ['the roles of another', { ...bot, id: 10 }, { roles: [HR_MANAGER] }],
    ['itself, as a person', { ...bot, userType: 'Employee' as const }, { roles: [HR_MANAGER] }],
  ])('M15 lets it change %s', (_what, by, to) => {
    expect(change(self, to, { actor: by }).ok).toBe(true);
  });

  test.each([
    ['user name', { userName: 'caroline' }],
    ['user name in other letters', { userName: 'Carol' }],
    ['mail address', { emailAddress: 'thief@evil.example' }],
    ['mail address, to none', { emailAddress: undefined }],
  ])('an API Employee cannot change its own %s', (_what, to) => {
    expect(change(self, to, { actor: bot })).toEqual({ ok: false, refusal: { reason: 'own_identity' } });
    expect(change(self, to, { actor: { ...bot, id: 10 } }).ok, 'another may').toBe(true);
    expect(change(self, to, { actor: { ...bot, userType: 'Employee' } }).ok, 'a person may').toBe(true);
  });

  const manager = actor({ roles: [HR_MANAGER] });

  test.each([
    ['edit', {}],
    ['deactivate', { active: false }],
    ['take the role from', { roles: [] }],
  ])('M15 an HR manager cannot %s an Administrator', (_what, to) => {
    expect(change({ roles: [ADMINISTRATOR] }, to, { actor: manager })).toEqual({
      ok: false,
      refusal: { reason: 'beyond_own_rights', roles: ['Administrator'] },
    });
  });

  test('M15 an HR manager cannot make itself Administrator', () => {
    const decision = change({ id: 1, roles: [HR_MANAGER] }, { roles: [ADMINISTRATOR] }, { actor: manager });
    expect(decision).toMatchObject({ refusal: { reason: 'beyond_own_rights' } });
  });

  test('M15 names each role beyond reach once', () => {
    const decision = change({ roles: [ADMINISTRATOR] }, { active: false }, { actor: manager });
    expect(decision).toMatchObject({ refusal: { roles: ['Administrator'] } });
  });

  test.each([
    ['every single right, by another role', role({ name: 'Omnibus', rights: ADMINISTRATOR.rights })],
    ['an Administrator role that is inactive', { ...ADMINISTRATOR, active: false }],
  ])('M15 whoever holds %s is no Administrator', (_what, held) => {
    const decision = change({ roles: [ADMINISTRATOR] }, {}, { actor: actor({ roles: [held] }) });
    expect(decision).toMatchObject({ refusal: { reason: 'beyond_own_rights', roles: ['Administrator'] } });
  });

  test('M15 an inactive role lends its holder no reach', () => {
    const asleep = actor({ roles: [role({ active: false, rights: { hr: ['view'] } })] });
    expect(change({ roles: [INTEGRATION] }, {}, { actor: asleep }).ok).toBe(false);
  });
});
