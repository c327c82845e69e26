import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { Deps } from './deps.ts';
import { forgetNetworks } from './forget-networks.ts';
import { sendOwedMails } from './send-owed-mails.ts';

/**
 * What the table still owes once a request was committed. The mails first: people wait for them.
 *
 * The stream's filter goes by `eventName`, too, which AWS shows in examples and says elsewhere that it does not heed: a
 * sign-in name that was changed may come, and owes nothing.
 */
export function afterCommit(deps: Deps) {
  return async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const written = Records.filter((record) => !isRemoval(record) && !isLogin(record));
    const mails = await sendOwedMails(deps)({ Records: written });
    const names = await forgetNetworks(deps)({ Records: Records.filter(isRemoval) });
    return { batchItemFailures: [...mails.batchItemFailures, ...names.batchItemFailures] };
  };
}

const isRemoval = ({ eventName }: DynamoDBRecord) => eventName === 'REMOVE';
const isLogin = ({ dynamodb }: DynamoDBRecord) => dynamodb?.NewImage?.type?.S === 'login';
