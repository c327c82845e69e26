import type { RoleItem } from '../../shared/store/items.ts';

export function roleView(role: Omit<RoleItem, 'schema' | 'type' | 'tenant' | 'version'>) {
  return {
    id: role.id,
    name: role.name,
    isActive: role.active,
    isSystem: role.system,
    isExternal: role.external,
    apiAccess: role.administrator || role.apiAccess,
    rights: role.rights,
    internalHolders: role.internalHolders,
    externalHolders: role.externalHolders,
  };
}
