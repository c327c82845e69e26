import type { TenantItem } from '../../shared/store/items.ts';

/** A company with nobody in it, for tests with a table of their own. */
export const ACME: TenantItem = {
  schema: 1,
  type: 'tenant',
  tenant: 'acme',
  company: 'Acme',
  timeZone: 'UTC',
  active: true,
  requireMfa: false,
  activeAdministrators: 1,
  roles: {},
  rolesVersion: 1,
  auditKey: 'key',
  version: 1,
  createdOn: '2026-01-01T00:00:00.000Z',
};
