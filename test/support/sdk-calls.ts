import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** What left an SDK client, in order. */
export type SdkCall = { readonly command: string; readonly input: Record<string, unknown> };

type Client = { readonly middlewareStack: object };

/** Notes each call of the clients, by a middleware of their own stacks. `before` may throw in its place. */
export function watchCalls(
  clients: readonly Client[],
  before: (call: SdkCall) => void = () => undefined,
): SdkCall[] {
  const seen: SdkCall[] = [];
  for (const client of clients as unknown as readonly DynamoDBClient[]) {
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const call = {
          command: context.commandName ?? '',
          input: args.input as unknown as Record<string, unknown>,
        };
        seen.push(call);
        before(call);
        return next(args);
      },
      { step: 'initialize' },
    );
  }
  return seen;
}
