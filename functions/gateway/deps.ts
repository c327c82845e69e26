import type { UserPool } from '../../shared/identity/user-pool.ts';
import type { Origin } from '../../shared/store/audit.ts';
import type { EmployeeItem, TenantItem } from '../../shared/store/items.ts';
import type { Table } from '../../shared/store/table.ts';

export type Deps = {
  readonly table: Table;
  readonly pool: UserPool;
  /** From configuration, never from a request's headers (S4). */
  readonly publicUrl: string;
};

/** The person that a page is about. */
export type Who = { readonly tenant: TenantItem; readonly employee: EmployeeItem };

export type At = { readonly origin: Origin; readonly now: Date };
