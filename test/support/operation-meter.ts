import { AsyncLocalStorage } from 'node:async_hooks';
import { routeKey } from '../../shared/routes/route.ts';
import { aroundCalls, EVERY_CLIENT } from './aws-calls.ts';
import { routes } from './contract.ts';
import { type HttpEvent, startFront } from './front.ts';
import { stack } from './world.ts';

/** What one request took of AWS. */
export type Cost = {
  /** Calls by kind, such as `2 GetItem, PutItem`; empty where there are none. */
  readonly dynamodb: string;
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly cognito: string;
};

type Call = { readonly service: string; readonly name: string; readonly units: number };

const READS = new Set(['GetItem', 'BatchGetItem', 'Query']);

export type MeteredFront = Awaited<ReturnType<typeof startMeteredFront>>;

/** The API once more, which notes of each operation what its last request took. */
export async function startMeteredFront() {
  const current = new AsyncLocalStorage<Call[]>();
  const restore = aroundCalls(EVERY_CLIENT, async ({ service, operation: name, input }, next) => {
    const ofTable = service === 'dynamodb';
    if (ofTable) Object.assign(input, { ReturnConsumedCapacity: 'TOTAL' });
    const output = await next();
    current.getStore()?.push({ service, name, units: ofTable ? unitsOf(output) : 0 });
    return output;
  });
  const costs = new Map<string, Cost>();
  const operations = new Map(routes.map((route) => [routeKey(route) as string, route.operationId]));
  const around = async ({ routeKey: key }: HttpEvent, handle: () => Promise<unknown>) => {
    const calls: Call[] = [];
    const reply = (await current.run(calls, handle)) as { statusCode: number };
    const operationId = operations.get(key);
    if (operationId !== undefined && reply.statusCode < 400) costs.set(operationId, costOf(calls));
    return reply;
  };
  const front = await startFront(stack.endpoints, around);
  const close = async () => {
    restore();
    await front.close();
  };
  return { url: front.url, costs, close };
}

function unitsOf({ ConsumedCapacity: consumed }: { ConsumedCapacity?: unknown }): number {
  const parts = [consumed].flat() as ({ CapacityUnits?: number } | undefined)[];
  return parts.reduce((sum, part) => sum + (part?.CapacityUnits ?? Number.NaN), 0);
}

function costOf(calls: readonly Call[]): Cost {
  const of = (service: string) => calls.filter((call) => call.service === service);
  const units = (reads: boolean) =>
    of('dynamodb')
      .filter(({ name }) => READS.has(name) === reads)
      .reduce((sum, call) => sum + call.units, 0);
  return {
    dynamodb: counted(of('dynamodb')),
    readUnits: units(true),
    writeUnits: units(false),
    cognito: counted(of('cognito-idp')),
  };
}

/** In the order of the alphabet: some go side by side. */
function counted(calls: readonly Call[]): string {
  const names = calls.map(({ name }) => name);
  return [...new Set(names)]
    .sort()
    .map((name) => {
      const count = names.filter((other) => other === name).length;
      return count === 1 ? name : `${count} ${name}`;
    })
    .join(', ');
}
