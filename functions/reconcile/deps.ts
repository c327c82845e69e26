import type { CognitoClient } from '../../shared/aws/cognito.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Table } from '../../shared/store/table.ts';

export type Deps = {
  readonly table: Table;
  readonly client: CognitoClient;
  readonly poolId: string;
  readonly clock: Clock;
};
