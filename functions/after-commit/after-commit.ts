import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { Deps } from './deps.ts';
import { forgetNetworks } from './forget-networks.ts';
import { sendOwedMails } from './send-owed-mails.ts';

/** What the table still owes once a request was committed. The mails first: people wait for them. */
export function afterCommit(deps: Deps) {
  return async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const mails = await sendOwedMails(deps)({ Records: Records.filter((record) => !isRemoval(record)) });
    const names = await forgetNetworks(deps)({ Records: Records.filter(isRemoval) });
    return { batchItemFailures: [...mails.batchItemFailures, ...names.batchItemFailures] };
  };
}

const isRemoval = ({ eventName }: DynamoDBStreamEvent['Records'][number]) => eventName === 'REMOVE';
