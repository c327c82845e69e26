import type * as sdk from '@aws-sdk/client-dynamodb';
import { AwsError, type ClientSettings, isAwsError, JsonClient, type Service } from './json-client.ts';

export type BatchWriteItemInput = sdk.BatchWriteItemCommandInput;
export type QueryInput = sdk.QueryCommandInput;
export type TransactWriteItem = sdk.TransactWriteItem;
export type RawItem = Record<string, sdk.AttributeValue>;

const SERVICE: Service = {
  id: 'DYNAMODB',
  name: 'dynamodb',
  target: 'DynamoDB_20120810',
  jsonVersion: '1.0',
  retryDelayMilliseconds: 25,
};

/** Shapes as the SDK has them. Its binary attributes are text here; there are none in the table. */
type DynamoDbOperations = {
  readonly BatchGetItem: readonly [sdk.BatchGetItemCommandInput, Answer<sdk.BatchGetItemCommandOutput>];
  readonly BatchWriteItem: readonly [sdk.BatchWriteItemCommandInput, Answer<sdk.BatchWriteItemCommandOutput>];
  readonly GetItem: readonly [sdk.GetItemCommandInput, Answer<sdk.GetItemCommandOutput>];
  readonly PutItem: readonly [sdk.PutItemCommandInput, Answer<sdk.PutItemCommandOutput>];
  readonly Query: readonly [sdk.QueryCommandInput, Answer<sdk.QueryCommandOutput>];
  readonly TransactWriteItems: readonly [
    sdk.TransactWriteItemsCommandInput,
    Answer<sdk.TransactWriteItemsCommandOutput>,
  ];
  readonly UpdateItem: readonly [sdk.UpdateItemCommandInput, Answer<sdk.UpdateItemCommandOutput>];
};
type Answer<Output> = Omit<Output, '$metadata'>;

export type DynamoDbClient = JsonClient<DynamoDbOperations>;
export const dynamoDbClient = (settings: ClientSettings): DynamoDbClient => new JsonClient(SERVICE, settings);

/** The item as it was when a condition failed, where the call asked for it. */
export function standingItem(error: unknown): RawItem | undefined {
  return error instanceof AwsError ? (error.body.Item as RawItem | undefined) : undefined;
}

/** Of a cancelled transaction, the code of each write, in their order; undefined for any other error. */
export function cancellationCodes(error: unknown): readonly (string | undefined)[] | undefined {
  if (!isAwsError(error, 'TransactionCanceledException')) return undefined;
  const reasons = (error.body.CancellationReasons ?? []) as readonly { readonly Code?: string }[];
  return reasons.map(({ Code }) => Code);
}
