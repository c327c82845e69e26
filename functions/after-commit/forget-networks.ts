import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import * as v from 'valibot';
import type { RawItem } from '../../shared/aws/dynamodb.ts';
import { errorFields, logError, logInfo } from '../../shared/log.ts';
import { parseShape } from '../../shared/shape.ts';
import { forgetProvenNetworks } from '../../shared/store/networks.ts';
import { eachRecord } from '../../shared/stream.ts';
import type { Deps } from './deps.ts';

const goneLogin = v.object({ type: v.literal('login'), tenant: v.string(), PK: v.string(), SK: v.string() });

/**
 * When a sign-in name is deleted, by a deletion or a rename, its proven networks are forgotten, so that the next account
 * of that name does not inherit them. Not in the transaction itself, since there may be more of them than it can hold.
 */
export function forgetNetworks({ table }: Pick<Deps, 'table'>) {
  return (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> =>
    eachRecord(
      event,
      async (record) => {
        const { login, goneAt } = goneLoginOf(record);
        await forgetProvenNetworks(table, login, goneAt);
        logInfo('networks_forgotten');
      },
      (error) => logError('networks_failed', errorFields(error)),
    );
}

function goneLoginOf({ dynamodb }: DynamoDBRecord) {
  const image = (dynamodb?.OldImage ?? {}) as RawItem;
  const goneAt = dynamodb?.ApproximateCreationDateTime;
  if (goneAt === undefined) throw new Error('The record does not say when');
  return { login: parseShape(goneLogin, unmarshall(image)), goneAt };
}
