import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { CognitoClient } from '../../shared/aws/cognito.ts';
import { isAwsError } from '../../shared/aws/json-client.ts';
import { errorFields, logError, logInfo } from '../../shared/log.ts';
import { eachRecord } from '../../shared/stream.ts';

export type RetireDeps = { readonly client: CognitoClient; readonly poolId: string };

/**
 * A replaced password's Cognito user is disabled when its record is put or woken, and deleted when it expires:
 * until then a restore of the table to an earlier time can be followed by enabling it again.
 */
export function retireCredentials({ client, poolId }: RetireDeps) {
  return (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> =>
    eachRecord(
      event,
      async (record) => {
        const user = { UserPoolId: poolId, Username: cognitoUserOf(record) };
        if (record.eventName === 'REMOVE') {
          await unlessGone(client.call('AdminDeleteUser', user));
          logInfo('credential_deleted');
        } else {
          await unlessGone(client.call('AdminDisableUser', user));
          logInfo('credential_retired');
        }
      },
      (error) => logError('credential_failed', errorFields(error)),
    );
}

function cognitoUserOf({ dynamodb, eventName }: DynamoDBRecord): string {
  const image = eventName === 'REMOVE' ? dynamodb?.OldImage : dynamodb?.NewImage;
  const user = image?.type?.S === 'retired-credential' ? image.cognitoUser?.S : undefined;
  if (user === undefined) throw new Error('The record is not of a retired credential');
  return user;
}

/** Records may come twice, and the attempt behind one may have made no user. */
async function unlessGone(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!isAwsError(error, 'UserNotFoundException')) throw error;
  });
}
