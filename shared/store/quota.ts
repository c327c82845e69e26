import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { epochSeconds } from '../clock.ts';
import { errorFields, logError } from '../log.ts';
import { QUOTA_WINDOW_SECONDS, quotaWindow } from '../rules/quota.ts';
import { parseShape } from '../shape.ts';
import { quotaKey } from './keys.ts';
import { type Table, toAttributes } from './table.ts';

/** Calls of one account to one endpoint in one clock hour. */
const quotaItem = v.object({ calls: v.number() });

/**
 * Counts one call and answers how many this hour has seen. Undefined when it could not be counted: the quota is
 * for fairness and guards no secret, so a call is not lost for it.
 */
export async function countCall(
  table: Table,
  call: { readonly tenant: string; readonly employeeId: number; readonly operationId: string },
  now: Date,
): Promise<number | undefined> {
  const hour = quotaWindow(epochSeconds(now));
  try {
    const { Attributes } = await table.client.call('UpdateItem', {
      TableName: table.name,
      Key: toAttributes(quotaKey(call.tenant, call.employeeId, call.operationId, hour)),
      UpdateExpression: 'SET #schema = :schema, #type = :type, #expiresAt = :expiresAt ADD #calls :one',
      ExpressionAttributeNames: {
        '#schema': 'schema',
        '#type': 'type',
        '#expiresAt': 'expiresAt',
        '#calls': 'calls',
      },
      ExpressionAttributeValues: toAttributes({
        ':schema': 1,
        ':type': 'quota',
        ':expiresAt': (hour + 2) * QUOTA_WINDOW_SECONDS,
        ':one': 1,
      }),
      ReturnValues: 'UPDATED_NEW',
    });
    return parseShape(quotaItem, unmarshall(Attributes ?? {})).calls;
  } catch (error) {
    logError('quota_uncounted', errorFields(error));
    return undefined;
  }
}
