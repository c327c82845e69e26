import { describe, expect, test } from 'vitest';
import { type AccountFacts, mayCreateEmployee } from '../../shared/rules/employee-changes.ts';
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

type Facts = Parameters<typeof mayCreateEmployee>[0];

function create(wanted: Partial<AccountFacts>, facts: Partial<Facts> = {}) {
  return mayCreateEmployee({ account: account(wanted), licences: ROOM, actor: actor(), ...facts });
}

describe('M1 creates', () => {
  test.each([['Employee'], ['External Employee'], ['API Employee']] as const)(
    'M1 an account of type %s',
    (userType) => {
      expect(create({ userType })).toMatchObject({ ok: true });
    },
  );

  test('M1 an API Employee without any role yet', () => {
    expect(create({ userType: 'API Employee', roles: [] })).toMatchObject({ ok: true });
  });
});

describe('M10 licences on creation', () => {
  test.each([
    ['Employee', true, 1],
    ['Employee', false, 0],
    ['External Employee', true, 1],
    ['External Employee', false, 0],
    ['API Employee', true, 0],
    ['API Employee', false, 0],
  ] as const)('M10 %s, active %s, takes %i', (userType, active, licences) => {
    expect(create({ userType, active })).toMatchObject({ ok: true, value: { licences } });
  });

  test.each([['Employee'], ['External Employee']] as const)(
    'M10 refuses an active %s beyond the licence count',
    (userType) => {
      expect(create({ userType }, { licences: FULL })).toEqual({
        ok: false,
        refusal: { reason: 'licences_exhausted', total: 10, used: 10 },
      });
    },
  );

  test.each([
    ['an API Employee', { userType: 'API Employee' }],
    ['an inactive Employee', { active: false }],
    ['an inactive External Employee', { userType: 'External Employee', active: false }],
  ] as const)('M10 creates %s with no licence left', (_what, wanted) => {
    expect(create(wanted, { licences: FULL })).toMatchObject({ ok: true });
  });

  test.each([
    ['the last one left', { total: 10, used: 9 }, true],
    ['none, when exactly all are used', { total: 10, used: 10 }, false],
    ['none, when more are used than there are', { total: 10, used: 11 }, false],
    ['none of none', { total: 0, used: 0 }, false],
  ])('M10 takes %s', (_what, licences, ok) => {
    expect(create({}, { licences }).ok).toBe(ok);
  });
});

describe('M12 external roles on creation', () => {
  test.each([['Employee'], ['API Employee']] as const)('M12 refuses one to an %s, naming it', (userType) => {
    expect(create({ userType, roles: [INTEGRATION, EXTERNAL_USER] })).toEqual({
      ok: false,
      refusal: { reason: 'external_role_on_internal_user', roles: ['External User'] },
    });
  });

  test('M12 refuses an inactive external role too: it may become active later', () => {
    const roles = [role({ external: true, active: false })];
    expect(create({ userType: 'API Employee', roles })).toMatchObject({
      refusal: { reason: 'external_role_on_internal_user' },
    });
  });

  test('M12 refuses it to an inactive account too: it may become active later', () => {
    expect(create({ userType: 'API Employee', active: false, roles: [EXTERNAL_USER] }).ok).toBe(false);
  });

  test('M12 binds an operator as well', () => {
    expect(create({ userType: 'API Employee', roles: [EXTERNAL_USER] }, { actor: OPERATOR }).ok).toBe(false);
  });

  test('M12 gives it to an External Employee', () => {
    expect(create({ userType: 'External Employee', roles: [EXTERNAL_USER] }).ok).toBe(true);
  });

  test('M12 comes before M10: the reason that stays after buying licences is told first', () => {
    expect(create({ roles: [EXTERNAL_USER] }, { licences: FULL })).toMatchObject({
      refusal: { reason: 'external_role_on_internal_user' },
    });
  });
});

describe('M15 reach on creation', () => {
  const manager = actor({ roles: [HR_MANAGER] });

  test('M15 an HR manager hands out rights that it holds', () => {
    expect(create({ roles: [INTEGRATION] }, { actor: manager }).ok).toBe(true);
  });

  test.each([
    ['Administrator', ADMINISTRATOR],
    ['Security Clerk', role({ name: 'Security Clerk', rights: { security: ['view'] } })],
    ['Eraser', role({ name: 'Eraser', rights: { hr: ['delete'] } })],
    ['Sleeping', role({ name: 'Sleeping', active: false, rights: { security: ['modify'] } })],
  ])('M15 an HR manager cannot hand out %s', (name, beyond) => {
    expect(create({ roles: [INTEGRATION, beyond] }, { actor: manager })).toEqual({
      ok: false,
      refusal: { reason: 'beyond_own_rights', roles: [name] },
    });
  });

  test.each([
    ['an Administrator', actor()],
    ['an operator', OPERATOR],
  ])('M15 %s hands out Administrator', (_who, by) => {
    expect(create({ roles: [ADMINISTRATOR] }, { actor: by }).ok).toBe(true);
  });
});

describe('administrators on creation', () => {
  test.each([
    ['an active Employee with the role', {}, 1],
    ['an External Employee with the role', { userType: 'External Employee' }, 1],
    ['an inactive one', { active: false }, 0],
    ['one whom no mail reaches', { emailAddress: undefined }, 0],
    ['an API Employee, which cannot mend a tenant by hand', { userType: 'API Employee' }, 0],
  ] as const)('counts %s', (_what, wanted, administrators) => {
    expect(create({ ...wanted, roles: [ADMINISTRATOR] })).toMatchObject({ value: { administrators } });
  });
});
