import { ACTIONS, MODULES, type Rights, type RoleFacts } from '../rules/rights.ts';

/**
 * A role as the tenant holds it, where every call reads it: its security bits in base 36, a colon, its name. As a
 * map it took 200 bytes; 200 roles of them made ten read units of each call.
 */
const FLAGS = ['active', 'external', 'system', 'administrator', 'apiAccess'] as const;
/** Appended to, never reordered: what stands in the table is read by it. */
const RIGHTS = MODULES.flatMap((module) => ACTIONS.map((action) => ({ module, action })));

export function packRole(role: RoleFacts): string {
  const held = [
    ...FLAGS.map((flag) => role[flag]),
    ...RIGHTS.map(({ module, action }) => role.rights[module]?.includes(action) ?? false),
  ];
  const bits = held.reduce((sum, on, at) => (on ? sum + 2 ** at : sum), 0);
  return `${bits.toString(36)}:${role.name}`;
}

/** @throws RangeError where the text is none of `packRole`'s. */
export function unpackRole(id: number, text: string): RoleFacts {
  const colon = text.indexOf(':');
  const packed = text.slice(0, Math.max(colon, 0));
  const bits = Number.parseInt(packed, 36);
  if (!/^[0-9a-z]{1,4}$/.test(packed) || bits >= 2 ** (FLAGS.length + RIGHTS.length)) {
    throw new RangeError(`Role ${id} of the digest cannot be read`);
  }
  const isSet = (at: number) => Math.floor(bits / 2 ** at) % 2 === 1;
  const [active, external, system, administrator, apiAccess] = FLAGS.map((_, at) => isSet(at));
  const held = RIGHTS.filter((_, at) => isSet(FLAGS.length + at));
  const rights: Rights = Object.fromEntries(
    MODULES.map((module) => [
      module,
      held.filter((right) => right.module === module).map(({ action }) => action),
    ]).filter(([, actions = []]) => actions.length > 0),
  );
  return {
    id,
    name: text.slice(colon + 1),
    active: active === true,
    external: external === true,
    system: system === true,
    administrator: administrator === true,
    apiAccess: apiAccess === true,
    rights,
  };
}

export function packRoles(roles: Readonly<Record<string, RoleFacts>>): Record<string, string> {
  return Object.fromEntries(Object.entries(roles).map(([id, role]) => [id, packRole(role)]));
}

export function unpackRoles(packed: Readonly<Record<string, string>>): Record<string, RoleFacts> {
  return Object.fromEntries(Object.entries(packed).map(([id, text]) => [id, unpackRole(Number(id), text)]));
}
