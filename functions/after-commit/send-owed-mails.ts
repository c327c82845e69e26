import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { errorFields, logError } from '../../shared/log.ts';
import { countMail } from '../../shared/metrics.ts';
import { readOwedMail } from '../../shared/store/outbox.ts';
import { eachRecord } from '../../shared/stream.ts';
import type { Deps } from './deps.ts';
import { sendAccountNotice } from './send-account-notice.ts';
import { sendGuessNotice } from './send-guess-notice.ts';
import { sendLink } from './send-link.ts';
import { sendPasswordNotice } from './send-password-notice.ts';

/**
 * Sends the mails that committed requests owe. Every refusal of SES fails the record, the lasting ones too: SES
 * answers MessageRejected alike for an address that is none, a sender not verified and an account in the
 * sandbox, and ops can mend the last two. The mail stays owed, so that the dead letter can be sent again (R7).
 */
export function sendOwedMails(deps: Deps) {
  return (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> =>
    eachRecord(
      event,
      async (record) => {
        const { type, id } = outboxOf(record);
        if (type === 'notice') return sendAccountNotice(deps, id, deps.clock());
        if (type === 'guess-notice') return sendGuessNotice(deps, id, deps.clock());
        const owed = await readOwedMail(deps.table, id);
        if (owed === undefined) return;
        const send = owed.reset.state === 'used' ? sendPasswordNotice : sendLink;
        await send(deps, owed, deps.clock());
      },
      (error, record) => {
        countMail('Failed');
        logError('mail_failed', { resetId: record.dynamodb?.NewImage?.id?.S, ...errorFields(error) });
      },
    );
}

type Outbox = { readonly type: 'reset' | 'notice' | 'guess-notice'; readonly id: string };

function outboxOf(record: DynamoDBRecord): Outbox {
  const image = record.dynamodb?.NewImage;
  const type = image?.type?.S;
  const id = image?.id?.S;
  if (id === undefined || (type !== 'reset' && type !== 'notice' && type !== 'guess-notice')) {
    throw new Error('The record owes no mail');
  }
  return { type, id };
}
