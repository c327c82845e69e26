import { unmarshall } from '@aws-sdk/util-dynamodb';
import { reconcile } from '../../functions/reconcile/reconcile.ts';
import { cognitoClient } from '../../shared/aws/cognito.ts';
import { dynamoDbClient, type RawItem } from '../../shared/aws/dynamodb.ts';
import { consumesLicence, isInternal, type UserType } from '../../shared/rules/user-types.ts';
import { employeeCounter, tenantPartition } from '../../shared/store/keys.ts';
import type { Table } from '../../shared/store/table.ts';
import { stack } from '../support/world.ts';

type Item = Readonly<Record<string, unknown>>;
const SHARED = ['userType', 'active', 'sso', 'roleIds', 'generation', 'tokensValidAfter'] as const;

/** Past the faults: what is really there. */
export function plainDeps() {
  const settings = {
    maxAttempts: 3,
    region: stack.operator.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const table: Table = {
    client: dynamoDbClient({ ...settings, endpoint: stack.endpoints.dynamodb }),
    name: stack.tableName,
  };
  const client = cognitoClient({ ...settings, endpoint: stack.endpoints.cognito });
  return { table, client, poolId: stack.userPool.poolId };
}

export async function itemsOf({ client, name }: Table, tenant: string): Promise<Item[]> {
  const items: Item[] = [];
  let ExclusiveStartKey: RawItem | undefined;
  do {
    const page = await client.call('Query', {
      TableName: name,
      KeyConditionExpression: 'PK = :pk',
      ExpressionAttributeValues: { ':pk': { S: tenantPartition(tenant) } },
      ConsistentRead: true,
      ExclusiveStartKey,
    });
    items.push(...(page.Items ?? []).map((item) => unmarshall(item)));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return items;
}

/** R6: no half account, no lost or doubled licence, no count that is wrong. Each breach in words. */
export function breachesIn(items: readonly Item[]): string[] {
  const of = (type: string) => items.filter((item) => item.type === type);
  const employees = of('employee');
  const logins = new Map(of('login').map((login) => [login.employeeId, login]));
  const breaches: string[] = [];
  const same = (what: string, stored: unknown, counted: unknown) => {
    if (JSON.stringify(stored) !== JSON.stringify(counted)) {
      breaches.push(`${what}: stored ${JSON.stringify(stored)}, counted ${JSON.stringify(counted)}`);
    }
  };
  same('sign-in names', logins.size, employees.length);
  for (const employee of employees) {
    const login = logins.get(employee.id);
    for (const field of SHARED) same(`${field} of ${String(employee.id)}`, login?.[field], employee[field]);
  }
  const counted = (test: (employee: Item) => boolean) => employees.filter(test).length;
  const typeOf = (employee: Item) => employee.userType as UserType;
  const [licences = {}] = of('licences');
  same(
    'licences',
    licences.used,
    counted((one) => consumesLicence(typeOf(one), one.active === true)),
  );
  for (const userType of ['Employee', 'External Employee', 'API Employee'] as const) {
    for (const active of [true, false]) {
      const counter = employeeCounter(userType, active);
      const there = counted((one) => typeOf(one) === userType && one.active === active);
      same(counter, licences[counter] ?? 0, there);
    }
  }
  for (const role of of('role')) {
    const holds = (one: Item) => (one.roleIds as number[]).includes(role.id as number);
    const name = `holders of role ${String(role.id)}`;
    same(
      `internal ${name}`,
      role.internalHolders,
      counted((one) => holds(one) && isInternal(typeOf(one))),
    );
    same(
      `external ${name}`,
      role.externalHolders,
      counted((one) => holds(one) && !isInternal(typeOf(one))),
    );
  }
  const [tenant] = of('tenant');
  const roleIds = of('role').map(({ id }) => String(id));
  same('roles of the digest', Object.keys((tenant?.roles ?? {}) as object).sort(), roleIds.sort());
  return breaches;
}

/**
 * What the reconciliation finds of the company, as if an hour had passed. `repair` puts right what a killed process
 * left behind; a second look must then find nothing.
 */
export async function foundIn(tenant: string, repair: boolean) {
  const later = { ...plainDeps(), clock: () => new Date(Date.now() + 3_600_000) };
  const answer = await reconcile(later)({ tenant, repair }, { getRemainingTimeInMillis: () => 900_000 });
  if ('refused' in answer) throw new Error(answer.refused);
  return answer;
}
