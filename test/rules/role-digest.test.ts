import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { builtInRoles } from '../../shared/rules/built-in-roles.ts';
import { packRole, packRoles, unpackRole, unpackRoles } from '../../shared/store/role-digest.ts';
import { ADMINISTRATOR } from './fixtures.ts';

const MAX_ROLES = 200;

describe('the digest of roles on the tenant', () => {
  it('gives back every role as it was', () => {
    const roles = Object.fromEntries(builtInRoles().map((role) => [role.id, role]));
    for (const role of builtInRoles()) {
      const { rights, ...rest } = unpackRole(role.id, packRole(role));
      const held = Object.entries(role.rights).filter(([, actions = []]) => actions.length > 0);
      expect({ ...rest, rights }).toEqual({ ...role, rights: Object.fromEntries(held) });
    }
    expect(Object.keys(unpackRoles(packRoles(roles)))).toEqual(Object.keys(roles));
  });

  it('keeps any name, colons too, and any mix of flags', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        (name, active, external, apiAccess) => {
          const role = { ...ADMINISTRATOR, name, active, external, apiAccess };
          expect(unpackRole(role.id, packRole(role))).toEqual(role);
        },
      ),
    );
  });

  it('takes 8 KB for 200 roles whose names are of usual length', () => {
    const roles = Array.from({ length: MAX_ROLES }, (_, at) => ({
      ...ADMINISTRATOR,
      id: 2_000_000_000 + at,
      name: `Service Desk Team ${at}`,
    }));
    const packed = packRoles(Object.fromEntries(roles.map((role) => [role.id, role])));
    const bytes = Object.entries(packed).reduce(
      (sum, [id, text]) => sum + Buffer.byteLength(id + text) + 1,
      0,
    );
    expect(bytes).toBeLessThan(8 * 1024);
  });

  test.each(['', ':', 'no colon', '-1:x', 'zzzzzz:x'])('does not guess what %j may mean', (text) => {
    expect(() => unpackRole(1, text)).toThrow(RangeError);
  });
});
