import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { employeePuts } from '../../shared/store/employees.ts';
import type { EmployeeItem } from '../../shared/store/items.ts';
import { batchWrite, type Table } from '../../shared/store/table.ts';

type Cost = { readonly calls: number; readonly units: number };

/** Adds up what each call says that it consumed, by a middleware of the client's own stack. */
export function capacityMeter(client: DynamoDBClient): (work: () => Promise<unknown>) => Promise<Cost> {
  let calls = 0;
  let units = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      const input = { ...args.input, ReturnConsumedCapacity: 'TOTAL' };
      const result = await next({ ...args, input });
      const { ConsumedCapacity } = result.output as { ConsumedCapacity?: unknown };
      const consumed = [ConsumedCapacity].flat() as ({ CapacityUnits?: number } | undefined)[];
      calls += 1;
      units += consumed.reduce((sum, part) => sum + (part?.CapacityUnits ?? Number.NaN), 0);
      return result;
    },
    { step: 'initialize' },
  );
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
