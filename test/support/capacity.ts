import { readFileSync } from 'node:fs';
import type { DynamoDbClient } from '../../shared/aws/dynamodb.ts';
import type { UserType } from '../../shared/rules/user-types.ts';
import { employeePuts, newEmployee } from '../../shared/store/employees.ts';
import type { EmployeeItem } from '../../shared/store/items.ts';
import { employeeCounter, licencesKey } from '../../shared/store/keys.ts';
import { batchWrite, type Table, transact } from '../../shared/store/table.ts';
import { aroundCalls } from './aws-calls.ts';

export type Walk = { readonly calls: number; readonly units: number };

/** Adds up what each call says that it consumed. */
export function capacityMeter(client: DynamoDbClient): (work: () => Promise<unknown>) => Promise<Walk> {
  let calls = 0;
  let units = 0;
  aroundCalls(client, async ({ input }, next) => {
    Object.assign(input, { ReturnConsumedCapacity: 'TOTAL' });
    const output = await next();
    const { ConsumedCapacity } = output as { ConsumedCapacity?: unknown };
    const consumed = [ConsumedCapacity].flat() as ({ CapacityUnits?: number } | undefined)[];
    calls += 1;
    units += consumed.reduce((sum, part) => sum + (part?.CapacityUnits ?? Number.NaN), 0);
    return output;
  });
  return async (work) => {
    calls = 0;
    units = 0;
    await work();
    return { calls, units };
  };
}

/** Writes of each the employee alone, without its sign-in name and the counters: no list reads that. */
export async function seedEmployees(table: Table, employees: readonly EmployeeItem[]): Promise<void> {
  const puts = employees.flatMap((employee) =>
    employeePuts(employee)
      .slice(0, 1)
      .flatMap((write) => ('put' in write ? [write.put] : [])),
  );
  for (let from = 0; from < puts.length; from += 24) await batchWrite(table, puts.slice(from, from + 24));
}

/** As accounts are in practice; of one size, so that what they cost can be told to the unit. */
export function usualEmployee(tenant: string, tag: string, userType: UserType): EmployeeItem {
  return newEmployee(
    {
      tenant,
      userName: `bot-${tag}`,
      firstName: 'Bot',
      lastName: tag,
      emailAddress: `bot-${tag}@integrations.acme.example`,
      employeeNumber: `E-${tag}`,
      jobTitle: 'Integration of billing',
      department: 'Operations',
      location: 'Dublin',
      notes: 'Keeps the ledger in step with the tickets of the day. '.repeat(10),
      userType,
      active: true,
      sso: false,
      roleIds: [],
    },
    new Date(),
  );
}

export const usualEmployees = (tenant: string, count: number, userType: UserType): EmployeeItem[] =>
  Array.from({ length: count }, (_, at) => usualEmployee(tenant, String(at).padStart(5, '0'), userType));

/** Half people, half API Employees, past the API: so many as no test could create one by one. */
export async function fillCompany(table: Table, tenant: string, employees: number): Promise<void> {
  const half = employees / 2;
  for (const userType of ['Employee', 'API Employee'] as const) {
    await seedEmployees(table, usualEmployees(tenant, half, userType));
    const counters = [employeeCounter(userType, true), ...(userType === 'Employee' ? ['used'] : [])];
    for (const counter of counters) {
      const set = {
        expression: 'ADD #counter :more',
        names: { '#counter': counter },
        values: { ':more': half },
      };
      await transact(table, [{ update: licencesKey(tenant), set }]);
    }
  }
}

/** What a walk takes by docs/data-model.md: `| 5,000 | 12 | 241 |`, or `| 1,000 people | 3 | 33.5 |`. */
export function publishedWalk(rows: string): Walk {
  const page = readFileSync(new URL('../../docs/data-model.md', import.meta.url), 'utf8');
  const row = new RegExp(`^\\| ${rows} \\| ([\\d,]+) \\| ([\\d,.]+) \\|`, 'm').exec(page);
  const [calls = Number.NaN, units = Number.NaN] = (row ?? [])
    .slice(1)
    .map((figure) => Number(figure.replace(',', '')));
  return { calls, units };
}
