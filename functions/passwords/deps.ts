import type { UserPool } from '../../shared/identity/user-pool.ts';
import type { Table } from '../../shared/store/table.ts';

export type Deps = {
  readonly table: Table;
  readonly pool: UserPool;
  /** From configuration, never from a request's headers (S4). */
  readonly publicUrl: string;
};
