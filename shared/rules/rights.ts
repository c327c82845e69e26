/**
 * Rights of security roles over the modules that this system guards (Admin > Security > Roles).
 * A person's rights are the sum over the active roles held.
 */
export const MODULES = ['hr', 'security', 'company', 'audit'] as const;
export type Module = (typeof MODULES)[number];

export const ACTIONS = ['view', 'modify', 'delete'] as const;
export type Action = (typeof ACTIONS)[number];

export type Right = { readonly module: Module; readonly action: Action };
export type Rights = Readonly<Partial<Record<Module, readonly Action[] | undefined>>>;

/** Facts about one security role, as kept in the tenant's digest of roles. */
export type RoleFacts = {
  readonly id: number;
  readonly name: string;
  readonly active: boolean;
  readonly external: boolean;
  readonly system: boolean;
  /** The built-in Administrator: all rights, tokens always (M15). */
  readonly administrator: boolean;
  readonly apiAccess: boolean;
  readonly rights: Rights;
};

export function hasRight(roles: readonly RoleFacts[], right: Right): boolean {
  return roles.some(
    (role) =>
      role.active && (role.administrator || (role.rights[right.module]?.includes(right.action) ?? false)),
  );
}
