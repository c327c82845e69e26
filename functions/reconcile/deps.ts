import type { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import type { Clock } from '../../shared/clock.ts';
import type { Table } from '../../shared/store/table.ts';

export type Deps = {
  readonly table: Table;
  readonly client: CognitoIdentityProviderClient;
  readonly poolId: string;
  readonly clock: Clock;
};
