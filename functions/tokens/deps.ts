import type { TokenVerifier } from '../../shared/http/token-verifier.ts';
import type { UserPool } from '../../shared/identity/user-pool.ts';
import type { Table } from '../../shared/store/table.ts';

export type Deps = {
  readonly table: Table;
  readonly pool: UserPool;
  readonly verifier: TokenVerifier;
};
