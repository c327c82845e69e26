import { endpoint } from '../../shared/http/call.ts';
import { excluded, excludedIds, pageOf } from '../../shared/http/page-of.ts';
import { lookUpRoles, lookUpSystemRoles } from '../../shared/routes/roles.ts';
import { granted } from '../../shared/rules/decision.ts';
import { nameHolds, sortedByName } from '../../shared/rules/name-order.ts';
import type { TenantItem } from '../../shared/store/items.ts';

const DEFAULT_PAGE_SIZE = 200;

/** Both pickers answer from the digest that the call was authorised by: no further read. */
export const lookUpRolesEndpoint = () =>
  endpoint(lookUpRoles, async ({ actor, query }) => {
    const roles = rolesNamed(actor.tenant, query).filter((role) => nameHolds(role.name, query.Name));
    const page = pageOf(roles, query, DEFAULT_PAGE_SIZE);
    const rows = page.result.map(({ id, name, active, system, external }) => ({
      id,
      name,
      isActive: active,
      isSystem: system,
      isExternal: external,
    }));
    return granted({ ...page, result: excluded(rows, query.Exclude) });
  });

export const lookUpSystemRolesEndpoint = () =>
  endpoint(lookUpSystemRoles, async ({ actor, query }) => {
    const roles = rolesNamed(actor.tenant, query).filter((role) => role.active);
    const page = pageOf(roles, query, DEFAULT_PAGE_SIZE);
    const rows = page.result.map(({ id, name }) => ({ id, name, isDefault: false }));
    return granted({ ...page, result: excluded(rows, query.Exclude) });
  });

type RoleQuery = {
  readonly 'Filter.Name'?: string | undefined;
  readonly 'Filter.Ids'?: readonly number[] | undefined;
  readonly Exclude?: readonly string[] | undefined;
};

function rolesNamed(tenant: TenantItem, query: RoleQuery) {
  const ids = query['Filter.Ids'];
  const without = excludedIds(query.Exclude);
  const named = Object.values(tenant.roles).filter(
    (role) =>
      (ids?.includes(role.id) ?? true) &&
      !without.includes(role.id) &&
      nameHolds(role.name, query['Filter.Name']),
  );
  return sortedByName(named);
}
