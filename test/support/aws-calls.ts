import { JsonClient, type Service } from '../../shared/aws/json-client.ts';

/** One call of AWS, before it is signed and sent. */
export type AwsCall = {
  /** `dynamodb`, `cognito-idp` or `events`. */
  readonly service: string;
  readonly operation: string;
  readonly input: Record<string, unknown>;
};
type Around = (call: AwsCall, next: () => Promise<object>) => Promise<object>;
type Client = { readonly service: Service };
type Caller = Client & {
  call(operation: string, input: Record<string, unknown>): Promise<object>;
};

/** Whoever built it: the functions' own are reached by nothing else. */
export const EVERY_CLIENT: Client = JsonClient.prototype;

/** Stands around the calls of a client: may see, change, delay or refuse them. Answers what takes it off again. */
export function aroundCalls(client: Client, around: Around): () => void {
  const caller = client as Caller;
  const { call } = caller;
  caller.call = function (operation, input) {
    return around({ service: this.service.name, operation, input }, () => call.call(this, operation, input));
  };
  return () => {
    caller.call = call;
  };
}

/** Notes each call of the clients, in order. `before` may throw in its place. */
export function watchCalls(
  clients: readonly Client[],
  before: (call: AwsCall) => void = () => undefined,
): AwsCall[] {
  const seen: AwsCall[] = [];
  for (const client of clients) {
    aroundCalls(client, async (call, next) => {
      seen.push(call);
      before(call);
      return next();
    });
  }
  return seen;
}
