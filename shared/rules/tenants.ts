import { type Decision, granted, refused } from './decision.ts';
import type { LicenceFacts } from './employee-changes.ts';

export type TenantRefusal =
  | { readonly reason: 'licences_below_use'; readonly asked: number; readonly used: number }
  | { readonly reason: 'tenant_not_suspended' }
  | { readonly reason: 'tenant_name_not_repeated'; readonly tenant: string }
  | { readonly reason: 'tenant_being_deleted' };

export type TenantFacts = {
  readonly tenant: string;
  readonly active: boolean;
  /** Set when its removal began. */
  readonly deletingOn?: string | undefined;
};

/** M10: what is in use cannot be taken away. */
export function maySetLicences(
  tenant: TenantFacts,
  licences: LicenceFacts,
  asked: number,
): Decision<null, Extract<TenantRefusal, { reason: 'licences_below_use' | 'tenant_being_deleted' }>> {
  if (tenant.deletingOn !== undefined) return refused({ reason: 'tenant_being_deleted' });
  return asked < licences.used
    ? refused({ reason: 'licences_below_use', asked, used: licences.used })
    : granted(null);
}

/** Suspend and resume; there is no way back from a removal that began. */
export function maySwitchTenant(
  tenant: TenantFacts,
): Decision<null, Extract<TenantRefusal, { reason: 'tenant_being_deleted' }>> {
  return tenant.deletingOn === undefined ? granted(null) : refused({ reason: 'tenant_being_deleted' });
}

/** Two steps apart and a name typed twice: nobody deletes a company by a slip. */
export function mayDeleteTenant(
  tenant: TenantFacts,
  confirmation: string,
): Decision<null, Extract<TenantRefusal, { reason: 'tenant_not_suspended' | 'tenant_name_not_repeated' }>> {
  if (tenant.active) return refused({ reason: 'tenant_not_suspended' });
  return confirmation === tenant.tenant
    ? granted(null)
    : refused({ reason: 'tenant_name_not_repeated', tenant: tenant.tenant });
}
